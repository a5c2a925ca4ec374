"""The gallery: its sections show every ground, both shapes and every sentence, measured."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[3] / "tools" / "gallery.py"


@pytest.fixture(scope="module")
def gallery() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gallery_tool", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", ["ur", "zh-Hans"])
def test_section_shows_grounds_shapes_and_sentences(gallery: ModuleType, language: str) -> None:
    html = gallery.section(language)
    told = re.findall(r'title="(\w+) (\w+) ink (\d+) px ([\d.]+):1"', html)
    assert {ground for ground, _, _, _ in told} == {"photo", "white", "noise"}
    assert {key for _, key, _, _ in told} >= {"label_short", "satire_label", "public_figure_label"}
    assert all(int(ink) >= 11 and float(contrast) >= 7 for _, _, ink, contrast in told)
    assert len(told) == 2 * (4 + 2)
    assert html.count("<audio") == 5

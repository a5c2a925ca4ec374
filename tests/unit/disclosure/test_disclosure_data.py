"""The data as a product: every row sourced, every string drawable, every file what its row says."""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from overt.disclosure import Catalogue
from overt.disclosure.fonts import Fonts
from overt.disclosure.label import LabelLine, draw
from overt.disclosure.wording import KINDS, LABELS
from overt.errors import StageError
from overt.tables import data_path, read_jsonl

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = Catalogue.packaged().languages
FONTS = Fonts()


def test_every_row_has_source_and_review_state() -> None:
    for row in read_jsonl(data_path("disclosure", "wording.jsonl")):
        assert row["source"]
        assert row["review"]
        assert row["confidence"] in ("high", "medium", "low")
        assert set(row["texts"]) <= set(LABELS)
        assert set(row["spoken"]) <= set(KINDS)
        assert {"label_short", "label_altered", "satire_label", "label_text"} <= set(row["texts"])
    for name in ("profiles.jsonl", "fonts.jsonl"):
        for row in read_jsonl(data_path("disclosure", name)):
            assert row.get("source") or row.get("sources")
    for row in read_jsonl(data_path("disclosure", "clips.jsonl")):
        assert row["engine"]
        assert row["voice"]
        assert row["licence"]
        assert "cer" in row


def test_at_least_seventy_languages_and_the_official_ones_of_the_union() -> None:
    tags = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt-PT ro sk sl sv"
    union = tags.split()
    assert set(union) <= set(LANGUAGES)
    assert len(LANGUAGES) >= 70


def test_catalogue_holds_what_is_kept_by_hand() -> None:
    rows = {row["language"]: row for row in read_jsonl(data_path("disclosure", "wording.jsonl"))}
    for added in read_jsonl(data_path("disclosure", "spoken.jsonl")):
        row = rows[added["language"]]
        for kind, text in added["spoken"].items():
            assert row["spoken"][kind] == text
        assert row["texts"]["label_voice"] == added["texts"]["label_voice"]


def test_names_stand_in_a_colon_form_once() -> None:
    for row in read_jsonl(data_path("disclosure", "wording.jsonl")):
        for key in ("public_figure_label", "authorized_voice_label"):
            assert row["texts"][key].count("{name}") == 1
        for key, text in row["texts"].items():
            assert ("{name}" in text) == (key in ("public_figure_label", "authorized_voice_label"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_has_its_glyphs(language: str) -> None:
    catalogue = Catalogue.packaged()
    for key in LABELS:
        word = catalogue.label(key, language)
        assert FONTS.covers(word.script, word.text.replace("{name}", "Ab 12")), key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [1080, 360])
def test_ink_stays_inside_the_pill(language: str, width: int) -> None:
    word = Catalogue.packaged().label("label_short", language)
    line = LabelLine(word.text, word.script, word.direction, language)
    art = draw([line], FONTS, max(11, width // 33), (round(width * 0.86), 400), floor_px=11)
    assert art is not None, "it fits on a portrait frame"
    ink = np.asarray(art.mask)
    assert ink.max() == 255
    assert ink[0].max() == ink[-1].max() == 0
    assert ink[:, 0].max() == ink[:, -1].max() == 0
    assert art.ink_px >= 11


def test_latin_inside_every_font() -> None:
    for row in read_jsonl(data_path("disclosure", "fonts.jsonl")):
        assert FONTS.covers(row["script"], "AIKIMT Generated 0123456789 Imran Khan"), row["script"]


def test_a_letter_that_no_font_has_is_found() -> None:
    assert not FONTS.covers("Latn", "漢")
    assert not FONTS.covers("Hans", "龘")


def test_fonts_are_what_their_rows_say_and_small() -> None:
    total = 0
    for row in read_jsonl(data_path("disclosure", "fonts.jsonl")):
        data = data_path("disclosure", "fonts", row["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"]
        assert row["licence"] == "OFL-1.1"
        total += len(data)
    assert total < 1_200_000
    assert data_path("disclosure", "fonts", "OFL.txt").exists()


def test_joined_letters_are_not_the_letters_one_by_one() -> None:
    """Urdu drawn without shaping is as wide as its letters apart; shaped, it is narrower."""
    from PIL import ImageFont

    text = "مصنوعی ذہانت"
    path = FONTS.path("Arab")
    shaped = ImageFont.truetype(path, 40, layout_engine=ImageFont.Layout.RAQM)
    apart = sum(shaped.getlength(letter) for letter in text)
    assert shaped.getlength(text, direction="rtl", language="ur") < apart * 0.9


def test_complex_scripts_are_refused_without_a_shaper(monkeypatch: pytest.MonkeyPatch) -> None:
    from overt.disclosure import fonts

    monkeypatch.setattr(fonts, "_has_raqm", lambda: False)
    with pytest.raises(StageError) as caught:
        Fonts().font("Arab", 20)
    assert caught.value.code == "disclose.no_shaper"
    Fonts().font("Latn", 20)


def test_languages_table_matches_the_catalogue() -> None:
    table = {row["language"]: row for row in read_jsonl(data_path("language", "languages.jsonl"))}
    for row in read_jsonl(data_path("disclosure", "wording.jsonl")):
        own = table.pop(row["language"])
        assert (own["script"], own["direction"]) == (row["script"], row["direction"])
    assert not table


def test_importing_loads_no_codec() -> None:
    import subprocess

    code = (
        "import sys, json, overt.disclosure, overt.language, overt.sniff\n"
        "print(json.dumps([m for m in ('PIL', 'soundfile', 'py3langid', 'pymediainfo',"
        " 'imageio_ffmpeg', 'scipy') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert json.loads(done.stdout) == []

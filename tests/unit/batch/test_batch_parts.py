"""Sources, names, the journal, keys, the pump: what a batch is made of, without a guard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_media import picture
from hypothesis import given
from hypothesis import strategies as st

from overt.batch.journal import ATTEMPTS, Journal
from overt.batch.lock import alone
from overt.batch.names import plain_name
from overt.batch.run import _pump, work_key
from overt.batch.sources import Found, ManifestFile, Tree, is_metadata
from overt.batch.tasks import Answer, Died, Identify, Task
from overt.config import DisclosureConfig, GuardConfig
from overt.effects.declaration import Declaration
from overt.effects.metadata import declared_for
from overt.errors import ConfigError
from overt.models import Extent

# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        pytest.param("a b.png", "a b.png", id="ordinary"),
        pytest.param("Žofia/über.png", "Žofia/über.png", id="letters of any script stay"),
        pytest.param("a\nb.png", "a[U+000A]b.png", id="newline"),
        pytest.param("gnp\u202e.exe", "gnp[U+202E].exe", id="right-to-left override"),
        pytest.param("a\u200fb/c\x7f.png", "a[U+200F]b/c[U+007F].png", id="mark and delete"),
        pytest.param("\udce9.png", "[U+DCE9].png", id="no UTF-8"),
    ],
)
def test_output_names_show_what_they_are(name: str, plain: str) -> None:
    assert plain_name(Path(name)) == Path(plain)


@given(
    st.text(min_size=1).filter(lambda t: "/" not in t and "\0" not in t and t not in (".", ".."))
)
def test_no_output_name_has_a_control_or_bidi_character(name: str) -> None:
    shown = str(plain_name(Path(name)))
    assert shown.isprintable() or all(ord(x) >= 32 for x in shown)
    assert not set(shown) & set(
        "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2069"
    )
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("name", "belongs"),
    [("overt.yaml", True), ("a.png.overt.yaml", True), ("a.txt.c2pa", True), ("a.yaml", False)],
)
def test_metadata_is_no_asset(name: str, belongs: bool) -> None:
    assert is_metadata(name) is belongs


# --- sources -------------------------------------------------------------------------------------


def test_a_tree_is_walked_in_the_same_order_and_only_once(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", "c/d.png", ".overt-x/hidden.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = [(str(one.name), one.code) for one in Tree(tmp_path, {}).found()]
    assert found == [("a.png", None), ("b.png", None), ("c/d.png", None), ("loop", "batch.link")]


@pytest.mark.parametrize(
    "line",
    ["[]", "{}", '{"input": 3}', '{"input": ""}', '{"input": "a\\u0000b"}', "\xff", '{"input":'],
)
def test_a_bad_manifest_line_has_its_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / "m.jsonl"
    file.write_bytes(b'{"input": "a.png"}\n\n' + line.encode("latin-1") + b"\n")
    with pytest.raises(ConfigError) as broken:
        ManifestFile(file, {})
    assert broken.value.code == "batch.manifest"
    assert "line 2" in str(broken.value), "blank lines are no inputs"


def test_a_manifests_plates_count_from_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    file.write_text(json.dumps({"input": "a.png", "plate": "p.png", "elements": ["e.png"]}))
    source = ManifestFile(file, {"extent": "minor"})
    declared = source.declaration(tmp_path / "a.png", 0)
    assert (declared.plate, declared.elements) == (tmp_path / "p.png", (tmp_path / "e.png",))
    assert declared.extent is Extent.MINOR


def test_what_lies_beside_an_asset_holds_for_a_manifest_too(tmp_path: Path) -> None:
    (tmp_path / "overt.yaml").write_text("cast: [actor-7]\nextent: wholly_generated\n")
    (tmp_path / "deep").mkdir()
    file = tmp_path / "m.jsonl"
    file.write_text(json.dumps({"input": "deep/a.png", "extent": "significant"}))
    declared = ManifestFile(file, {"extent": "minor"}).declaration(tmp_path / "deep/a.png", 0)
    assert (declared.cast, declared.extent) == (("actor-7",), Extent.SIGNIFICANT)


def test_a_part_of_a_production_is_declared_by_the_whole(tmp_path: Path) -> None:
    (tmp_path / "overt.yaml").write_text("cast: [actor-7]\n")
    (tmp_path / "scene").mkdir()
    tree = Tree(tmp_path / "scene", {}, declared_for)
    assert tree.declaration(tmp_path / "scene/a.png", 0).cast == ("actor-7",)


def test_frames_are_a_line_of_a_manifest(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for number in (1001, 1002):
            (tmp_path / f"{folder}/s.{number}.png").write_bytes(picture(number, (32, 32)))
    (tmp_path / "b/overt.yaml").write_text("delivery: master\nshot: '0020'\n")
    rows = [
        {"input": "a/s.%04d.png", "delivery": "master", "output": "s/m.json", "shot": "0010"},
        {"input": "b/s.####.png"},
        {"input": "a/s.%04d.png"},
        {"input": "b/none.%04d.png"},
        {"input": "b/s.%04d.png", "output": "../up.json"},
    ]
    file = tmp_path / "m.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = ManifestFile(file, {})
    found = list(source.found())
    assert [(str(one.name), one.code) for one in found] == [
        ("s/m.json", None),
        ("b/s.overt-sequence.json", None),
        ("a/s.%04d.png", "batch.frames_no_master"),
        ("b/none.%04d.png", "effects.frames"),
        ("s.%04d.png", "batch.output_outside"),
    ]
    shots = [source.declaration(one.path, one.place).shot for one in found[:3]]
    assert shots == ["0010", "0020", None]


# --- keys ----------------------------------------------------------------------------------------


def test_a_work_is_the_asset_the_policy_and_what_is_declared() -> None:
    config = GuardConfig()
    profile = GuardConfig(disclosure=DisclosureConfig(profiles=("eu-art50",)))
    keys = [
        work_key("d", "p", Declaration(), config),
        work_key("e", "p", Declaration(), config),
        work_key("d", "q", Declaration(), config),
        work_key("d", "p", Declaration(extent=Extent.MINOR), config),
        work_key("d", "p", Declaration(figures=("Jane Roe",)), config),
        work_key("d", "p", Declaration(profiles=("eu-art50",)), config),
        work_key("d", "p", Declaration(), profile),
    ]
    assert len(set(keys)) == len(keys)
    assert keys[0] == work_key("d", "p", Declaration(), GuardConfig())


# --- the journal ---------------------------------------------------------------------------------


def _journal(folder: Path, *names: str) -> Journal:
    journal = Journal.of(folder, dry=False)
    journal.plan((Found(folder / name, Path(name)) for name in names), reserved=("report.jsonl",))
    return journal


def test_names_that_fall_together_are_kept_apart(tmp_path: Path) -> None:
    journal = _journal(tmp_path, "a.png", "report.jsonl", "x\n", "x[U+000A]")
    names = [str(item.name) for item in journal.items()]
    assert names == ["a.png", "report~2.jsonl", "x[U+000A]", "x[U+000A]~2"]
    journal.close()


def test_works_outlive_runs_and_items_do_not(tmp_path: Path) -> None:
    journal = _journal(tmp_path, "a.png", "b.png")
    journal.identified(1, "d", 3, "image/png", "k", "p")
    journal.identified(2, "d", 3, "image/png", "k", "p")
    assert [item.seq for item in journal.firsts()] == [1], "one work, though two paths"
    journal.done("k", Path("a.png"), {"outcome": "allow", "digest": "o", "size": 9})
    journal.close()
    journal = _journal(tmp_path, "c.png")
    assert [str(item.name) for item in journal.items()] == ["c.png"]
    work = journal.work("k")
    assert (work.outcome, work.name, work.answer["size"]) == ("allow", Path("a.png"), 9)
    journal.close()


def test_failures_and_deaths_add_up_until_retry(tmp_path: Path) -> None:
    journal = _journal(tmp_path, "a.png")
    journal.identified(1, "d", 3, "image/png", "k", "p")
    for count in range(1, ATTEMPTS + 1):
        assert journal.lost("k") == count
    journal.retry()
    assert journal.work("k").attempts == 0
    journal.done("k", Path("a.png"), {"outcome": "failed", "code": "output.io"})
    assert journal.work("k").attempts == 1
    journal.done("k", Path("a.png"), {"outcome": "allow"})
    assert journal.work("k").attempts == 0
    journal.close()


def test_a_journal_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"this is no database, but it is long enough" * 40)
    with pytest.raises(ConfigError) as broken:
        Journal.of(tmp_path, dry=False)
    assert broken.value.code == "batch.journal"


def test_pages_of_items_may_be_written_while_they_are_read(tmp_path: Path) -> None:
    journal = _journal(tmp_path, *(f"{n}.png" for n in range(600)))
    seen = 0
    for item in journal.items("pending"):
        journal.passed_over(item.seq, "skipped", "x")
        seen += 1
    assert (seen, journal.count("pending")) == (600, 0)
    journal.close()


# --- the lock and the pump -----------------------------------------------------------------------


def test_a_folder_is_one_batchs(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(ConfigError) as busy, alone(tmp_path):
        pass
    assert busy.value.code == "batch.busy"
    with alone(tmp_path):
        assert (tmp_path / ".overt-batch").is_dir()


class _Engine:
    """Two workers, of which the first task given to each dies."""

    def __init__(self) -> None:
        self.running: list[Task] = []
        self.most = 0
        self.seen: set[Any] = set()

    def free(self) -> int:
        return 2 - len(self.running)

    def busy(self) -> int:
        return len(self.running)

    def give(self, task: Task) -> None:
        self.running.append(task)
        self.most = max(self.most, len(self.running))

    def take(self) -> Iterator[tuple[Task, Answer | Died]]:
        task = self.running.pop(0)
        first = task not in self.seen
        self.seen.add(task)
        yield task, Died("batch.worker_died") if first else {"ok": True}

    def close(self) -> None:
        pass


def test_tasks_that_are_given_back_are_done_and_no_more_are_drawn_than_fit() -> None:
    engine, done, drawn = _Engine(), [], 0

    def tasks() -> Iterator[Task]:
        nonlocal drawn
        for number in range(7):
            drawn += 1
            assert drawn - len(done) <= 4, "drawn ahead of the workers"
            yield Identify(((number, Path()),))

    def ended(task: Task, answer: Answer | Died) -> list[Task]:
        if isinstance(answer, Died):
            return [task]
        done.append(task)
        return []

    _pump(engine, tasks(), ended)
    assert len(done) == len(set(done)) == 7
    assert engine.most == 2

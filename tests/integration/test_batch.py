"""`overt batch` on real files: each once, bad trees, resuming, kill -9."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from batch_media import InlineEngine, house, leaves, picture, report, tree

from conftest import command
from overt.batch.files import identity
from overt.batch.local import LocalEngine
from overt.batch.report import Summary
from overt.batch.run import Batch
from overt.batch.sources import ManifestFile, Tree, check_folders
from overt.batch.tasks import Died, Engine, Identify, Mark, Settings
from overt.config import load_config
from overt.errors import ConfigError
from overt.guard import Guard
from overt.inspect import verify_folder

LIMIT_S = 300.0


def run(config: Path, source: Path, out: Path, *, workers: int = 0, **how: object) -> Summary:
    """A batch with workers of its own, or without any in this process, which is quicker."""
    inputs = Tree(source, {}) if source.is_dir() else ManifestFile(source, {})

    def engine(settings: Settings) -> Engine:
        return LocalEngine(settings, workers, LIMIT_S) if workers else InlineEngine(settings)

    return Batch(inputs, out, load_config(config), engine, **how).run()  # type: ignore[arg-type]


def digests(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def released(config: Path) -> Counter[str]:
    return Counter(entry["type"] for entry in leaves(config))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return house(tmp_path_factory.mktemp("house"))


def test_every_asset_once_and_a_second_run_makes_nothing(tmp_path: Path) -> None:
    config = house(tmp_path / "house")
    files = tree(tmp_path / "in", 4)
    before = digests(tmp_path / "in")
    summary = run(config, tmp_path / "in", tmp_path / "out", workers=2)
    assert (summary.total, summary.made) == (len(files), len(files))
    rows = report(tmp_path / "out")
    assert {row["outcome"] for row in rows.values()} == {"allow"}
    assert digests(tmp_path / "in") == before, "a source was touched"
    count = released(config)["released"]
    assert count == len(files)

    again = run(config, tmp_path / "in", tmp_path / "out")
    assert (again.total, again.made) == (len(files), 0)
    assert report(tmp_path / "out") == rows
    assert released(config)["released"] == count
    root = (config.parent / ".overt/identity/root.pem").read_bytes()
    (tmp_path / "out/report.jsonl").unlink()
    found = [
        one for one in verify_folder(tmp_path / "out", trust=root) if ".overt-" not in str(one.file)
    ]
    assert len(found) == len(files)
    assert all(not one.problems for one in found), [one.problems for one in found]


def test_bad_trees_have_a_rule_each(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "b").mkdir(parents=True)
    (folder / "a.png").write_bytes(picture(1))
    (folder / "b/same.png").write_bytes(picture(1))
    (folder / "new\nline.png").write_bytes(picture(2))
    (folder / "gnp\u202e.png").write_bytes(picture(3))
    (folder / os.fsdecode(b"latin-\xe9.png")).write_bytes(picture(4))
    (folder / "half.png").write_bytes(picture(5)[:300])
    (folder / "empty.png").write_bytes(b"")
    (folder / "unknown.bin").write_bytes(b"\x00\x01\x02\x03")
    (folder / "overt.yaml").write_text("")
    (folder / "report.jsonl").write_text('{"not": "ours"}\n')
    (folder / "inside").symlink_to(folder / "a.png")
    (folder / "around").symlink_to(folder)
    (folder / "outside").symlink_to("/etc/hostname")
    (folder / "nowhere").symlink_to(folder / "gone")
    os.mkfifo(folder / "pipe")

    run(config, folder, tmp_path / "out")

    rows = report(tmp_path / "out")
    codes = {name: (row["outcome"], row.get("code")) for name, row in rows.items()}
    assert codes == {
        "a.png": ("allow", None),
        "same.png": ("allow", "batch.duplicate"),
        "new\nline.png": ("allow", None),
        "gnp\u202e.png": ("allow", None),
        "latin-\udce9.png": ("allow", None),
        "half.png": ("failed", "output.truncated"),
        "empty.png": ("skipped", "input.empty"),
        "unknown.bin": ("skipped", "input.unknown_type"),
        "report.jsonl": ("allow", None),
        "inside": ("skipped", "batch.link"),
        "around": ("skipped", "batch.link"),
        "outside": ("skipped", "batch.link_outside"),
        "nowhere": ("skipped", "batch.link_broken"),
        "pipe": ("skipped", "batch.not_a_file"),
    }
    out = tmp_path / "out"
    assert rows["new\nline.png"]["output"] == str(out / "new[U+000A]line.png")
    assert rows["gnp\u202e.png"]["output"] == str(out / "gnp[U+202E].png")
    assert rows["latin-\udce9.png"]["output"] == str(out / "latin-[U+DCE9].png")
    assert rows["report.jsonl"]["output"] == str(out / "report~2.jsonl")
    assert rows["same.png"]["record"] == rows["a.png"]["record"]
    assert (out / "b/same.png").read_bytes() == (out / "a.png").read_bytes()
    for row in rows.values():
        assert row["output"] is None or Path(row["output"]).is_file()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_and_folder_are_failures(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "shut").mkdir(parents=True)
    (folder / "a.png").write_bytes(picture(1))
    (folder / "a.png").chmod(0)
    (folder / "shut").chmod(0)
    try:
        run(config, folder, tmp_path / "out")
    finally:
        (folder / "shut").chmod(0o700)
    rows = report(tmp_path / "out")
    assert {(row["outcome"], row["code"]) for row in rows.values()} == {
        ("failed", "batch.unreadable")
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="the test before this one has seen it")
def test_what_may_not_be_read_is_a_failure_for_root_too() -> None:
    """The same for who is root, with the rights of nobody while it looks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "shut").mkdir(mode=0)
        for one, mode in (("a.txt", 0), ("b.txt", 0o644)):
            (folder / one).write_text("words")
            (folder / one).chmod(mode)
        os.seteuid(65534)
        try:
            found = list(Tree(folder, {}).found())
            seen = [identity(folder / one)[:2] for one in ("a.txt", "b.txt")]
        finally:
            os.seteuid(0)
    assert [(one.path.name, one.outcome, one.code) for one in found] == [
        ("a.txt", "pending", None),
        ("b.txt", "pending", None),
        ("shut", "failed", "batch.unreadable"),
    ]
    assert (seen[0], seen[1][0]) == (("failed", "batch.unreadable"), "ok")


@pytest.mark.parametrize(
    ("source", "out", "code"),
    [
        pytest.param("a", "a/out", "batch.output_inside_input", id="output inside input"),
        pytest.param("a", "a", "batch.output_inside_input", id="the same folder"),
        pytest.param("a/b", "a", "batch.input_inside_output", id="input inside output"),
        pytest.param("link", "a/out", "batch.output_inside_input", id="through a link"),
    ],
)
def test_folders_that_overlap_are_refused(tmp_path: Path, source: str, out: str, code: str) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with pytest.raises(ConfigError) as refused:
        check_folders(tmp_path / source, tmp_path / out)
    assert refused.value.code == code


def test_a_manifest_names_files_and_declares(config: Path, tmp_path: Path) -> None:
    (tmp_path / "plates").mkdir()
    for seed in range(3):
        (tmp_path / f"plates/{seed}.png").write_bytes(picture(40 + seed))
    lines = [
        {"input": "plates/0.png", "extent": "minor"},
        {"input": "plates/1.png", "output": "one.png", "extent": "significant", "shot": "0010"},
        {"input": "plates/2.png", "figure": "Somebody Private", "extent": "wholly_generated",
         "realism": "photoreal"},
        {"input": "plates/2.png", "extent": "enormous"},
        {"input": "plates/3.png"},
        {"input": "plates/0.png", "output": "../escape.png"},
        {"input": "plates/0.png", "output": ".overt-batch/journal.db"},
    ]  # fmt: skip
    file = tmp_path / "assets.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n")
    run(config, file, tmp_path / "out")
    rows = [json.loads(x) for x in (tmp_path / "out/report.jsonl").read_text().splitlines()]
    assert [(row["outcome"], row.get("code")) for row in rows] == [
        ("allow", None),
        ("allow", None),
        ("consent", rows[2]["code"]),
        ("failed", "declaration.invalid"),
        ("failed", "batch.missing"),
        ("failed", "batch.output_outside"),
        ("failed", "batch.output_outside"),
    ]
    assert rows[2]["subjects"]
    assert (tmp_path / "out/one.png").is_file()
    assert "Somebody" not in (tmp_path / "out/report.jsonl").read_text()
    for file in (tmp_path / "out/.overt-batch").rglob("*"):
        assert not file.is_file() or b"Somebody" not in file.read_bytes(), file


def test_a_broken_manifest_stops_before_anything(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "assets.jsonl"
    file.write_text('{"input": "a.png"}\nnot json\n')
    with pytest.raises(ConfigError) as refused:
        run(config, file, tmp_path / "out")
    assert refused.value.code == "batch.manifest"
    assert "line 2" in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_a_dry_run_makes_and_records_nothing(config: Path, tmp_path: Path) -> None:
    tree(tmp_path / "in", 2)
    Guard.open(load_config(config)).close()  # the first opening records which policy it found
    before = len(leaves(config))
    summary = run(config, tmp_path / "in", tmp_path / "out", dry=True)
    assert len(leaves(config)) == before
    assert summary.outcomes == {"allow": 5}
    assert (summary.cost["signatures"], summary.cost["ledger_entries"]) == (5, 10)
    rows = report(tmp_path / "out")
    assert all(row["dry_run"] and row["output"] is None for row in rows.values())
    assert [p.name for p in (tmp_path / "out").iterdir() if not p.name.startswith(".")] == [
        "report.jsonl"
    ]
    run(config, tmp_path / "in", tmp_path / "out")
    real = report(tmp_path / "out")
    run(config, tmp_path / "in", tmp_path / "out", dry=True)
    assert report(tmp_path / "out") == real, "a dry run must not replace a real report"
    assert len(report(tmp_path / "out", "dry-run.jsonl")) == 5


def test_a_file_that_is_not_ours_is_never_replaced(config: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in/a.png").write_bytes(picture(70))
    (tmp_path / "out/a.png").write_bytes(b"somebody's")
    run(config, tmp_path / "in", tmp_path / "out")
    row = report(tmp_path / "out")["a.png"]
    assert (row["outcome"], row["code"]) == ("failed", "batch.output_exists")
    assert (tmp_path / "out/a.png").read_bytes() == b"somebody's"


def test_a_changed_source_is_a_new_work(config: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.png").write_bytes(picture(71))
    run(config, tmp_path / "in", tmp_path / "out")
    first = (tmp_path / "out/a.png").read_bytes()
    (tmp_path / "in/a.png").write_bytes(picture(72))
    assert run(config, tmp_path / "in", tmp_path / "out").made == 1
    assert (tmp_path / "out/a.png").read_bytes() != first


def test_a_source_that_changes_during_the_run_is_not_marked(config: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    target = tmp_path / "in/a.png"
    target.write_bytes(picture(73))

    def change(stage: str, done: int, total: int) -> None:
        if stage == "identify":
            target.write_bytes(picture(74))

    run(config, tmp_path / "in", tmp_path / "out", progress=change)
    row = report(tmp_path / "out")["a.png"]
    assert (row["outcome"], row["code"]) == ("failed", "batch.source_changed")
    assert not (tmp_path / "out/a.png").exists()


@pytest.mark.parametrize("now", ["extent: minor\n", "{"], ids=["another", "broken"])
def test_a_declaration_that_changes_during_the_run_is_not_used(
    config: Path, tmp_path: Path, now: str
) -> None:
    from overt.effects.metadata import declared_for

    source = tmp_path / "in"
    source.mkdir()
    for name in ("a.png", "b.png"):  # the same asset twice is one work
        (source / name).write_bytes(picture(700 + len(now)))
    said = source / "overt.yaml"
    said.write_text("extent: significant\n")

    def change(stage: str, done: int, total: int) -> None:
        if stage == "identify":
            said.write_text(now)

    def again(**how: object) -> Summary:
        inputs = Tree(source, {}, declared_for)
        return Batch(inputs, tmp_path / "out", load_config(config), InlineEngine, **how).run()  # type: ignore[arg-type]

    before = released(config)["decision"]
    assert again(progress=change).outcomes == {"failed": 2}
    codes = {row["code"] for row in report(tmp_path / "out").values()}
    assert codes == {"batch.declaration_changed"}
    assert released(config)["decision"] == before
    said.write_text("extent: significant\n")
    assert again().outcomes == {"allow": 2}


def test_two_batches_at_once_into_one_folder(config: Path, tmp_path: Path) -> None:
    tree(tmp_path / "in", 2, others=False)
    refused: list[ConfigError] = []

    def second(stage: str, done: int, total: int) -> None:
        if not refused:
            with pytest.raises(ConfigError) as busy:
                run(config, tmp_path / "in", tmp_path / "out")
            refused.append(busy.value)

    run(config, tmp_path / "in", tmp_path / "out", progress=second)
    assert [error.code for error in refused] == ["batch.busy"]
    assert Counter(row["outcome"] for row in report(tmp_path / "out").values()) == {"allow": 2}


def test_a_lost_output_is_made_again(config: Path, tmp_path: Path) -> None:
    tree(tmp_path / "in", 2, others=False)
    run(config, tmp_path / "in", tmp_path / "out")
    (tmp_path / "out/p000.png").unlink()
    assert run(config, tmp_path / "in", tmp_path / "out").made == 1
    assert (tmp_path / "out/p000.png").is_file()


def test_a_held_asset_opens_one_ticket_and_goes_on_when_approved(tmp_path: Path) -> None:

    config = house(tmp_path / "house")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.png").write_bytes(picture(80))
    file = tmp_path / "in.jsonl"
    note = "photo of a polling station that is closed on election day, voters turned away"
    row = {"input": "in/a.png", "extent": "wholly_generated", "realism": "photoreal", "note": note}
    file.write_text(json.dumps(row) + "\n")
    run(config, file, tmp_path / "out")
    first = report(tmp_path / "out")["a.png"]
    assert first["outcome"] == "review", "this test needs a note that a person is to judge"
    run(config, file, tmp_path / "out")
    assert report(tmp_path / "out")["a.png"]["ticket"] == first["ticket"]
    with Guard.open(config) as guard:
        queue = guard._parts.queue()
        tickets = queue.list()
        assert [ticket.id for ticket in tickets] == [first["ticket"]]
        for reviewer in ("r-1", "r-2")[: tickets[0].reviewers]:
            taken = queue.claim(reviewer, first["ticket"])
            queue.decide(
                first["ticket"],
                taken.token,
                reviewer,
                approve=True,
                code="review.clear",
                rules=list(tickets[0].rules),
                text="fiction",
            )
    run(config, file, tmp_path / "out")
    assert report(tmp_path / "out")["a.png"]["outcome"] in ("allow", "label")
    assert (tmp_path / "out/in/a.png").is_file()


@pytest.mark.parametrize("point", ["answered", "moved", "recorded"])
def test_a_worker_killed_after_the_release_leaves_enough(
    config: Path, tmp_path: Path, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before it could answer, before it moved the asset, before it noted the result."""
    from overt.batch import worker

    (tmp_path / "in").mkdir()
    data = picture(400 + len(point))
    (tmp_path / "in/a.png").write_bytes(data)
    before = Counter(entry["type"] for entry in leaves(config))["released"]

    class KilledError(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise KilledError

    real = worker.Worker._deliver

    def moved(stage: Path, result: worker.Answer, target: Path) -> None:
        real(stage, result, target)
        raise KilledError

    with monkeypatch.context() as patch:
        if point == "answered":
            patch.setattr(worker.Worker, "_deliver", staticmethod(moved))
        elif point == "moved":
            patch.setattr(worker.Worker, "_deliver", staticmethod(die))
        else:
            patch.setattr(worker, "write_whole", die)
        with pytest.raises(KilledError):
            run(config, tmp_path / "in", tmp_path / "out")
    run(config, tmp_path / "in", tmp_path / "out")
    after = Counter(entry["type"] for entry in leaves(config))["released"]
    assert after == before + 1, "released twice"
    assert report(tmp_path / "out")["a.png"]["outcome"] == "allow"
    assert (tmp_path / "out/a.png").is_file()
    assert not list((tmp_path / "out/.overt-batch/work").iterdir())


def test_the_command_reads_declarations_beside_the_assets(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in/act2"
    folder.mkdir(parents=True)
    for seed in (1, 2):
        (folder / f"{seed}.png").write_bytes(picture(500 + seed))
    (folder / "overt.yaml").write_text("extent: minor\nfiles:\n  '2.png': {plate: 1.png}\n")
    arguments = ["batch", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--workers", "1"]
    done = command(*arguments, "--json", cwd=config.parent)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["inputs"] == 2
    rows = report(tmp_path / "out")
    assert (rows["1.png"]["outcome"], rows["2.png"]["outcome"]) == ("allow", "review")
    assert rows["2.png"]["code"] == "effects.extent_understated"
    inside = command("batch", str(tmp_path / "in"), "--out", str(folder), cwd=config.parent)
    assert inside.returncode == 1
    assert "[batch.output_inside_input]" in inside.stderr


# --- kill -9 -----------------------------------------------------------------------------------


def _children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(one) for one in found.stdout.split()]


def _kill_rounds(config: Path, tmp_path: Path, count: int, kills: int, seed: int) -> None:
    files = tree(tmp_path / "in", count)
    out, rng = tmp_path / "out", random.Random(seed)
    program = [sys.executable, "-m", "overt", "batch", str(tmp_path / "in"), "--out", str(out),
               "--workers", "2", "--config", str(config)]  # fmt: skip
    done = 0
    while done < kills:
        process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        work = out / ".overt-batch/work"
        seen: set[str] = set()
        while process.poll() is None and done < kills:
            until = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < until:
                under_way = {one.name for one in work.iterdir()} if work.exists() else set()
                if under_way - seen:  # marking goes on; what a dead worker left is no sign of it
                    break
                time.sleep(0.005)
            seen |= under_way
            time.sleep(rng.uniform(0, 0.4))
            workers = _children(process.pid)
            victim = process.pid if rng.random() < 0.4 or not workers else rng.choice(workers)
            try:
                os.kill(victim, signal.SIGKILL)
                done += 1
            except ProcessLookupError:
                break
            if victim == process.pid:
                break
        process.wait()
        assert process.stderr is not None
        with process.stderr:
            said = process.stderr.read()
        assert process.returncode in (0, -signal.SIGKILL), said
        if process.returncode == 0:
            break
    final = subprocess.run([*program, "--retry", "--strict"], capture_output=True, text=True)
    assert final.returncode == 0, final.stderr
    _check_complete(config, tmp_path, [path.name for path in files])


def _check_complete(config: Path, tmp_path: Path, names: list[str]) -> None:
    """The final set is complete, each item is released exactly once, and every file verifies."""
    import hashlib

    rows = report(tmp_path / "out")
    assert sorted(rows) == sorted(names)
    made = {hashlib.sha256(Path(r["output"]).read_bytes()).hexdigest() for r in rows.values()}
    entries = leaves(config)
    recorded = [one for entry in entries if entry["type"] == "released" for one in entry["assets"]]
    assert sorted(recorded) == sorted(made), "something was released twice, or not at all"
    closed = [entry["id"] for entry in entries if entry["type"] in ("released", "failed")]
    assert len(closed) == len(set(closed))
    assert not list((tmp_path / "out/.overt-batch/work").iterdir())
    root = (config.parent / ".overt/identity/root.pem").read_bytes()
    for one in verify_folder(tmp_path / "out", trust=root):
        name = Path(str(one.file))
        if ".overt-batch" in name.parts or name.name == "report.jsonl":
            continue
        assert not one.problems, (name, one.problems)


def test_kill_9_of_coordinator_and_workers(tmp_path: Path) -> None:
    _kill_rounds(house(tmp_path / "house"), tmp_path, count=10, kills=3, seed=7)


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads /proc")
def test_a_worker_killed_while_it_starts_is_started_again(config: Path, tmp_path: Path) -> None:
    files = tree(tmp_path / "in", 2, others=False)
    program = [sys.executable, "-m", "overt", "batch", str(tmp_path / "in"), "--out",
               str(tmp_path / "out"), "--workers", "1", "--config", str(config)]  # fmt: skip
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    workers: list[int] = []
    while not workers and time.monotonic() < until:
        children = ((one, Path(f"/proc/{one}/cmdline")) for one in _children(process.pid))
        workers = [one for one, line in children if b"spawn_main" in line.read_bytes()]
    os.kill(workers[0], signal.SIGKILL)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert sorted(report(tmp_path / "out")) == sorted(path.name for path in files)


@pytest.mark.slow
def test_kill_9_at_fifty_random_points(tmp_path: Path) -> None:
    _kill_rounds(house(tmp_path / "house"), tmp_path, count=240, kills=50, seed=2026)


def test_workers_end_with_their_coordinator(config: Path, tmp_path: Path) -> None:
    tree(tmp_path / "in", 12, others=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "overt", "batch", str(tmp_path / "in"), "--out",
         str(tmp_path / "out"), "--workers", "1", "--config", str(config)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        workers: list[int] = []
        until = time.monotonic() + 60
        while time.monotonic() < until and not (tmp_path / "out/.overt-batch/work").exists():
            time.sleep(0.02)
        workers = _children(process.pid)
        assert workers
    finally:
        process.kill()
        process.wait()
    until = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


# --- masters, timelines, effects -----------------------------------------------------------------


def _studio(folder: Path) -> Path:
    """A tree with a movie and frames that are masters, and a deliverable."""
    from effects_media import CODECS, frames, movie, scene

    tree(folder, 1, others=False)
    (folder / "m").mkdir()
    movie(folder / "m/cut.mov", scene(4), CODECS["prores.mov"])
    movie(folder / "m/cut.mxf", scene(4), CODECS["dnxhr.mxf"])
    frames(folder / "m", scene(4), ".exr")
    (folder / "m/overt.yaml").write_text("delivery: master\nproduction: P1\nextent: significant\n")
    return folder


def test_masters_and_deliverables_of_one_tree(tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    from overt.effects.master import check
    from overt.effects.metadata import declared_for

    config, source, out = house(tmp_path / "house"), _studio(tmp_path / "in"), tmp_path / "out"
    before = digests(source)

    def again(**how: object) -> Summary:
        inputs = Tree(source, {}, declared_for)
        return Batch(inputs, out, load_config(config), InlineEngine, **how).run()  # type: ignore[arg-type]

    assert again(dry=True).outcomes == {"allow": 4, "skipped": 4}
    done = again()
    assert (done.made, done.outcomes) == (4, {"allow": 4, "skipped": 4})
    assert digests(source) == before, "a source was touched"
    rows = report(out)
    assert {name: row.get("code") for name, row in rows.items()} == {
        "p000.png": None,
        "cut.mov": None,
        "cut.mxf": None,
        "s_%04d.exr": None,
        **{f"s_{number}.exr": "batch.frame" for number in range(1001, 1005)},
    }
    manifests = [Path(rows[name]["output"]) for name in ("cut.mov", "cut.mxf", "s_%04d.exr")]
    assert [path.relative_to(out) for path in manifests] == [
        Path("m/cut.mov.overt-master.json"),
        Path("m/cut.mxf.overt-master.json"),
        Path("m/s.overt-sequence.json"),
    ]
    assert [check(path, source / "m") for path in manifests] == [[], [], []]
    assert sorted(p.name for p in (out / "m").iterdir()) == sorted(
        name for path in manifests for name in (path.name, path.name + ".c2pa")
    )
    count = released(config)["released"]
    assert count == 4
    assert (again().made, released(config)["released"]) == (0, count)

    frame = source / "m/s_1002.exr"
    frame.write_bytes((source / "m/s_1003.exr").read_bytes())
    assert again().made == 1, "a master with another frame is another work"


def test_a_single_picture_is_a_master_where_it_says_so(tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    from effects_media import frames, scene

    from overt.effects.master import check
    from overt.effects.metadata import declared_for

    config, source, out = house(tmp_path / "house"), tmp_path / "in", tmp_path / "out"
    for folder, suffix in (("m", ".exr"), ("m", ".png"), ("d", ".exr"), ("d", ".png")):
        frames(source / folder, scene(1), suffix)
    (source / "m/overt.yaml").write_text("delivery: master\n")
    for dry in (True, False):
        inputs = Tree(source, {}, declared_for)
        Batch(inputs, out, load_config(config), InlineEngine, dry=dry).run()
        rows = {
            str(Path(row["input"]).relative_to(source)): (row["outcome"], row.get("code"))
            for row in map(json.loads, (out / "report.jsonl").read_text().splitlines())
        }
        assert rows == {
            "m/s_1001.exr": ("allow", None),
            "m/s_1001.png": ("allow", None),
            "d/s_1001.exr": ("skipped", "input.unknown_type"),
            "d/s_1001.png": ("allow", None),
        }
    for name in ("s_1001.exr", "s_1001.png"):
        assert check(out / f"m/{name}.overt-master.json", source / "m") == []
    assert (out / "d/s_1001.png").is_file()


def test_a_master_that_changes_during_the_run_is_not_signed(tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    from overt.effects.metadata import declared_for

    config, source = house(tmp_path / "house"), _studio(tmp_path / "in")

    def change(stage: str, done: int, total: int) -> None:
        if stage == "identify":
            (source / "m/s_1002.exr").write_bytes((source / "m/s_1003.exr").read_bytes())

    Batch(
        Tree(source, {}, declared_for), tmp_path / "out", load_config(config), InlineEngine,
        progress=change,
    ).run()  # fmt: skip
    row = report(tmp_path / "out")["s_%04d.exr"]
    assert (row["outcome"], row["code"]) == ("failed", "batch.source_changed")


def test_a_timeline_is_a_batch(config: Path, tmp_path: Path) -> None:
    for seed in (1, 2, 3):
        (tmp_path / f"{seed}.png").write_bytes(picture(600 + seed))
    clips = [
        {
            "OTIO_SCHEMA": "Clip.2",
            "name": shot,
            "metadata": {"overt": said},
            "media_references": {"DEFAULT_MEDIA": {"target_url": file}},
            "active_media_reference_key": "DEFAULT_MEDIA",
        }
        for shot, file, said in (
            ("0010", "1.png", {"extent": "significant"}),
            ("0020", "2.png", {"extent": "minor", "plate": "1.png"}),
            ("0030", "gone.png", {}),
        )
    ]
    tracks = {"OTIO_SCHEMA": "Stack.1", "children": [{"OTIO_SCHEMA": "Track.1", "children": clips}]}
    cut = tmp_path / "cut.otio"
    cut.write_text(json.dumps({"OTIO_SCHEMA": "Timeline.1", "tracks": tracks}))
    arguments = ["batch", str(cut), "--out", str(tmp_path / "out"), "--workers", "1", "--json"]
    done = command(*arguments, cwd=config.parent)
    assert done.returncode == 0, done.stderr
    rows = report(tmp_path / "out")
    assert {name: (row["outcome"], row.get("code")) for name, row in rows.items()} == {
        "1.png": ("allow", None),
        "2.png": ("review", "effects.extent_understated"),
        "gone.png": ("failed", "batch.missing"),
    }
    one = command("mark", str(tmp_path / "2.png"), "-o", str(tmp_path / "o.png"), "--timeline",
                  str(cut), cwd=config.parent)  # fmt: skip
    assert one.returncode == 5
    strange = command("mark", str(tmp_path / "3.png"), "-o", str(tmp_path / "o.png"), "--timeline",
                      str(cut), cwd=config.parent)  # fmt: skip
    assert (strange.returncode, "[effects.timeline]" in strange.stderr) == (1, True)


def test_frames_of_a_timeline_are_masters_where_it_says_so(config: Path, tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    from effects_media import frames, scene

    from overt.batch.timeline import Timeline

    for name in ("a", "b"):
        frames(tmp_path / name, scene(3), ".exr")
    clips = [
        {
            "OTIO_SCHEMA": "Clip.2",
            "name": shot,
            "metadata": {"overt": said},
            "media_references": {
                "DEFAULT_MEDIA": {
                    "OTIO_SCHEMA": "ImageSequenceReference.1",
                    "target_url_base": base,
                    "name_prefix": "s_",
                    "name_suffix": ".exr",
                    "frame_zero_padding": 4,
                }
            },
        }
        for shot, base, said in (
            ("0010", f"file://{tmp_path}/a/", {"delivery": "master"}),
            ("0020", "b/", {}),
        )
    ]
    cut = tmp_path / "cut.otio"
    cut.write_text(json.dumps({"OTIO_SCHEMA": "Track.1", "children": clips}))
    Batch(Timeline(cut, {}), tmp_path / "out", load_config(config), InlineEngine).run()
    rows = [json.loads(x) for x in (tmp_path / "out/report.jsonl").read_text().splitlines()]
    assert [(row["outcome"], row.get("code")) for row in rows] == [
        ("allow", None),
        ("failed", "batch.frames_no_master"),
    ]
    assert (tmp_path / "out/a/s.overt-sequence.json").is_file()


def test_another_register_is_another_work(tmp_path: Path) -> None:
    config = house(tmp_path / "house")
    (config.parent / "own.yaml").write_text(
        "effects:\n- {id: soft, name: Soft skin, kind: person, extent: minor, source: us}\n"
    )
    config.write_text(
        config.read_text().replace('# registry = "effects.yaml"', 'registry = "own.yaml"')
    )
    (tmp_path / "a.png").write_bytes(picture(700))
    file = tmp_path / "in.jsonl"
    file.write_text(json.dumps({"input": "a.png", "effect": "soft"}) + "\n")
    assert run(config, file, tmp_path / "out", workers=1).outcomes == {"allow": 1}
    plain = (tmp_path / "out/a.png").read_bytes()
    assert run(config, file, tmp_path / "out", workers=1).made == 0
    own = (config.parent / "own.yaml").read_text()
    (config.parent / "own.yaml").write_text(own.replace("minor", "significant"))
    assert run(config, file, tmp_path / "out", workers=1).made == 1
    assert (tmp_path / "out/a.png").read_bytes() != plain


def test_the_others_go_on_while_a_worker_starts(config: Path, tmp_path: Path) -> None:
    """Its successor stands still before it is ready; then it dies, and its task is not lost."""
    files = tree(tmp_path / "in", 6, others=False)
    held: list[int] = []
    done_meanwhile: list[int] = []

    class Slow(LocalEngine):
        """The first lane's worker dies at its first work; the next one is stopped, then killed."""

        def give(self, task):  # type: ignore[no-untyped-def]
            super().give(task)
            lane = self._lanes[0]
            pid = lane._process.pid
            assert pid is not None
            if not held and lane.task is task and isinstance(task, Mark):
                os.kill(pid, signal.SIGKILL)
                held.append(pid)

        def take(self):  # type: ignore[no-untyped-def]
            lane = self._lanes[0]
            pid = lane._process.pid
            assert pid is not None
            if len(held) == 1 and pid not in held:
                os.kill(pid, signal.SIGSTOP)
                assert not lane.ready
                held.append(pid)
            if self._lanes[1].task is None and len(held) == 2:
                os.kill(held[1], signal.SIGKILL)
                held.append(-1)
            for task, answer in super().take():
                if len(held) == 2 and not isinstance(answer, Died):
                    done_meanwhile.append(pid)
                yield task, answer

    Batch(
        Tree(tmp_path / "in", {}), tmp_path / "out", load_config(config),
        lambda settings: Slow(settings, 2, LIMIT_S),
    ).run()  # fmt: skip
    assert len(done_meanwhile) >= 4
    rows = report(tmp_path / "out")
    assert sorted(rows) == sorted(path.name for path in files)
    assert {row["outcome"] for row in rows.values()} == {"allow"}


def test_workers_that_die_idle_are_replaced_however_many(config: Path, tmp_path: Path) -> None:
    """Six die ready and waiting: none was lost while it started."""
    settings = Settings(load_config(config), tmp_path / "out")
    (tmp_path / "out/.overt-batch").mkdir(parents=True)
    engine = LocalEngine(settings, 6, LIMIT_S)
    try:
        for lane in engine._lanes:
            lane._process.kill()
            lane._process.join()
        for _ in range(6):
            engine.give(Identify(()))
        answers = 0
        while engine.busy():
            answers += sum(not isinstance(answer, Died) for _, answer in engine.take())
        assert answers == 6
    finally:
        engine.close()


# --- poison ------------------------------------------------------------------------------------


def test_an_item_that_kills_workers_is_held(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(tmp_path / "in", 3, others=False)
    engine_lanes: list[int] = []

    class Deadly(LocalEngine):
        """Kills the worker whenever it is given one certain asset."""

        def give(self, task):  # type: ignore[no-untyped-def]
            super().give(task)
            if getattr(task, "name", None) == Path("p000.png"):
                lane = next(one for one in self._lanes if one.task is task)
                assert lane._process.pid is not None
                assert lane.ready or lane.pipe.poll(60)  # one that starts has no item yet
                engine_lanes.append(lane._process.pid)
                os.kill(lane._process.pid, signal.SIGKILL)

    def batch() -> Summary:
        return Batch(
            Tree(tmp_path / "in", {}), tmp_path / "out", load_config(config),
            lambda settings: Deadly(settings, 1, LIMIT_S),
        ).run()  # fmt: skip

    batch()
    row = report(tmp_path / "out")["p000.png"]
    assert (row["outcome"], row["code"]) == ("failed", "batch.worker_died")
    assert len(engine_lanes) == 3
    assert Counter(r["outcome"] for r in report(tmp_path / "out").values()) == {
        "allow": 2, "failed": 1
    }  # fmt: skip
    batch()
    assert len(engine_lanes) == 3, "a held item is not tried again"
    run(config, tmp_path / "in", tmp_path / "out", retry=True)
    row = report(tmp_path / "out")["p000.png"]
    assert (row["outcome"], row.get("code")) == ("allow", None)


def test_a_picture_that_swells_is_held_and_the_rest_goes_on(config: Path, tmp_path: Path) -> None:
    """40 kB that become 432 MB; the worker may take 256 MB for an asset."""
    from PIL import Image

    tree(tmp_path / "in", 2, others=False)
    Image.new("RGB", (12_000, 12_000), (90, 90, 90)).save(tmp_path / "in/bomb.png")
    summary = Batch(
        Tree(tmp_path / "in", {}), tmp_path / "out", load_config(config),
        lambda settings: LocalEngine(settings, 1, LIMIT_S), memory_mb=256,
    ).run()  # fmt: skip
    assert summary.outcomes == {"allow": 2, "failed": 1}
    row = report(tmp_path / "out")["bomb.png"]
    assert row["code"] in ("output.too_large", "batch.memory_limit", "batch.worker_died")


def test_a_time_limit_ends_a_worker(config: Path, tmp_path: Path) -> None:
    tree(tmp_path / "in", 1, others=False)
    Batch(
        Tree(tmp_path / "in", {}), tmp_path / "out", load_config(config),
        lambda settings: LocalEngine(settings, 1, 0.0),
    ).run()  # fmt: skip
    row = report(tmp_path / "out")["p000.png"]
    assert (row["outcome"], row["code"]) == ("failed", "batch.time_limit")


def test_nothing_is_left_running(config: Path, tmp_path: Path) -> None:
    tree(tmp_path / "in", 1, others=False)
    run(config, tmp_path / "in", tmp_path / "out", workers=2)
    assert multiprocessing.active_children() == []
    assert threading.active_count() >= 1

"""The database: what is acknowledged is stored, what fails leaves nothing, faults are clear."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text

from overt import beside
from overt.errors import ConfigError, StageError
from overt.models import utc_now
from overt.storage import Database
from overt.storage.schema import bundles, metadata


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/overt.db"


@pytest.fixture
def db(url: str):
    with Database.open(url) as database:
        yield database


def add(tx: Connection, digest: str) -> None:
    tx.execute(
        insert(bundles).values(digest=digest, kind="policy", status="live", loaded_at=utc_now())
    )


def digests(db: Database) -> set[str]:
    return set(db.read(lambda tx: tx.execute(select(bundles.c.digest)).scalars().all()))


def test_what_write_returned_is_there_after_reopening(url: str) -> None:
    with Database.open(url) as db:
        assert db.write(lambda tx: add(tx, "a")) is None
    with Database.open(url) as db:
        assert digests(db) == {"a"}


def test_an_exception_undoes_its_own_operation_and_reaches_the_caller(db: Database) -> None:
    def fail(tx: Connection) -> None:
        add(tx, "lost")
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        db.write(fail)
    assert digests(db) == set()


def test_one_failure_in_a_group_does_not_take_the_others(db: Database) -> None:
    """The writer is held up, so that all others end in one transaction."""
    held, go = threading.Event(), threading.Event()

    def hold(tx: Connection) -> None:
        held.set()
        assert go.wait(10)

    outcomes: dict[str, str] = {}

    def run(name: str, broken: bool) -> None:
        def work(tx: Connection) -> None:
            add(tx, name)
            if broken:
                raise ValueError(name)

        try:
            db.write(work)
            outcomes[name] = "stored"
        except ValueError:
            outcomes[name] = "raised"

    threads = [threading.Thread(target=db.write, args=(hold,))]
    threads[0].start()
    assert held.wait(10)
    threads += [threading.Thread(target=run, args=(str(n), n % 3 == 0)) for n in range(30)]
    for thread in threads[1:]:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(10)
    expected = {str(n): "raised" if n % 3 == 0 else "stored" for n in range(30)}
    assert outcomes == expected
    assert digests(db) == {name for name, outcome in expected.items() if outcome == "stored"}


def test_the_priority_lane_goes_first(db: Database) -> None:
    held, go, order = threading.Event(), threading.Event(), []

    def hold(tx: Connection) -> None:
        held.set()
        assert go.wait(10)

    first = threading.Thread(target=db.write, args=(hold,))
    first.start()
    assert held.wait(10)
    threads = [
        threading.Thread(target=db.write, args=(lambda tx, n=n: order.append(n),)) for n in range(9)
    ]
    for thread in threads:
        thread.start()
    urgent = threading.Thread(
        target=db.write, args=(lambda tx: order.append("urgent"),), kwargs={"priority": True}
    )
    urgent.start()
    while len(db._writer._lanes[1]) < 9 or not db._writer._lanes[0]:  # type: ignore[union-attr]
        pass
    go.set()
    for thread in (first, urgent, *threads):
        thread.join(10)
    assert order[0] == "urgent"
    assert sorted(map(str, order)) == sorted(["urgent", *map(str, range(9))])


def test_a_write_inside_a_write_is_refused_instead_of_waiting_for_itself(db: Database) -> None:
    with pytest.raises(RuntimeError, match="inside a write"):
        db.write(lambda tx: db.write(lambda inner: None))


@pytest.fixture(params=[False, True], ids=["threads", "in turn"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(beside, "_in_turn", request.param)
    return bool(request.param)


def test_who_does_all_in_turn_writes_in_its_own_thread(db: Database, way: bool) -> None:
    writer = db.write(lambda tx: threading.get_ident())
    assert (writer == threading.get_ident()) is way


def test_all_are_told_and_stored_whoever_writes(db: Database, way: bool) -> None:
    def run(name: str) -> None:
        for n in range(20):
            db.write(lambda tx, n=n: add(tx, f"{name}-{n}"), priority=n % 3 == 0)

    threads = [threading.Thread(target=run, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(digests(db)) == 120


def test_what_lost_its_transaction_is_not_told_as_stored(db: Database, way: bool) -> None:
    def swallows(tx: Connection) -> None:
        add(tx, "first")
        tx.exec_driver_sql("ROLLBACK").close()  # as SQLite does by itself on a full disk

    with pytest.raises(StageError):
        db.write(swallows)
    assert "first" not in digests(db)
    db.write(lambda tx: add(tx, "b"))


def test_more_readers_at_once_than_the_pool_has_connections(db: Database) -> None:
    start = threading.Barrier(40)
    failed: list[BaseException] = []

    def run() -> None:
        start.wait(10)
        try:
            db.read(lambda tx: time.sleep(0.05))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failed == []
    db.shred()


def test_an_interrupted_write_leaves_nothing_and_does_not_stop_the_next(
    db: Database, way: bool
) -> None:
    def interrupted(tx: Connection) -> None:
        add(tx, "a")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        db.write(interrupted)
    assert digests(db) == set()
    db.write(lambda tx: add(tx, "b"))
    assert digests(db) == {"b"}


def test_an_interrupted_read_does_not_stop_the_next(db: Database) -> None:
    def interrupted(tx: Connection) -> None:
        digests(db)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        db.read(interrupted)
    db.write(lambda tx: add(tx, "a"))
    assert digests(db) == {"a"}


def test_a_database_is_not_closed_inside_a_write(db: Database, way: bool) -> None:
    with pytest.raises(RuntimeError, match="inside a write"):
        db.write(lambda tx: db.close())
    db.write(lambda tx: add(tx, "a"))


def test_a_reader_cannot_write_and_sees_one_moment(db: Database) -> None:
    with pytest.raises(StageError) as caught:
        db.read(lambda tx: add(tx, "a"))
    assert caught.value.code == "storage.read_only"

    def look(tx: Connection) -> tuple[int, int]:
        count = text("SELECT count(*) FROM bundles")
        before = tx.execute(count).scalar_one()
        db.write(lambda other: add(other, "late"))
        return before, tx.execute(count).scalar_one()

    assert db.read(look) == (0, 0)


def test_a_conflict_is_an_error_of_ours_without_values(db: Database) -> None:
    db.write(lambda tx: add(tx, "canary-digest"))
    with pytest.raises(StageError) as caught:
        db.write(lambda tx: add(tx, "canary-digest"))
    assert caught.value.code == "storage.conflict"
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_full_disk_fails_everybody_in_the_group_and_later_works_again(db: Database) -> None:
    def limit(pages: int) -> None:
        db.write(lambda tx: tx.exec_driver_sql(f"PRAGMA max_page_count={pages}").close())

    limit(1)

    def big(tx: Connection) -> None:
        tx.execute(
            insert(bundles).values(
                digest="big", kind="k", status="s", loaded_at=utc_now(), body=b"x" * 1_000_000
            )
        )

    with pytest.raises(StageError) as caught:
        db.write(big)
    assert caught.value.code == "storage.full"
    assert digests(db) == set()
    limit(1 << 30)
    db.write(big)
    assert digests(db) == {"big"}


def test_a_locked_database_is_named_and_nothing_is_stored(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.write(lambda tx: tx.exec_driver_sql("PRAGMA busy_timeout=50").close())
    other = sqlite3.connect(str(db.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StageError) as caught:
            db.write(lambda tx: add(tx, "a"))
        assert caught.value.code == "storage.locked"
    finally:
        other.execute("ROLLBACK")
        other.close()
    db.write(lambda tx: add(tx, "a"))
    assert digests(db) == {"a"}


def test_another_process_that_never_ends_its_turn_is_not_waited_for_for_ever(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    monkeypatch.setattr(db._turn, "_timeout_s", 0.05)
    with Path(f"{db.url.database}.turn").open("r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(StageError) as caught:
            db.write(lambda tx: add(tx, "a"))
        assert caught.value.code == "storage.locked"
    assert digests(db) == set()


@pytest.mark.parametrize(
    ("name", "url", "code"),
    [
        ("unknown kind", "mysql://x/y", "storage.url"),
        ("not a URL", "overt.db", "storage.url"),
        ("in memory", "sqlite://", "storage.url"),
        ("another driver", "postgresql+psycopg2://x/y", "storage.url"),
        ("no such folder", "sqlite:////nowhere/at/all.db", "storage.unreachable"),
        ("nobody listens", "postgresql+psycopg://u@127.0.0.1:1/x", "storage.unreachable"),
    ],
)
def test_what_cannot_be_opened_says_why(name: str, url: str, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Database.open(url)
    assert caught.value.code == code


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"shopping list " * 100)
    with pytest.raises(ConfigError) as caught:
        Database.open(f"sqlite:///{path}")
    assert caught.value.code == "storage.not_a_database"
    assert path.read_bytes() == b"shopping list " * 100


def test_a_database_from_a_newer_version_is_refused(url: str) -> None:
    with Database.open(url) as db:
        db.write(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num='9999'")))
    with pytest.raises(ConfigError) as caught:
        Database.open(url)
    assert caught.value.code == "storage.newer"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX users")
def test_a_read_only_database_is_named(tmp_path: Path) -> None:
    """In a child that is nobody, for root may write anywhere."""
    path = tmp_path / "overt.db"
    Database.open(f"sqlite:///{path}").close()
    for parent in [tmp_path, *tmp_path.parents][:-2]:
        if parent.owner() == tmp_path.owner():
            parent.chmod(0o755)
    for file in tmp_path.iterdir():
        file.chmod(0o444)
    tmp_path.chmod(0o555)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        code = "none"
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            Database.open(f"sqlite:///{path}").write(lambda tx: add(tx, "a"))
        except BaseException as error:
            code = getattr(error, "code", type(error).__name__)
        os.write(writer, str(code).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        assert answer.read() == b"storage.read_only"
    tmp_path.chmod(0o755)


def test_the_file_is_for_its_owner_only(db: Database) -> None:
    assert Path(str(db.url.database)).stat().st_mode & 0o077 == 0


def test_so_is_one_that_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "overt.db").symlink_to(tmp_path / "elsewhere.db")
    with Database.open(f"sqlite:///{tmp_path}/overt.db"):
        assert (tmp_path / "elsewhere.db").stat().st_mode & 0o077 == 0


def test_a_child_after_a_fork_gets_connections_of_its_own(db: Database) -> None:
    db.write(lambda tx: add(tx, "parent"))
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        try:
            db.write(lambda tx: add(tx, "child"))
            os._exit(0 if digests(db) == {"parent", "child"} else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    db.write(lambda tx: add(tx, "after"))
    assert digests(db) == {"parent", "child", "after"}


_VISIT = """
import sys
from overt.storage import Database
with Database.open(sys.argv[1]) as database:
    database.read(lambda tx: None)
"""


def test_a_second_opening_gives_up_no_lock_of_the_first(db: Database, url: str) -> None:
    """A process that leaves last takes the log of writes along, so it must see that we are here."""
    with Database.open(url):
        subprocess.run([sys.executable, "-c", _VISIT, url], check=True)
        db.write(lambda tx: add(tx, "kept"))
    reader = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute(sys.argv[2]))"
    command = [sys.executable, "-c", reader, url.removeprefix("sqlite:///")]
    query = "select digest from bundles"
    seen = subprocess.run([*command, query], capture_output=True, text=True, check=True)
    assert "kept" in seen.stdout


def test_writing_after_closing_is_refused(url: str) -> None:
    db = Database.open(url)
    db.close()
    db.close()
    with pytest.raises(RuntimeError, match="closed"):
        db.write(lambda tx: None)


def test_every_table_and_index_is_made_by_the_migrations(db: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    assert db.read(lambda tx: compare_metadata(MigrationContext.configure(tx), metadata)) == []


def test_migrations_go_down_and_up_again(db: Database) -> None:
    from overt.storage import migrate

    db.write(lambda tx: migrate.downgrade(tx, "base"))
    left = db.read(lambda tx: tx.execute(text("SELECT name FROM sqlite_master")).scalars().all())
    assert set(left) <= {"alembic_version", "sqlite_autoindex_alembic_version_1"}
    db.write(migrate.upgrade)
    db.write(lambda tx: add(tx, "a"))
    assert digests(db) == {"a"}


def test_the_newest_migration_is_the_one_the_schema_names() -> None:
    from alembic.script import ScriptDirectory

    from overt.storage import migrate
    from overt.storage.schema import REVISION

    assert ScriptDirectory.from_config(migrate.config()).get_heads() == [REVISION]

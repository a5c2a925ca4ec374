"""Everything that is stored, on PostgreSQL, in a server that the tests start themselves."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import postgres
from consents import NOW, House, a_grant, a_mandate, a_need, his_voice, open_house

from overt.consent import countersign, sign
from overt.errors import StageError
from overt.ledger.audit import verify_database
from overt.models import utc_now
from overt.storage import Database, clearances, migrate
from overt.storage.schema import bundles, metadata

_numbers = count()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgres.server() as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    return postgres.new_database(server, f"overt{next(_numbers)}")


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    with Database.open(url) as database:
        yield database


@pytest.fixture
def house(url: str, tmp_path: Path) -> Iterator[House]:
    house = open_house(tmp_path, url)
    yield house
    house.db.close()


def test_migrations_go_up_down_and_up_again(db: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def differences(tx: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(tx), metadata)

    assert db.read(differences) == []
    db.write(lambda tx: migrate.downgrade(tx, "base"))
    assert set(db.read(lambda tx: inspect(tx).get_table_names())) == {"alembic_version"}
    db.write(migrate.upgrade)
    assert db.read(differences) == []


def test_several_guards_that_start_at_once_record_a_calendar_once(url: str) -> None:
    """Workers of a batch on a new database start together: none may fail over the other's row."""
    from overt.policy.elections import Calendar
    from overt.policy.register import record_calendar
    from overt.storage.schema import bundles

    calendar, entries = Calendar.packaged(), []

    class Counting:
        def append(self, tx: Connection, entry: object) -> None:
            time.sleep(0.2)  # long enough for the others to come
            entries.append(entry)

    with Database.open(url) as database:
        database.write(lambda tx: tx.execute(bundles.delete()))
    answers: list[object] = []

    def start() -> None:
        with Database.open(url) as own:
            try:
                answers.append(
                    own.write(lambda tx: record_calendar(tx, Counting(), calendar, NOW))  # type: ignore[arg-type]
                )
            except StageError as failed:
                answers.append(failed)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(map(str, answers)), len(entries)) == (["False"] * 3 + ["True"], 1)


def test_several_that_open_a_new_database_at_once_make_it_once(url: str) -> None:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            Database.open(url).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_an_exception_undoes_and_reaches_the_caller(db: Database) -> None:
    def fail(tx: Connection) -> None:
        tx.execute(bundles.insert().values(digest="a", kind="k", status="s", loaded_at=utc_now()))
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        db.write(fail)
    assert db.read(lambda tx: tx.execute(text("SELECT count(*) FROM bundles")).scalar()) == 0


def test_a_reader_cannot_write(db: Database) -> None:
    with pytest.raises(StageError) as caught:
        db.read(lambda tx: tx.execute(text("DELETE FROM bundles")))
    assert caught.value.code == "storage.read_only"


def test_times_come_back_as_they_were(db: Database) -> None:
    now = utc_now()

    def store(tx: Connection) -> None:
        clearances.issue(tx, "c", "d", "x", now)

    db.write(store)
    found = db.read(lambda tx: tx.execute(text("SELECT expires_at FROM clearances")).scalar())
    assert found == now


def test_a_deadlock_is_run_again(db: Database) -> None:
    for digest in ("a", "b"):
        db.write(
            lambda tx, d=digest: tx.execute(
                bundles.insert().values(digest=d, kind="k", status="0", loaded_at=utc_now())
            )
        )
    meet, rounds = threading.Barrier(2, timeout=20), []

    def cross(first: str, second: str) -> None:
        met = []

        def work(tx: Connection) -> None:
            rounds.append(first)
            change = text("UPDATE bundles SET status = status || 'x' WHERE digest = :d")
            tx.execute(change, {"d": first})
            if not met:
                met.append(True)
                meet.wait()
            tx.execute(change, {"d": second})

        db.write(work)

    threads = [threading.Thread(target=cross, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    found = db.read(lambda tx: tx.execute(text("SELECT status FROM bundles")).scalars().all())
    assert found == ["0xx", "0xx"]
    assert len(rounds) >= 3


def test_connections_that_were_cut_are_replaced(db: Database) -> None:
    db.write(lambda tx: None)
    db.write(
        lambda tx: tx.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    )
    assert db.read(lambda tx: tx.execute(text("SELECT 1")).scalar()) == 1


def test_a_server_that_is_gone_is_named() -> None:
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgres.server() as url:
        db = Database.open(url)
    with pytest.raises(StageError) as caught:
        db.write(lambda tx: None)
    assert caught.value.code == "storage.unreachable"
    db.close()


def test_appends_from_many_threads_leave_no_gap(house: House) -> None:
    def run(name: int) -> None:
        for number in range(25):
            entry = {"type": "released", "id": f"{name}-{number}", "at": utc_now()}
            house.db.write(lambda tx, e=entry: house.ledger.append(tx, e))

    threads = [threading.Thread(target=run, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = house.db.read(verify_database)
    assert (report.size, report.valid) == (200, True)


def test_a_record_from_its_signing_to_its_revocation(house: House) -> None:
    data = sign(a_mandate(house.grantor), house.grantor)
    id = house.add(data)
    assert house.ask(his_voice()) == ["consent.untrusted"]
    house.add(countersign(data, house.registrar))
    assert house.ask(his_voice()) == ["consent.valid"]
    assert len(house.authorise(his_voice())) == 1
    assert house.release() == []
    house.db.write(lambda tx: house.store.revoke(tx, id), priority=True)
    assert house.release() == ["consent.revoked"]
    assert house.db.read(verify_database).valid


def test_a_revocation_waits_for_a_run_that_holds_the_record_and_no_longer(house: House) -> None:
    """It comes wholly after the run's transaction, and the next look sees it."""
    id = house.add(sign(a_grant(house.grantor), house.grantor, house.registrar))
    order: list[str] = []
    locked = threading.Event()

    def hold(tx: Connection) -> None:
        state = house.store.states(tx, [a_need()], NOW)[0]
        locked.set()
        tx.execute(text("SELECT pg_sleep(0.3)"))
        assert state.valid
        order.append("run")

    def revoke() -> None:
        assert locked.wait(10)
        house.db.write(lambda tx: house.store.revoke(tx, id), priority=True)
        order.append("revoked")

    threads = [
        threading.Thread(target=house.db.write, args=(hold,)),
        threading.Thread(target=revoke),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert order == ["run", "revoked"]
    assert house.ask(a_need()) == ["consent.revoked"]

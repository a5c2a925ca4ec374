"""Sealing: only the right key opens, in the right place, until it is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from overt.errors import ConfigError, StageError
from overt.models import utc_now
from overt.storage import Database
from overt.storage.refs import read_ref
from overt.storage.schema import sealed, subject_keys
from overt.storage.sealing import Sealing, create_key

SECRET = "Ayşe Yılmaz, canary".encode()


@pytest.fixture
def db(tmp_path: Path):
    with Database.open(f"sqlite:///{tmp_path}/overt.db") as database:
        yield database


@pytest.fixture
def sealing(tmp_path: Path) -> Sealing:
    create_key(tmp_path / "key")
    return Sealing(f"file:{tmp_path}/key")


def put(db: Database, sealing: Sealing, subject: str = "s1", field: str = "f") -> None:
    db.write(lambda tx: sealing.seal(tx, subject, field, SECRET, utc_now()))


def test_a_value_comes_back_and_is_nowhere_in_clear(db: Database, sealing: Sealing) -> None:
    put(db, sealing)
    assert db.read(lambda tx: sealing.open(tx, "s1", "f")) == SECRET
    files = Path(str(db.url.database)).parent.glob("overt.db*")
    assert not any(b"canary" in file.read_bytes() for file in files)


def test_sealing_again_replaces(db: Database, sealing: Sealing) -> None:
    put(db, sealing)
    db.write(lambda tx: sealing.seal(tx, "s1", "f", b"new", utc_now()))
    assert db.read(lambda tx: sealing.open(tx, "s1", "f")) == b"new"


def test_forgetting_one_subject_leaves_the_others(db: Database, sealing: Sealing) -> None:
    put(db, sealing)
    put(db, sealing, "s2")
    assert db.write(lambda tx: sealing.forget(tx, "s1")) == 1
    assert db.read(lambda tx: sealing.open(tx, "s1", "f")) is None
    assert db.read(lambda tx: sealing.open(tx, "s2", "f")) == SECRET
    assert db.read(lambda tx: tx.execute(select(subject_keys.c.subject_id)).scalars().all()) == [
        "s2"
    ]


def test_rows_brought_back_after_forgetting_stay_shut(db: Database, sealing: Sealing) -> None:
    """As a restored table would: the ciphertext is back, its key is another one."""
    put(db, sealing)
    row = db.read(lambda tx: dict(tx.execute(select(sealed)).mappings().one()))
    db.write(lambda tx: sealing.forget(tx, "s1"))
    put(db, sealing, field="other")
    db.write(lambda tx: tx.execute(sealed.insert().values(**row)))
    with pytest.raises(StageError) as caught:
        db.read(lambda tx: sealing.open(tx, "s1", "f"))
    assert caught.value.code == "sealing.key"


@pytest.mark.parametrize("column", ["subject_id", "field"])
def test_a_value_that_was_moved_stays_shut(db: Database, sealing: Sealing, column: str) -> None:
    put(db, sealing)
    put(db, sealing, "s2", "other")
    new = {"subject_id": "s2", "field": "f2"}[column]
    db.write(
        lambda tx: tx.execute(
            update(sealed).where(sealed.c.subject_id == "s1").values(**{column: new})
        )
    )
    place = ("s2", "f") if column == "subject_id" else ("s1", "f2")
    with pytest.raises(StageError) as caught:
        db.read(lambda tx: sealing.open(tx, *place))
    assert caught.value.code == "sealing.key"


def test_another_wrapping_key_opens_nothing(db: Database, sealing: Sealing, tmp_path: Path) -> None:
    put(db, sealing)
    create_key(tmp_path / "other")
    with pytest.raises(StageError) as caught:
        db.read(lambda tx: Sealing(f"file:{tmp_path}/other").open(tx, "s1", "f"))
    assert caught.value.code == "sealing.key"


def test_derived_keys_are_stable_and_differ_by_label(sealing: Sealing, tmp_path: Path) -> None:
    again = Sealing(f"file:{tmp_path}/key")
    assert sealing.derive("actor") == again.derive("actor")
    assert sealing.derive("actor") != sealing.derive("other")
    assert len(sealing.derive("actor")) == 32


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    create_key(tmp_path / "key")
    before = (tmp_path / "key").read_bytes()
    with pytest.raises(FileExistsError):
        create_key(tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == before
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "ref", "code"),
    [
        ("in the configuration itself", "c2VjcmV0", "secret.reference"),
        ("no file", "file:/nowhere", "secret.missing"),
        ("no variable", "env:OVERT_TEST_NOT_SET", "secret.missing"),
        ("empty", "file:", "secret.reference"),
        ("not a key", f"file:{__file__}", "sealing.key"),
    ],
)
def test_references_that_lead_nowhere(name: str, ref: str, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Sealing(ref)
    assert caught.value.code == code


def test_a_reference_to_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERT_TEST_SECRET", "value")
    assert read_ref("env:OVERT_TEST_SECRET") == b"value"

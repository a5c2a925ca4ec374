"""The log in a database: append, sign, prove, verify, and notice every kind of tampering."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from overt.errors import ConfigError, StageError, VerificationError
from overt.ledger import SqlLedger
from overt.ledger.audit import verify_database
from overt.ledger.checkpoint import NoteSigner, new_key
from overt.ledger.verify import (
    leaf,
    verify_consistency,
    verify_inclusion,
    verify_note,
    verify_proof,
)
from overt.models import utc_now
from overt.storage.schema import checkpoints, decisions, entries, ledger_heads, nodes


def test_entries_are_numbered_from_nought(log) -> None:
    records = log.add(3)
    assert [(r.index, r.origin) for r in records] == [(n, "example.org/log") for n in range(3)]
    assert log.db.read(log.ledger.size) == 3
    assert log.db.read(lambda tx: log.ledger.find(tx, "e1"))[0].index == 1


def test_an_entry_is_there_with_what_it_records_or_neither_is(log) -> None:
    def broken(tx: Connection) -> None:
        log.ledger.append(tx, {"type": "released", "id": "x", "at": utc_now()})
        raise ValueError

    log.add(5)
    with pytest.raises(ValueError):
        log.db.write(broken)
    log.add(4)
    assert log.db.read(log.ledger.size) == 9
    assert log.db.read(verify_database).valid


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 31, 64, 65])
def test_every_entry_of_a_log_is_proved(log, size: int) -> None:
    log.add(size)
    log.db.write(log.ledger.checkpoint)
    for index in range(size):
        proof = log.db.write(lambda tx, i=index: log.ledger.prove(tx, i))
        body = log.db.read(lambda tx, i=index: log.ledger.entry(tx, i))
        found, checkpoint = verify_proof(proof, body, log.keys)
        assert (found, checkpoint.size) == (index, size)
        with pytest.raises(VerificationError):
            verify_proof(proof, body + b" ", log.keys)


def test_old_trees_are_proved_to_be_in_new_ones(log) -> None:
    roots = {}
    for size in range(1, 40):
        log.add()
        roots[size] = verify_note(log.db.write(log.ledger.checkpoint), log.keys).root
    for old in range(1, 40):
        for new in range(old, 40):
            path = log.db.read(lambda tx, o=old, n=new: log.ledger.prove_consistency(tx, o, n))
            verify_consistency(old, roots[old], new, roots[new], path)
            if old != new:
                with pytest.raises(VerificationError):
                    verify_consistency(old, roots[new], new, roots[new], path)
                with pytest.raises(VerificationError):
                    verify_consistency(old, roots[old], new, roots[new], path[1:])


def test_a_checkpoint_of_the_same_size_is_the_same(log) -> None:
    log.add(3)
    note = log.db.write(log.ledger.checkpoint)
    assert log.db.write(log.ledger.checkpoint) == note
    assert log.db.read(log.ledger.latest) == note


def test_checkpoints_come_by_themselves(log, tmp_path) -> None:
    now = utc_now()
    ledger = SqlLedger("example.org/log", f"file:{tmp_path}/key", clock=lambda: now, sign_every=4)

    def add() -> int:
        entry = {"type": "released", "id": "x", "at": now}
        log.db.write(lambda tx: ledger.append(tx, entry))
        return verify_note(log.db.read(ledger.latest), log.keys).size

    assert [add() for _ in range(9)] == [1, 1, 1, 4, 4, 4, 4, 8, 8]
    now += timedelta(hours=1)
    assert add() == 10
    assert log.db.read(lambda tx: verify_database(tx, log.keys)).checkpoints == 4


def test_a_key_that_is_gone_stops_the_append_that_would_be_signed(log, tmp_path) -> None:
    ledger = SqlLedger("example.org/log", f"file:{tmp_path}/nowhere")
    with pytest.raises(StageError) as caught:
        log.db.write(lambda tx: ledger.append(tx, {"type": "released", "id": "x", "at": utc_now()}))
    assert caught.value.code == "secret.missing"
    assert log.db.read(ledger.size) == 0


def test_the_empty_log_can_be_signed(log) -> None:
    assert log.db.read(log.ledger.latest) is None
    checkpoint = verify_note(log.db.write(log.ledger.checkpoint), log.keys)
    assert (checkpoint.size, checkpoint.origin) == (0, "example.org/log")
    assert log.db.read(lambda tx: verify_database(tx, log.keys)).valid


def test_a_proof_uses_a_checkpoint_that_reaches_the_entry(log) -> None:
    log.add(5)
    log.db.write(log.ledger.checkpoint)
    log.add(5)
    early = log.db.write(lambda tx: log.ledger.prove(tx, 4))
    late = log.db.write(lambda tx: log.ledger.prove(tx, 5))
    bodies = [log.db.read(lambda tx, i=i: log.ledger.entry(tx, i)) for i in (4, 5)]
    assert verify_proof(early, bodies[0], log.keys)[1].size == 5
    assert verify_proof(late, bodies[1], log.keys)[1].size == 10


@pytest.mark.parametrize("index", [-1, 3, 10**9])
def test_what_is_not_there_is_not_proved(log, index: int) -> None:
    log.add(3)
    for ask in (log.ledger.prove, log.ledger.entry):
        with pytest.raises(StageError) as caught:
            log.db.write(lambda tx, ask=ask: ask(tx, index))
        assert caught.value.code == "ledger.no_entry"


def test_one_database_holds_one_log(log) -> None:
    log.add(1)
    other = SqlLedger("example.org/other")
    with pytest.raises(StageError) as caught:
        log.db.write(lambda tx: other.append(tx, {"type": "released", "id": "x", "at": utc_now()}))
    assert caught.value.code == "ledger.origin"


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "naïve", "a\nb", "x" * 201])
def test_origins_that_a_note_cannot_carry(origin: str) -> None:
    with pytest.raises(ConfigError) as caught:
        SqlLedger(origin)
    assert caught.value.code == "ledger.origin"


def test_a_key_of_another_kind_is_refused(tmp_path) -> None:
    from overt.consent.keys import new_key as elliptic

    (tmp_path / "key").write_bytes(elliptic())
    with pytest.raises(ConfigError) as caught:
        NoteSigner("x", f"file:{tmp_path}/key")
    assert caught.value.code == "ledger.key"


def change(table: Any, **values: Any) -> Callable[[Connection], Any]:
    def work(tx: Connection) -> None:
        where = table.c.size == 7 if "size" in table.c else table.c.idx == 2
        if table is ledger_heads:
            where = text("1=1")
        assert tx.execute(update(table).where(where).values(**values)).rowcount >= 1

    return work


def drop_last(tx: Connection) -> None:
    tx.execute(delete(entries).where(entries.c.idx == 10))


def drop_middle(tx: Connection) -> None:
    tx.execute(delete(entries).where(entries.c.idx == 4))


def truncate(tx: Connection) -> None:
    """Everything after the fifth entry, done well: nodes and head fit, only the note tells."""
    tx.execute(delete(entries).where(entries.c.idx >= 5))
    tx.execute(delete(nodes))
    rows = tx.execute(select(entries.c.body).order_by(entries.c.idx)).scalars().all()
    ledger = SqlLedger("example.org/log")
    tx.execute(delete(entries))
    tx.execute(delete(ledger_heads))
    import json

    for body in rows:
        entry = {k: v for k, v in json.loads(body).items() if k != "v"}
        ledger.append(tx, entry)


def rewrite(tx: Connection) -> None:
    """One leaf changed, and the whole tree after it made anew."""
    rows = tx.execute(select(entries.c.body).order_by(entries.c.idx)).scalars().all()
    for table in (entries, nodes, ledger_heads):
        tx.execute(delete(table))
    import json

    ledger = SqlLedger("example.org/log")
    for number, body in enumerate(rows):
        entry = {k: v for k, v in json.loads(body).items() if k != "v"}
        if number == 3:
            entry["code"] = "changed"
        ledger.append(tx, entry)


def unrecorded_decision(tx: Connection) -> None:
    tx.execute(
        insert(decisions).values(
            id="ghost",
            idx=3,
            at=utc_now(),
            outcome="allow",
            policy="p",
            registry="r",
            request="q",
            media_type="image/png",
            rules=[],
        )
    )


TAMPERED: list[tuple[str, Callable[[Connection], Any], str]] = [
    ("a leaf", change(entries, body=b'{"id":"e2","type":"released"}'), "ledger.leaf_changed"),
    ("a leaf's hash", change(entries, hash=b"\0" * 32), "ledger.leaf_changed"),
    ("a leaf's type column", change(entries, type="refused"), "ledger.columns"),
    ("a leaf's id column", change(entries, id="other"), "ledger.columns"),
    ("a subtree", change(nodes, hash=b"\0" * 32), "ledger.node_changed"),
    ("the head", change(ledger_heads, size=10), "ledger.head"),
    ("the head's roots", change(ledger_heads, frontier=b"\0" * 96), "ledger.head"),
    ("a checkpoint's root", change(checkpoints, root=b"\0" * 32), "ledger.checkpoint"),
    ("a checkpoint's note", change(checkpoints, note=b"trust me\n"), "ledger.checkpoint"),
    ("the last leaf is gone", drop_last, "ledger.head"),
    ("a leaf in the middle is gone", drop_middle, "ledger.gap"),
    ("truncated with care", truncate, "ledger.truncated"),
    ("rewritten with care", rewrite, "ledger.checkpoint"),
    ("a decision without an entry", unrecorded_decision, "ledger.decision_without_entry"),
]


@pytest.mark.parametrize(("name", "tamper", "code"), TAMPERED, ids=[row[0] for row in TAMPERED])
def test_tampering_is_noticed(log, name: str, tamper, code: str) -> None:
    log.add(7)
    log.db.write(log.ledger.checkpoint)
    log.add(4)
    assert log.db.read(lambda tx: verify_database(tx, log.keys)).valid
    log.db.write(tamper)
    report = log.db.read(lambda tx: verify_database(tx, log.keys))
    assert code in {problem.code for problem in report.problems}
    assert not report.valid


@pytest.mark.parametrize("tamper", [truncate, rewrite])
def test_what_contradicts_the_last_checkpoint_is_not_signed(log, tamper) -> None:
    log.add(7)
    log.db.write(log.ledger.checkpoint)
    log.add(4)
    log.db.write(tamper)
    with pytest.raises(StageError) as caught:
        log.db.write(log.ledger.checkpoint)
    assert caught.value.code == "ledger.inconsistent"


def test_checkpoints_by_another_key_do_not_count(log, tmp_path) -> None:
    log.add(2)
    note = log.db.write(log.ledger.checkpoint)
    (tmp_path / "other").write_bytes(new_key())
    other = NoteSigner("example.org/log", f"file:{tmp_path}/other").verifier
    with pytest.raises(VerificationError) as caught:
        verify_note(note, [other])
    assert caught.value.code == "ledger.signature"
    assert verify_note(note, [other, *log.keys]).size == 2
    assert not log.db.read(lambda tx: verify_database(tx, [other])).valid


def edits(note: str) -> list[tuple[str, str, str]]:
    head, _, tail = note.partition("\n\n")
    lines = head.split("\n")
    raw = base64.b64decode(tail.rsplit(" ", 1)[1])
    flipped = base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()
    return [
        ("another size", note.replace(f"\n{lines[1]}\n", "\n99\n"), "ledger.signature"),
        (
            "another origin",
            note.replace("example.org/log\n", "example.org/lag\n"),
            "ledger.signature",
        ),
        ("another root", note.replace(lines[2][:4], "AAAA"), "ledger.signature"),
        ("a flipped bit", note.replace(tail.rsplit(" ", 1)[1], flipped + "\n"), "ledger.signature"),
        ("no signature", head + "\n\n", "ledger.checkpoint"),
        ("cut off", note[:-1], "ledger.checkpoint"),
        ("empty", "", "ledger.checkpoint"),
        ("extra line", note.replace("\n\n", "\nmore\n\n"), "ledger.signature"),
    ]


@pytest.mark.parametrize("number", range(8))
def test_an_edited_note_is_refused(log, number: int) -> None:
    log.add(2)
    _, note, code = edits(log.db.write(log.ledger.checkpoint))[number]
    with pytest.raises(VerificationError) as caught:
        verify_note(note, log.keys)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("another version", lambda p: p.replace("@v1", "@v2")),
        ("no index", lambda p: p.replace("index 1\n", "")),
        ("another index", lambda p: p.replace("index 1\n", "index 0\n")),
        ("index beyond", lambda p: p.replace("index 1\n", "index 5\n")),
        ("negative index", lambda p: p.replace("index 1\n", "index -1\n")),
        ("no path", lambda p: p[: p.index("index 1\n") + 8] + p[p.index("\n\n") :]),
        ("a path of rubbish", lambda p: p.replace("index 1\n", "index 1\nAAAA\n")),
        ("a path too long", lambda p: p.replace("index 1\n", f"index 1\n{'A' * 43}=\n")),
        ("not a proof", lambda p: "hello"),
    ],
)
def test_an_edited_proof_is_refused(log, name: str, edit) -> None:
    log.add(3)
    proof = log.db.write(lambda tx: log.ledger.prove(tx, 1))
    body = log.db.read(lambda tx: log.ledger.entry(tx, 1))
    verify_proof(proof, body, log.keys)
    with pytest.raises(VerificationError):
        verify_proof(edit(proof), body, log.keys)


def test_extra_data_in_a_proof_is_passed_over(log) -> None:
    log.add(3)
    proof = log.db.write(lambda tx: log.ledger.prove(tx, 1)).replace("\n", "\nextra AAAA\n", 1)
    assert verify_proof(proof, log.db.read(lambda tx: log.ledger.entry(tx, 1)), log.keys)[0] == 1


def test_a_leaf_is_never_taken_for_a_node() -> None:
    inner = b"".join([leaf(b"a"), leaf(b"b")])
    root = __import__("hashlib").sha256(b"\x01" + inner).digest()
    with pytest.raises(VerificationError):
        verify_inclusion(inner, 0, 1, [], root)

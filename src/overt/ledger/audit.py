"""Verifies a whole ledger: everything is computed anew from the bytes of the leaves.

It shares no code with what builds the ledger. Memory grows with the number of consent records, not
with the number of entries.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from overt.errors import VerificationError
from overt.ledger.verify import decode, leaf, pair, verify_note
from overt.storage.schema import (
    checkpoints,
    decisions,
    entries,
    grants,
    ledger_heads,
    nodes,
)

CHUNK = 10_000
_MOST = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and the entry where."""

    code: str
    index: int | None = None


@dataclass(slots=True)
class Report:
    """Outcome of verifying a whole ledger.

    Args:
        size: Entries looked at.
        root: Root over them, in hexadecimal.
        checkpoints: How many signed notes agree with it.
        problems: At most the first 20; none means that all is well.
    """

    size: int = 0
    root: str = ""
    checkpoints: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def add(self, code: str, index: int | None = None) -> None:
        """Note a problem."""
        if len(self.problems) < _MOST:
            self.problems.append(Problem(code, index))


def verify_database(tx: Connection, keys: Sequence[str] = ()) -> Report:
    """Compute the whole log again from its leaves and compare everything with it.

    Checked: indices without gap, hashes, every stored subtree, the head, every checkpoint (and its
    signature when `keys` are given), that each decision has its leaf, and that each consent record
    is in the state of its last leaf: nobody un-revokes one in the database unnoticed.

    Args:
        tx: A consistent view (`Database.read`).
        keys: Verifier keys (`name+id+base64`) that may have signed.
    """
    report, tree = Report(), _Tree()
    told: dict[str, tuple[object, object]] = {}
    notes = {row.size: row for row in tx.execute(select(checkpoints).order_by("size"))}
    subtrees = _StoredNodes(tx)
    _compare_notes(report, tree, notes, keys)
    for row in _leaves(tx):
        if row.idx != tree.size:
            report.add("ledger.gap", tree.size)
            break
        body = _raw(row.body)
        if leaf(body) != _raw(row.hash):
            report.add("ledger.leaf_changed", row.idx)
        said = _said(body)
        if (said.get("id"), said.get("type")) != (row.id, row.type):
            report.add("ledger.columns", row.idx)
        if "grant" in said and str(said.get("type")).startswith("consent."):
            told[str(said["grant"])] = (said.get("state"), said.get("seq"))
        for name, value in tree.add(body):
            if next(subtrees[name[0]], None) != (name[1], value):
                report.add("ledger.node_changed", row.idx)
        _compare_notes(report, tree, notes, keys)
    report.size, report.root = tree.size, tree.root().hex()
    if any(next(rest, None) is not None for rest in subtrees.all_levels()):
        report.add("ledger.node_changed", tree.size)
    if notes:
        report.add("ledger.truncated", tree.size)
    _compare_head(tx, report, tree)
    _compare_decisions(tx, report)
    _compare_grants(tx, report, told)
    return report


class _Tree:
    """Running root: hashes of complete subtrees with their levels, as a stack."""

    def __init__(self) -> None:
        self.size = 0
        self.stack: list[tuple[int, bytes]] = []

    def add(self, body: bytes) -> list[tuple[tuple[int, int], bytes]]:
        level, value, finished = 0, leaf(body), []
        while self.stack and self.stack[-1][0] == level:
            value = pair(self.stack.pop()[1], value)
            level += 1
            finished.append(((level, self.size >> level), value))
        self.stack.append((level, value))
        self.size += 1
        return finished

    def root(self) -> bytes:
        if not self.stack:
            return hashlib.sha256().digest()
        value = self.stack[-1][1]
        for _, left in self.stack[-2::-1]:
            value = pair(left, value)
        return value


def _compare_notes(report: Report, tree: _Tree, notes: dict[int, Any], keys: Sequence[str]) -> None:
    row = notes.pop(tree.size, None)
    if row is None:
        return
    good = _raw(row.root) == tree.root()
    try:
        text = _raw(row.note).decode()
        if keys:
            said = verify_note(text, keys)
            good = good and (said.size, said.root) == (tree.size, tree.root())
        else:
            lines = text.split("\n")
            good = good and lines[1] == str(tree.size) and decode(lines[2]) == tree.root()
    except (VerificationError, UnicodeDecodeError, IndexError):
        good = False
    if good:
        report.checkpoints += 1
    else:
        report.add("ledger.checkpoint", tree.size)


def _leaves(tx: Connection) -> Iterator[Any]:
    columns = (entries.c.idx, entries.c.id, entries.c.type, entries.c.body, entries.c.hash)
    after = -1
    while rows := tx.execute(
        select(*columns).where(entries.c.idx > after).order_by(entries.c.idx).limit(CHUNK)
    ).all():
        yield from rows
        after = rows[-1].idx


class _StoredNodes(dict[int, Iterator[tuple[int, bytes]]]):
    """For each level an iterator over what is stored, made when first asked for."""

    def __init__(self, tx: Connection) -> None:
        super().__init__()
        self._tx = tx

    def __missing__(self, level: int) -> Iterator[tuple[int, bytes]]:
        self[level] = found = self._read(level)
        return found

    def all_levels(self) -> list[Iterator[tuple[int, bytes]]]:
        """Iterators of every level that is stored; what they still give belongs to no entry."""
        return [
            self[level] for level in self._tx.execute(select(nodes.c.level).distinct()).scalars()
        ]

    def _read(self, level: int) -> Iterator[tuple[int, bytes]]:
        after = -1
        while rows := self._tx.execute(
            select(nodes.c.idx, nodes.c.hash)
            .where(nodes.c.level == level, nodes.c.idx > after)
            .order_by(nodes.c.idx)
            .limit(CHUNK)
        ).all():
            for row in rows:
                yield row.idx, _raw(row.hash)
            after = rows[-1].idx


def _said(body: bytes) -> dict[str, Any]:
    """What a leaf says; nothing when it is no leaf of ours."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _compare_head(tx: Connection, report: Report, tree: _Tree) -> None:
    head = tx.execute(select(ledger_heads.c.size, ledger_heads.c.frontier)).one_or_none()
    if head is None:
        if tree.size:
            report.add("ledger.head")
    elif (head.size, _raw(head.frontier)) != (tree.size, b"".join(v for _, v in tree.stack)):
        report.add("ledger.head", tree.size)


def _compare_decisions(tx: Connection, report: Report) -> None:
    unrecorded = tx.execute(
        select(decisions.c.idx)
        .outerjoin(entries, (entries.c.idx == decisions.c.idx) & (entries.c.id == decisions.c.id))
        .where(entries.c.idx.is_(None))
        .limit(_MOST)
    ).scalars()
    for index in unrecorded:
        report.add("ledger.decision_without_entry", index)


def _compare_grants(tx: Connection, report: Report, told: dict[str, tuple[object, object]]) -> None:
    rows = tx.execute(select(grants.c.id, grants.c.state, grants.c.seq))
    if any(told.pop(row.id, None) != (row.state, row.seq) for row in rows) or told:
        report.add("ledger.consent_state")


def _raw(value: object) -> bytes:
    """The bytes of a column; somebody who tampers with it may leave text or a number there."""
    return value if isinstance(value, bytes) else str(value).encode()

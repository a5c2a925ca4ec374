"""Verifies a ledger, a proof or an export. It shares no code with what builds them.

Everything is computed anew from the bytes of the leaves, by the iterative algorithms of RFC 9162
(2.1.3.2 and 2.1.4.2), and compared with what is stored and signed. Memory does not grow with the
number of entries.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, select

from overt.errors import VerificationError
from overt.storage.schema import checkpoints, decisions, entries, ledger_heads, nodes

CHUNK = 10_000
_MAGIC = "c2sp.org/tlog-proof@v1"
_MOST = 20


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a verified note says."""

    origin: str
    size: int
    root: bytes


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


def leaf(body: bytes) -> bytes:
    """Leaf hash."""
    return hashlib.sha256(b"\x00" + body).digest()


def _pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def verify_inclusion(
    body: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Check that `body` is leaf `index` of the tree of `size` leaves with this root.

    Raises:
        VerificationError: `ledger.proof`.
    """
    if not 0 <= index < size:
        raise _broken("ledger.proof", "there is no such leaf")
    position, last, result = index, size - 1, leaf(body)
    for item in path:
        if last == 0:
            raise _broken("ledger.proof", "the path is too long")
        if position & 1 or position == last:
            result = _pair(item, result)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            result = _pair(result, item)
        position, last = position >> 1, last >> 1
    if last or not hmac.compare_digest(result, root):
        raise _broken("ledger.proof", "the entry is not in the signed tree")


def verify_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Check that the tree of `old` leaves is a beginning of the tree of `new`.

    Raises:
        VerificationError: `ledger.inconsistent`.
    """
    problem = _broken("ledger.inconsistent", "the newer tree does not contain the older one")
    if old == new and old_root == new_root and not path:
        return
    if not 0 < old < new or not path:
        raise problem
    items = list(path)
    if old & (old - 1) == 0:
        items.insert(0, old_root)
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    first = second = items[0]
    for item in items[1:]:
        if last == 0:
            raise problem
        if position & 1 or position == last:
            first, second = _pair(item, first), _pair(item, second)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            second = _pair(second, item)
        position, last = position >> 1, last >> 1
    if last or first != old_root or second != new_root:
        raise problem


def verify_note(note: str, keys: Sequence[str]) -> Checkpoint:
    """Check a signed checkpoint against verifier keys (`name+id+base64`).

    Raises:
        VerificationError: `ledger.checkpoint`: malformed; `ledger.signature`: by none of the keys.
    """
    text, separator, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not separator or len(lines) < 3 or not signatures.endswith("\n"):
        raise _broken("ledger.checkpoint", "it is not a signed checkpoint")
    signed = (text + "\n").encode()
    if not any(_signed_by(signed, signatures, key, lines[0]) for key in keys):
        raise _broken("ledger.signature", "no trusted key signed the checkpoint")
    if not (lines[1].isascii() and lines[1].isdigit()) or str(int(lines[1])) != lines[1]:
        raise _broken("ledger.checkpoint", "its size is not a number")
    root = _decode(lines[2])
    if len(root) != 32:
        raise _broken("ledger.checkpoint", "its root is not a hash")
    return Checkpoint(lines[0], int(lines[1]), root)


def verify_proof(text: str, body: bytes, keys: Sequence[str]) -> tuple[int, Checkpoint]:
    """Check a `.tlog-proof` file for the entry with these bytes.

    Returns:
        The entry's index, and the checkpoint that the proof rests on.

    Raises:
        VerificationError: `ledger.proof`, `ledger.checkpoint` or `ledger.signature`.
    """
    head, separator, note = text.partition("\n\n")
    lines = head.split("\n")
    if not separator or lines[0] != _MAGIC:
        raise _broken("ledger.proof", "it is not a proof of a known version")
    lines = lines[1:]
    if lines and lines[0].startswith("extra "):
        lines = lines[1:]
    if not lines or not lines[0].startswith("index ") or not lines[0][6:].isdigit():
        raise _broken("ledger.proof", "it names no index")
    checkpoint = verify_note(note, keys)
    index = int(lines[0][6:])
    path = [_decode(line) for line in lines[1:]]
    if len(path) > 63 or any(len(item) != 32 for item in path):
        raise _broken("ledger.proof", "its path is malformed")
    verify_inclusion(body, index, checkpoint.size, path, checkpoint.root)
    return index, checkpoint


def verify_database(tx: Connection, keys: Sequence[str] = ()) -> Report:
    """Compute the whole log again from its leaves and compare everything with it.

    Checked: indices without gap, hashes, every stored subtree, the head, every checkpoint (and its
    signature when `keys` are given), and that each decision has its leaf.

    Args:
        tx: A consistent view (`Database.read`).
        keys: Verifier keys (`name+id+base64`) that may have signed.
    """
    report, tree = Report(), _Tree()
    notes = {row.size: row for row in tx.execute(select(checkpoints).order_by("size"))}
    subtrees = _StoredNodes(tx)
    _compare_notes(report, tree, notes, keys)
    for row in _leaves(tx):
        if row.idx != tree.size:
            report.add("ledger.gap", tree.size)
            break
        body = bytes(row.body)
        if leaf(body) != bytes(row.hash):
            report.add("ledger.leaf_changed", row.idx)
        if not _columns_agree(body, row.id, row.type):
            report.add("ledger.columns", row.idx)
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
    return report


class _Tree:
    """Running root: hashes of complete subtrees with their levels, as a stack."""

    def __init__(self) -> None:
        self.size = 0
        self.stack: list[tuple[int, bytes]] = []

    def add(self, body: bytes) -> list[tuple[tuple[int, int], bytes]]:
        level, value, finished = 0, leaf(body), []
        while self.stack and self.stack[-1][0] == level:
            value = _pair(self.stack.pop()[1], value)
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
            value = _pair(left, value)
        return value


def _compare_notes(report: Report, tree: _Tree, notes: dict[int, Any], keys: Sequence[str]) -> None:
    row = notes.pop(tree.size, None)
    if row is None:
        return
    good = bytes(row.root) == tree.root()
    try:
        text = bytes(row.note).decode()
        if keys:
            said = verify_note(text, keys)
            good = good and (said.size, said.root) == (tree.size, tree.root())
        else:
            lines = text.split("\n")
            good = good and lines[1] == str(tree.size) and _decode(lines[2]) == tree.root()
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
                yield row.idx, bytes(row.hash)
            after = rows[-1].idx


def _columns_agree(body: bytes, id: str, type: str) -> bool:
    try:
        said = json.loads(body)
    except ValueError:
        return False
    return isinstance(said, dict) and (said.get("id"), said.get("type")) == (id, type)


def _compare_head(tx: Connection, report: Report, tree: _Tree) -> None:
    head = tx.execute(select(ledger_heads.c.size, ledger_heads.c.frontier)).one_or_none()
    if head is None:
        if tree.size:
            report.add("ledger.head")
    elif (head.size, bytes(head.frontier)) != (tree.size, b"".join(v for _, v in tree.stack)):
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


def _signed_by(text: bytes, signatures: str, key: str, origin: str) -> bool:
    name, _, rest = key.partition("+")
    claimed, _, encoded = rest.partition("+")
    public = _decode(encoded)
    if name != origin or len(public) != 33 or public[:1] != b"\x01":
        return False
    identity = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    if identity.hex() != claimed:
        return False
    for line in signatures.splitlines():
        if not line.startswith(f"— {name} "):
            continue
        raw = _decode(line.rsplit(" ", 1)[1])
        if len(raw) == 68 and raw[:4] == identity:
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], text)
            except (InvalidSignature, ValueError):
                continue
            return True
    return False


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""


def _broken(code: str, why: str) -> VerificationError:
    return VerificationError(code, "the ledger does not verify", why)

"""Verifies proofs and checkpoints. It shares no code with what builds them.

The algorithms are the iterative ones of RFC 9162 (2.1.3.2 and 2.1.4.2); the formats C2SP
`signed-note`, `tlog-checkpoint` and `tlog-proof`. Whole ledgers: `overt.ledger.audit`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from overt.errors import VerificationError

_MAGIC = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a verified note says."""

    origin: str
    size: int
    root: bytes


def leaf(body: bytes) -> bytes:
    """Leaf hash."""
    return hashlib.sha256(b"\x00" + body).digest()


def pair(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def verify_inclusion(
    body: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Check that `body` is leaf `index` of the tree of `size` leaves with this root.

    Raises:
        VerificationError: `ledger.proof`.
    """
    if not 0 <= index < size:
        raise broken("ledger.proof", "there is no such leaf")
    position, last, result = index, size - 1, leaf(body)
    for item in path:
        if last == 0:
            raise broken("ledger.proof", "the path is too long")
        if position & 1 or position == last:
            result = pair(item, result)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            result = pair(result, item)
        position, last = position >> 1, last >> 1
    if last or not hmac.compare_digest(result, root):
        raise broken("ledger.proof", "the entry is not in the signed tree")


def verify_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Check that the tree of `old` leaves is a beginning of the tree of `new`.

    Raises:
        VerificationError: `ledger.inconsistent`.
    """
    problem = broken("ledger.inconsistent", "the newer tree does not contain the older one")
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
            first, second = pair(item, first), pair(item, second)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            second = pair(second, item)
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
        raise broken("ledger.checkpoint", "it is not a signed checkpoint")
    signed = (text + "\n").encode()
    if not any(_signed_by(signed, signatures, key, lines[0]) for key in keys):
        raise broken("ledger.signature", "no trusted key signed the checkpoint")
    if not (lines[1].isascii() and lines[1].isdigit()) or str(int(lines[1])) != lines[1]:
        raise broken("ledger.checkpoint", "its size is not a number")
    root = decode(lines[2])
    if len(root) != 32:
        raise broken("ledger.checkpoint", "its root is not a hash")
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
        raise broken("ledger.proof", "it is not a proof of a known version")
    lines = lines[1:]
    if lines and lines[0].startswith("extra "):
        lines = lines[1:]
    if not lines or not lines[0].startswith("index ") or not lines[0][6:].isdigit():
        raise broken("ledger.proof", "it names no index")
    checkpoint = verify_note(note, keys)
    index = int(lines[0][6:])
    path = [decode(line) for line in lines[1:]]
    if len(path) > 63 or any(len(item) != 32 for item in path):
        raise broken("ledger.proof", "its path is malformed")
    verify_inclusion(body, index, checkpoint.size, path, checkpoint.root)
    return index, checkpoint


def _signed_by(text: bytes, signatures: str, key: str, origin: str) -> bool:
    name, _, rest = key.partition("+")
    claimed, _, encoded = rest.partition("+")
    public = decode(encoded)
    if name != origin or len(public) != 33 or public[:1] != b"\x01":
        return False
    identity = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    if identity.hex() != claimed:
        return False
    for line in signatures.splitlines():
        if not line.startswith(f"— {name} "):
            continue
        raw = decode(line.rsplit(" ", 1)[1])
        if len(raw) == 68 and raw[:4] == identity:
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], text)
            except (InvalidSignature, ValueError):
                continue
            return True
    return False


def decode(text: str) -> bytes:
    """Bytes of base64; empty when it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""


def broken(code: str, why: str) -> VerificationError:
    """The error for what does not verify."""
    return VerificationError(code, "the ledger does not verify", why)

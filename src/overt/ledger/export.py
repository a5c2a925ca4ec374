"""Writes a ledger as static files that anybody can serve: C2SP `tlog-tiles`.

The folder has `checkpoint`, Merkle tiles under `tile/<level>/` and the entries under
`tile/entries/`, 256 hashes or entries a tile. A partial tile is named `<number>.p/<width>`. What a
checkpoint covers is written, nothing after it, and files of full tiles never change again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, select

from overt.errors import StageError
from overt.ledger.verify import Checkpoint, broken, leaf, pair, verify_note
from overt.models import write_whole
from overt.storage.schema import checkpoints, entries, nodes

WIDTH = 256
HEIGHT = 8
_HASH = 32


def export(tx: Connection, folder: Path) -> int:
    """Write everything that the last checkpoint covers. Returns the number of entries.

    Args:
        tx: A consistent view of the database.
        folder: Made when it is not there; full tiles that are in it are kept as they are.

    Raises:
        StageError: `ledger.no_checkpoint`: nothing was signed yet.
        OSError: The folder cannot be written.
    """
    last = tx.execute(
        select(checkpoints.c.size, checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
    ).one_or_none()
    if last is None:
        raise StageError(
            "record",
            "ledger.no_checkpoint",
            "the ledger is not exported",
            "it was never signed",
            "run `overt ledger checkpoint`",
        )
    for number, width in _tiles(last.size):
        _write(folder / "tile/entries", number, width, _bundle(tx, number, width))
    level = 0
    while count := last.size >> (HEIGHT * level):
        for number, width in _tiles(count):
            _write(folder / f"tile/{level}", number, width, _hashes(tx, level, number, width))
        level += 1
    write_whole(folder / "checkpoint", bytes(last.note))
    return int(last.size)


def verify_export(folder: Path, keys: Sequence[str]) -> Checkpoint:
    """Compute the root of an export from its entries and compare it with its checkpoint.

    Raises:
        VerificationError: `ledger.signature`, `ledger.checkpoint`, `ledger.export` or
            `ledger.leaf_changed`.
    """
    try:
        checkpoint = verify_note((folder / "checkpoint").read_bytes().decode(), keys)
        stack: list[tuple[int, bytes]] = []
        for body in _entries(folder, checkpoint.size):
            value, level = leaf(body), 0
            while stack and stack[-1][0] == level:
                value, level = pair(stack.pop()[1], value), level + 1
            stack.append((level, value))
    except (OSError, UnicodeDecodeError):
        raise broken("ledger.export", "a file is missing or cannot be read") from None
    root = stack.pop()[1] if stack else hashlib.sha256().digest()
    while stack:
        root = pair(stack.pop()[1], root)
    if root != checkpoint.root:
        raise broken("ledger.leaf_changed", "its entries are not what was signed")
    return checkpoint


def tile_path(number: int, width: int) -> str:
    """Path of a tile below its level: groups of three digits, `x` before all but the last."""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return path if width == WIDTH else f"{path}.p/{width}"


def _tiles(count: int) -> Iterator[tuple[int, int]]:
    for number in range(count // WIDTH):
        yield number, WIDTH
    if count % WIDTH:
        yield count // WIDTH, count % WIDTH


def _bundle(tx: Connection, number: int, width: int) -> Iterator[bytes]:
    """Entries of a tile, each after its length in two bytes."""
    rows = tx.execute(
        select(entries.c.body)
        .where(entries.c.idx >= number * WIDTH, entries.c.idx < number * WIDTH + width)
        .order_by(entries.c.idx)
    )
    for body in rows.scalars():
        yield len(body).to_bytes(2, "big") + bytes(body)


def _hashes(tx: Connection, level: int, number: int, width: int) -> Iterator[bytes]:
    first, last = number * WIDTH, number * WIDTH + width
    query = (
        select(entries.c.hash).where(entries.c.idx >= first, entries.c.idx < last)
        if level == 0
        else select(nodes.c.hash).where(
            nodes.c.level == level * HEIGHT, nodes.c.idx >= first, nodes.c.idx < last
        )
    )
    column = entries.c.idx if level == 0 else nodes.c.idx
    for value in tx.execute(query.order_by(column)).scalars():
        yield bytes(value)


def _write(folder: Path, number: int, width: int, content: Iterator[bytes]) -> None:
    path = folder / tile_path(number, width)
    if width == WIDTH and path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, b"".join(content))


def _entries(folder: Path, size: int) -> Iterator[bytes]:
    for number, width in _tiles(size):
        data = (folder / "tile/entries" / tile_path(number, width)).read_bytes()
        at = 0
        for _ in range(width):
            length = int.from_bytes(data[at : at + 2], "big")
            body = data[at + 2 : at + 2 + length]
            if at + 2 > len(data) or len(body) != length:
                raise broken("ledger.export", "an entry bundle is cut off")
            yield body
            at += 2 + length
        if at != len(data):
            raise broken("ledger.export", "an entry bundle is too long")

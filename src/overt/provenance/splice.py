"""Changes to a file that are carried out while it is read, so that nothing is copied twice.

An `Edit` replaces a stretch of the original by other bytes. `Spliced` shows the edited file as a
read-only stream; a 100 MB video gets its metadata without a second 100 MB on disk.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `remove` bytes at `at` of the original by `insert`."""

    at: int
    remove: int
    insert: bytes


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    """Where the piece begins in the edited file."""
    length: int
    source: bytes | int
    """The bytes themselves, or where they begin in the original."""


class Spliced(io.RawIOBase):
    """A read-only view of a stream with edits applied.

    Args:
        original: A seekable stream; it is not closed.
        edits: In order of position, not overlapping.
    """

    def __init__(self, original: IO[bytes], edits: Sequence[Edit]) -> None:
        self._original = original
        self._pieces = _pieces(original.seek(0, io.SEEK_END), edits)
        self._starts = [piece.start for piece in self._pieces]
        last = self._pieces[-1] if self._pieces else _Piece(0, 0, b"")
        self._size = last.start + last.length
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Position in the edited file."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; before the start is an error, as for files."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("negative position")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]
        """Read into `buffer`, at most to the end of the piece that the position is in."""
        if self._at >= self._size or not len(buffer):
            return 0
        piece = self._pieces[bisect_right(self._starts, self._at) - 1]
        inside = self._at - piece.start
        wanted = min(len(buffer), piece.length - inside)
        if isinstance(piece.source, bytes):
            buffer[:wanted] = piece.source[inside : inside + wanted]
            count = wanted
        else:
            self._original.seek(piece.source + inside)
            with memoryview(buffer) as view, view[:wanted] as part:
                count = self._original.readinto(part)  # type: ignore[attr-defined]
        self._at += count
        return count


def _pieces(size: int, edits: Sequence[Edit]) -> list[_Piece]:
    pieces: list[_Piece] = []
    read, written = 0, 0
    for edit in (*edits, Edit(size, 0, b"")):
        if edit.at < read or edit.at + edit.remove > size:
            raise ValueError("edits overlap or leave the file")
        for length, source in ((edit.at - read, read), (len(edit.insert), edit.insert)):
            if length:
                pieces.append(_Piece(written, length, source))
                written += length
        read = edit.at + edit.remove
    return pieces

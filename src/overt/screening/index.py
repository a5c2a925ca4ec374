"""The registry index: one read-only file, mapped into memory, searched by bisection.

Opening it costs no parsing, however many names it holds: every table is a sorted array of 64-bit
keys beside an array of values, and the rows of people are JSON text read one at a time on a hit.
`index_write` makes the file; the same rows always make the same bytes.

Layout: magic, length of the header, header (JSON: section name -> offset, length), sections, each
at a multiple of eight bytes. Numbers are little-endian.

    xk xv   transitions of the word trie: key(state, hash of word) -> next state
    ps pv   people at each state: pv[ps[state]:ps[state + 1]], person << 8 | tier
    tk tv   hash of word -> number of the word     to tp   the words themselves
    sk sv   stem -> word       fk fv   one-letter deletions -> word     kk kv   skeleton -> word
    fo fb   rows of people     fp   prominence     ik iv   hash of id -> person
"""

from __future__ import annotations

import json
import mmap
import struct
import sys
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from overt.errors import ConfigError

MAGIC: Final = b"OVRTFIG1"
_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
JOINED: Final = "\x00"
"""Before a name written as one word, so that it is no ordinary word of the trie."""

CANONICAL, ALIAS, NICKNAME, SURNAME, SINGLE, ROLE, CATCHPHRASE, WORD = range(8)
"""What a path is to its person; a `WORD` is many people's name, or a common word."""
REVERSED_FLAG: Final = 0x40
JOINED_FLAG: Final = 0x80
TIER_MASK: Final = 0x3F
OWN_LIST: Final = 2000
"""People in a list that somebody made for a purpose: few enough to be read more loosely."""


@lru_cache(maxsize=65536)
def word_hash(word: str) -> int:
    """64 bits of a folded word, the same on every machine."""
    return int.from_bytes(
        blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )


def edge(state: int, hashed: int) -> int:
    """Key of the transition out of `state` over a word with this hash."""
    return ((state + 1) * _GOLDEN & _MASK) ^ hashed


class Index:
    """A registry index opened from a file or from bytes.

    Raises:
        ConfigError: The file is missing, is of another version or is cut short.
    """

    def __init__(self, source: Path | bytes) -> None:
        self._map = _view(source)
        header = _header(self._map)
        self.digest: str = header["digest"]
        self.as_of = date.fromisoformat(header["as_of"])
        self.size: int = header["size"]
        self.names: int = header["names"]
        part = {name: self._part(*place) for name, place in header["sections"].items()}
        self._xk, self._xv = part["xk"].cast("Q"), part["xv"].cast("I")
        self._ps, self._pv = part["ps"].cast("I"), part["pv"].cast("I")
        self._tk, self._tv = part["tk"].cast("Q"), part["tv"].cast("I")
        self._to, self._tp = part["to"].cast("I"), part["tp"]
        self._sk, self._sv = part["sk"].cast("Q"), part["sv"].cast("I")
        self._fk, self._fv = part["fk"].cast("Q"), part["fv"].cast("I")
        self._kk, self._kv = part["kk"].cast("Q"), part["kv"].cast("I")
        self._fo, self._fb, self._fp = part["fo"].cast("Q"), part["fb"], part["fp"]
        self._ik, self._iv = part["ik"].cast("Q"), part["iv"].cast("I")

    def _part(self, offset: int, length: int) -> memoryview:
        if offset + length > len(self._map):
            raise _broken("the file is cut short")
        return self._map[offset : offset + length]

    def step(self, state: int, hashed: int) -> int:
        """Next state of the trie, or 0 where there is none."""
        key = edge(state, hashed)
        at = bisect_left(self._xk, key)
        return self._xv[at] if at < len(self._xk) and self._xk[at] == key else 0

    def is_name(self, state: int) -> bool:
        """Whether somebody's name ends at `state`."""
        return bool(self._ps[state] != self._ps[state + 1])

    def people(self, state: int) -> list[tuple[int, int]]:
        """People whose name ends at `state`, as (number, tier and flags)."""
        return [(v >> 8, v & 0xFF) for v in self._pv[self._ps[state] : self._ps[state + 1]]]

    def knows(self, word: str) -> bool:
        """Whether the word is part of any name."""
        hashed = word_hash(word)
        at = bisect_left(self._tk, hashed)
        return at < len(self._tk) and self._tk[at] == hashed

    def stems(self, stem: str) -> Iterator[str]:
        """Words of names that have this stem."""
        return self._words(self._sk, self._sv, stem)

    def near(self, deletion: str) -> Iterator[str]:
        """Words of names that are this text or become it when one letter is left out."""
        return self._words(self._fk, self._fv, deletion)

    def sounding(self, skeleton: str) -> Iterator[str]:
        """Words of names with this consonant skeleton."""
        return self._words(self._kk, self._kv, skeleton)

    def _words(self, keys: memoryview, values: memoryview, text: str) -> Iterator[str]:
        hashed = word_hash(text)
        at = bisect_left(keys, hashed)
        for _ in range(64):
            if at >= len(keys) or keys[at] != hashed:
                return
            yield self.word(values[at])
            at += 1

    def word(self, number: int) -> str:
        """The word of this number."""
        return bytes(self._tp[self._to[number] : self._to[number + 1]]).decode()

    def prominence(self, person: int) -> int:
        """0 little known, 1 known at home, 2 known abroad, 3 known everywhere."""
        return int(self._fp[person])

    def row(self, person: int) -> dict[str, Any]:
        """The row of a person, as it is in the registry."""
        data: dict[str, Any] = json.loads(bytes(self._fb[self._fo[person] : self._fo[person + 1]]))
        return data

    def find(self, identifier: str) -> int | None:
        """Number of the person with this id."""
        hashed = word_hash(identifier)
        at = bisect_left(self._ik, hashed)
        return self._iv[at] if at < len(self._ik) and self._ik[at] == hashed else None


def _view(source: Path | bytes) -> memoryview:
    if sys.byteorder != "little":
        raise _broken("it is for little-endian machines")
    if isinstance(source, bytes):
        return memoryview(source)
    try:
        with source.open("rb") as stream:
            return memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as cause:
        raise ConfigError(
            "screening.index_unreadable",
            "the figure index cannot be opened",
            type(cause).__name__,
            "run `overt figures import` again or install overt again",
        ) from cause


def _header(view: memoryview) -> dict[str, Any]:
    if len(view) < 12 or bytes(view[:8]) != MAGIC:
        raise _broken("it is not an index of this version")
    (length,) = struct.unpack("<I", view[8:12])
    try:
        header: dict[str, Any] = json.loads(bytes(view[12 : 12 + length]))
    except ValueError:
        raise _broken("its header is damaged") from None
    return header


def _broken(why: str) -> ConfigError:
    return ConfigError(
        "screening.index_broken",
        "the figure index cannot be used",
        why,
        "build it again with `overt figures import`",
    )

"""Writes the registry index that `index` reads. The same rows always give the same bytes.

Every name becomes a path of folded words; full names are stored surname-first too and as one word,
so that neither order nor a missing space needs work at screening time. Surnames of well-known
people are paths of their own, marked as such: they never act alone.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overt.errors import ConfigError
from overt.screening import index as ix
from overt.screening.forms import deletions, stems_of
from overt.screening.latin import UNVOWELLED, sound_keys
from overt.screening.names import Path as NamePath
from overt.screening.names import paths_of
from overt.screening.registry import Figure
from overt.screening.translit import skeleton

if TYPE_CHECKING:
    import numpy as np

_FUZZY_LETTERS = 5
_SKELETON_LETTERS = 2


class IndexWriter:
    """Collects figures and writes them as one index.

    Args:
        fuzzy: Whether to keep the tables for misspelt and transliterated names.
    """

    def __init__(self, *, fuzzy: bool = True) -> None:
        self._fuzzy = fuzzy
        self._edges: dict[int, int] = {}
        self._states = 1
        self._people: dict[int, list[int]] = {}
        self._words: dict[str, int] = {}
        self._rows: list[bytes] = []
        self._prominence = bytearray()
        self._ids: list[str] = []
        self._as_of = "1970-01-01"
        self._names = 0

    def add(self, figure: Figure) -> None:
        """Add one person with all names."""
        person = len(self._rows)
        self._rows.append(figure.to_json().encode())
        self._prominence.append(figure.prominence)
        self._ids.append(figure.id)
        self._as_of = max(self._as_of, whole_date(figure.as_of))
        self._names += 1 + len(figure.names)
        for path in paths_of(figure):
            self._path(person, path)

    def _path(self, person: int, path: NamePath) -> None:
        state = 0
        for word in path.words:
            state = self._state(state, word)
            if not word.startswith(ix.JOINED):
                self._words.setdefault(word, len(self._words))
        value = person << 8 | path.tier
        held = self._people.setdefault(state, [])
        if value not in held:
            held.append(value)

    def _state(self, state: int, word: str) -> int:
        key = ix.edge(state, ix.word_hash(word))
        found = self._edges.get(key)
        if found is None:
            found = self._edges[key] = self._states
            self._states += 1
        return found

    def to_bytes(self) -> bytes:
        """The whole index."""
        sections = self._sections()
        digest = hashlib.sha256(b"".join(self._rows)).hexdigest()
        header: dict[str, Any] = {
            "digest": digest,
            "as_of": self._as_of,
            "size": len(self._rows),
            "names": self._names,
            "sections": {},
        }
        for _ in range(2):  # the header's length moves the offsets it holds, once
            start = _aligned(12 + len(json.dumps(header)) + 512)
            for name, data in sections:
                header["sections"][name] = [start, len(data)]
                start = _aligned(start + len(data))
        text = json.dumps(header).encode()
        out = bytearray(ix.MAGIC + struct.pack("<I", len(text)) + text)
        for name, data in sections:
            out.extend(b"\x00" * (header["sections"][name][0] - len(out)))
            out.extend(data)
        return bytes(out)

    def write(self, path: Path) -> None:
        """Write the index beside its place first, then move it there, whole or not at all.

        Raises:
            ConfigError: Another file than an index is there.
        """
        _check_place(path)
        temporary = path.with_suffix(path.suffix + ".part")
        temporary.write_bytes(self.to_bytes())
        temporary.replace(path)

    def _sections(self) -> list[tuple[str, bytes]]:
        out: list[tuple[str, bytes]] = []
        out += _table("x", self._edges.items())
        out += self._postings()
        out += _table("t", ((ix.word_hash(w), n) for w, n in self._words.items()))
        out += _strings(list(self._words), "to", "tp", "I")
        out += _table("s", self._keyed(lambda w: stems_of(w)))
        out += _table("f", self._keyed(_near) if self._fuzzy else ())
        out += _table("k", self._keyed(_sounds) if self._fuzzy else ())
        out += _strings([row.decode() for row in self._rows], "fo", "fb", "Q")
        out.append(("fp", self._fame()))
        out += _table("i", ((ix.word_hash(i), n) for n, i in enumerate(self._ids)))
        return out

    def _fame(self) -> bytes:
        """Prominence; 0 for people known at home whose name somebody else known has, too."""
        fame = bytearray(self._prominence)
        for held in self._people.values():
            named = [v >> 8 for v in held if v & 0xFF == ix.CANONICAL]
            known = [person for person in named if self._prominence[person]]
            for person in known if len(known) > 1 else ():
                if self._prominence[person] == 1:
                    fame[person] = 0
        return bytes(fame)

    def _postings(self) -> list[tuple[str, bytes]]:
        import numpy as np

        starts = np.zeros(self._states + 1, dtype="<u4")
        for state, held in self._people.items():
            starts[state + 1] = len(held)
        starts = np.cumsum(starts, dtype="<u4")
        order = sorted(self._people)
        values = np.array([v for state in order for v in self._people[state]], dtype="<u4")
        return [("ps", starts.tobytes()), ("pv", values.tobytes())]

    def _keyed(self, keys: Any) -> Iterable[tuple[int, int]]:
        for word, number in self._words.items():
            for key in sorted(keys(word)):
                yield ix.word_hash(key), number


def _check_place(path: Path) -> None:
    """Refuse a place where a file is that an index must not replace.

    Raises:
        ConfigError: A file is there, and it is neither empty nor an index of any version.
    """
    if not path.is_file():
        return
    with path.open("rb") as stream:
        begin = stream.read(len(ix.MAGIC))
    if begin and not begin.startswith(ix.MAGIC[:-1]):
        raise ConfigError(
            "screening.import_place",
            "the index is not written",
            "another file is there, and it is no index",
            "name another place with -o",
        )


def _near(word: str) -> set[str]:
    marked = word.startswith(UNVOWELLED)
    return deletions(word) if len(word) >= _FUZZY_LETTERS and not marked else set()


def _sounds(word: str) -> set[str]:
    if word.startswith(UNVOWELLED):
        return sound_keys(word)
    sound = skeleton(word)
    return {sound} if len(sound) >= _SKELETON_LETTERS or (sound and len(word) > 2) else set()


def _table(letter: str, pairs: Iterable[tuple[int, int]]) -> list[tuple[str, bytes]]:
    import numpy as np

    listed = list(pairs)
    keys: np.ndarray[Any, Any] = np.array([k for k, _ in listed], dtype="<u8")
    values: np.ndarray[Any, Any] = np.array([v for _, v in listed], dtype="<u4")
    order = np.lexsort((values, keys))
    return [(letter + "k", keys[order].tobytes()), (letter + "v", values[order].tobytes())]


def _strings(texts: list[str], starts: str, pool: str, code: str) -> list[tuple[str, bytes]]:
    import numpy as np

    encoded = [text.encode() for text in texts]
    lengths = np.cumsum([0, *(len(e) for e in encoded)])
    kind = "<u4" if code == "I" else "<u8"
    return [(starts, lengths.astype(kind).tobytes()), (pool, b"".join(encoded))]


def _aligned(offset: int) -> int:
    return (offset + 7) // 8 * 8


def whole_date(text: str) -> str:
    """`2026` and `2026-05` as their first day."""
    return (text + "-01-01")[:10] if len(text) == 4 else (text + "-01")[:10]

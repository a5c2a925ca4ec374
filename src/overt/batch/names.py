"""Where outputs go, under names that show what they are."""

from __future__ import annotations

import os
from pathlib import Path


def name_of(path: Path, root: Path) -> Path:
    """Where the output of a named path goes: as it lies under the root, else by its own name."""
    plain = Path(os.path.normpath(path))
    return plain.relative_to(root) if plain.is_relative_to(root) else Path(plain.name)


def plain_name(name: Path) -> Path:
    """A relative path that shows what it is: no control and no bidirectional characters.

    A newline breaks lists of files, and a right-to-left mark makes `gpj.exe` of `exe.jpg`. Each
    such character becomes its code point in brackets, bytes that are no UTF-8 too.
    """
    return Path(*("".join(map(_shown, part)) for part in name.parts))


def _shown(letter: str) -> str:
    code = ord(letter)
    hidden = code < 32 or 0x7F <= code < 0xA0 or code in _INVISIBLE or 0xD800 <= code < 0xE000
    return f"[U+{code:04X}]" if hidden else letter


_INVISIBLE = frozenset(
    {0x061C, 0x2028, 0x2029, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F)}
    | {*range(0x2060, 0x2070)}
)
"""Bidirectional controls (Unicode UAX 9), zero-width characters and line separators."""

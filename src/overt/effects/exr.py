"""String attributes of an OpenEXR header. Pixels are nobody's business here.

Source: "OpenEXR File Layout" (openexr.com): magic number 20000630, a version field, then
attributes of name, type, size and value until an empty name.
"""

from __future__ import annotations

from pathlib import Path

MAGIC = (20000630).to_bytes(4, "little")
_HEADER_LIMIT = 1 << 20


def attributes(path: Path) -> dict[str, str]:
    """The `string` attributes of the first part; empty for anything that is no sound EXR header."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEADER_LIMIT)
    except OSError:
        return {}
    if head[:4] != MAGIC:
        return {}
    found: dict[str, str] = {}
    at = 8
    while at < len(head) and head[at]:
        name, at = _word(head, at)
        kind, at = _word(head, at)
        size = int.from_bytes(head[at : at + 4], "little")
        at += 4
        if at + size > len(head) or not kind:
            return {}
        if kind == "string":
            found[name] = head[at : at + size].decode("utf-8", "replace")
        at += size
    return found


def _word(head: bytes, at: int) -> tuple[str, int]:
    """A name of at most 255 bytes, ended by a zero; an empty one where there is none."""
    end = head.find(b"\0", at, at + 256)
    if end < 0:
        return "", len(head)
    return head[at:end].decode("utf-8", "replace"), end + 1

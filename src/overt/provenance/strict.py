"""Bytes of a manifest store that nothing signs, held to the only values they may have.

A signature leaves room for itself: thousands of padding bytes that no hash covers, and a few flags
of the boxes around it. Changing them changes neither what a manifest says nor whether it verifies,
but a changed file must not pass for an unchanged one, and room that nobody checks is room to hide
in.

Sources: C2PA specification, `pad` in the unprotected header of a claim signature and the toggles of
description boxes; ISO/IEC 19566-5 (JUMBF) for the boxes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Any

from overt.provenance.shapes import mapping, sequence

PADDING = "overt.padding"
BOXES = "overt.boxes"

_MAX_DEPTH = 16
_TOGGLES = frozenset({0x03, 0x13})
"""Requestable and labelled; with or without a salt."""
_TYPE_SUFFIX = bytes.fromhex("00110010800000aa00389b71")
"""What the types of all C2PA boxes end with."""
_LABELS = {
    b"c2pa": (b"c2pa",),
    b"c2as": (b"c2pa.assertions",),
    b"c2cl": (b"c2pa.claim", b"c2pa.claim.v2"),
    b"c2cs": (b"c2pa.signature",),
    b"c2vc": (b"c2pa.credentials",),
}
"""Labels that boxes of a type must have."""
_PADS = (b"\x63pad", b"\x64pad2")
_LENGTHS = {0x58: 1, 0x59: 2, 0x5A: 4}
"""CBOR byte strings by the width of their length."""


def is_ours(store: Mapping[str, Any]) -> bool:
    """Whether the newest manifest was made by this package.

    Only those are held to the one way in which our signing library writes them: others may write
    differently and just as lawfully. The name is signed, so nobody can take it off a file of ours.
    """
    active = mapping(mapping(store.get("manifests")).get(str(store.get("active_manifest"))))
    generators = sequence(active.get("claim_generator_info"))
    return any(mapping(each).get("name") == "overt" for each in generators)


def irregularities(store: bytes) -> list[str]:
    """Codes for what is not as it must be: `overt.padding`, `overt.boxes`; empty when all is well.

    Args:
        store: A manifest store: the `jumb` superbox labelled `c2pa`.
    """
    found: list[str] = []
    if not _boxes_regular(store):
        found.append(BOXES)
    if any(any(pad) for pad in _padding(store)):
        found.append(PADDING)
    return found


def _boxes_regular(store: bytes) -> bool:
    try:
        return _regular(store, 0, len(store), 0)
    except (struct.error, IndexError, RecursionError):
        return False


def _regular(data: bytes, at: int, end: int, depth: int) -> bool:
    """Whether the boxes from `at` to `end` fill that space, each described as it has to be."""
    if depth > _MAX_DEPTH:
        return False
    while at < end:
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8 or at + length > end:
            return False
        if kind == b"jumd" and not _described(data[at + 8 : at + length]):
            return False
        if kind == b"jumb" and not _regular(data, at + 8, at + length, depth + 1):
            return False
        at += length
    return at == end


def _described(body: bytes) -> bool:
    """Whether a description box has lawful flags, and the label that its type asks for."""
    if body[16] not in _TOGGLES:
        return False
    label, end, _ = body[17:].partition(b"\x00")
    wanted = _LABELS.get(body[:4]) if body[4:16] == _TYPE_SUFFIX else None
    return bool(end) and (wanted is None or label in wanted)


def _padding(store: bytes) -> Iterator[bytes]:
    """The byte strings behind `pad` and `pad2`."""
    for name in _PADS:
        at = store.find(name)
        while at >= 0:
            value = _byte_string(store, at + len(name))
            if value is not None:
                yield value
            at = store.find(name, at + 1)


def _byte_string(data: bytes, at: int) -> bytes | None:
    """The CBOR byte string at a place; none when there is none."""
    head = data[at : at + 1]
    if not head:
        return None
    if 0x40 <= head[0] < 0x58:
        width, length = 0, head[0] - 0x40
    elif head[0] in _LENGTHS:
        width = _LENGTHS[head[0]]
        length = int.from_bytes(data[at + 1 : at + 1 + width], "big")
    else:
        return None
    start = at + 1 + width
    return data[start : start + length] if start + length <= len(data) else None

"""Manifests inside plain text, as invisible characters: the C2PA annex for unstructured text.

Only on request: many channels strip such characters, and they hurt screen readers and anything
that counts letters, so text gets a sidecar by default. A wrapper is a zero-width no-break space and
then one variation selector for each byte of a header and the manifest store. It stands at the end,
and the hash leaves exactly its bytes out.

Source: C2PA specification 2.4, annex on embedding manifests into unstructured text; Unicode, blocks
Variation Selectors and Variation Selectors Supplement.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Mapping
from typing import Any

from overt.provenance.shapes import UNTRUSTED, mapping, sequence

MEDIA_TYPES = frozenset({"text/plain", "text/markdown"})
"""Texts that can carry a manifest."""

_MISMATCH = "assertion.dataHash.mismatch"
_START = "\ufeff"
_MAGIC = b"C2PATXT\x00"
_HEADER = struct.Struct(">8sBI")
_VERSION = 1
_SLACK = 6
"""From this much room on padding can fill it: every number is a sum of threes and fours."""


def wrapper(store: bytes, length: int | None = None) -> str:
    """A manifest store as invisible characters.

    Args:
        store: The manifest store.
        length: Bytes in UTF-8 that the wrapper has to come to; `room_for` gives one that works.

    Raises:
        ValueError: It does not fit into `length`.
    """
    data = _HEADER.pack(_MAGIC, _VERSION, len(store)) + store
    text = _START + "".join(map(_selector, data))
    if length is None:
        return text
    gap = length - len(text.encode())
    for fours in range(4):
        threes, rest = divmod(gap - 4 * fours, 3)
        if gap >= 4 * fours and not rest:
            return text + _selector(0) * threes + _selector(0xFF) * fours
    raise ValueError("the wrapper does not fit")


def room_for(size: int) -> int:
    """Bytes in UTF-8 that any store of at most `size` bytes fits into."""
    return len(_START.encode()) + 4 * (_HEADER.size + size) + _SLACK


def split(text: str) -> tuple[str, bytes] | None:
    """The visible text and the manifest store of a text that ends with a wrapper.

    Returns:
        None when there is no wrapper, more than one, or one that is malformed.
    """
    places = [at for at, letter in enumerate(text) if letter == _START and _is_wrapper(text, at)]
    if len(places) != 1:
        return None
    at = places[0]
    values = [_byte(letter) for letter in text[at + 1 :]]
    if None in values:
        return None
    data = bytes(value for value in values if value is not None)
    _, version, length = _HEADER.unpack_from(data)
    store = data[_HEADER.size : _HEADER.size + length]
    if version != _VERSION or len(store) != length:
        return None
    return text[:at], store


def _is_wrapper(text: str, at: int) -> bool:
    head = [_byte(letter) for letter in text[at + 1 : at + 1 + _HEADER.size]]
    return len(head) == _HEADER.size and head[: len(_MAGIC)] == list(_MAGIC) and None not in head


def _selector(value: int) -> str:
    return chr(0xFE00 + value if value < 16 else 0xE0100 + value - 16)


def _byte(letter: str) -> int | None:
    point = ord(letter)
    if 0xFE00 <= point <= 0xFE0F:
        return point - 0xFE00
    if 0xE0100 <= point <= 0xE01EF:
        return point - 0xE0100 + 16
    return None


def settle(store: dict[str, Any], details: Mapping[str, Any], data: bytes, visible: int) -> None:
    """Judge the hash of a text, which the library finds wrong because it cannot place the wrapper.

    Only its one complaint is taken back, and only where the stretch that the hash leaves out is
    exactly the wrapper and the hash is that of all other bytes.

    Args:
        store: The manifest store as read; changed in place.
        details: The same in the library's long form, with the assertion about the hash.
        data: The whole text.
        visible: Bytes before the wrapper.
    """
    active = mapping(mapping(store.get("validation_results")).get("activeManifest"))
    failures = sequence(active.get("failure"))
    others = [each for each in failures if mapping(each).get("code") != _MISMATCH]
    if len(others) == len(failures) or not _hash_fits(store, details, data, visible):
        return
    store["validation_results"]["activeManifest"]["failure"] = others
    success = {mapping(each).get("code") for each in sequence(active.get("success"))}
    trusted = "signingCredential.trusted" in success
    if all(mapping(each).get("code") == UNTRUSTED for each in others):
        store["validation_state"] = "Trusted" if trusted else "Valid"


def _hash_fits(
    store: Mapping[str, Any], details: Mapping[str, Any], data: bytes, visible: int
) -> bool:
    manifest = mapping(mapping(details.get("manifests")).get(str(store.get("active_manifest"))))
    bound = mapping(mapping(manifest.get("assertion_store")).get("c2pa.hash.data"))
    left_out = [{"start": visible, "length": len(data) - visible}]
    if bound.get("exclusions") != left_out or bound.get("alg") != "sha256":
        return False
    try:
        stated = base64.b64decode(str(bound.get("hash")), validate=True)
    except binascii.Error:
        return False
    return stated == hashlib.sha256(data[:visible]).digest()

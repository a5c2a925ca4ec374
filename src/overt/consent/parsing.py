"""Reads JSON from people we do not know: bounded in size and depth, no doubled keys."""

from __future__ import annotations

import base64
import json
from typing import Any

from overt.consent.refusals import refusal

MOST_BYTES = 256 * 1024
MOST_DEPTH = 24


def parse(data: bytes) -> Any:
    """The value of a JSON text.

    Raises:
        VerificationError: `consent.too_large`, `consent.too_deep` or `consent.malformed`.
    """
    if len(data) > MOST_BYTES:
        raise refusal("consent.too_large")
    if _depth(data) > MOST_DEPTH:
        raise refusal("consent.too_deep")
    try:
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):
        raise refusal("consent.malformed") from None


def _depth(data: bytes) -> int:
    """Deepest nesting, counted without recursion, before anything is built."""
    deepest = depth = 0
    quoted = escaped = False
    for byte in data:
        if quoted:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                quoted = False
        elif byte == 0x22:
            quoted = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("doubled key")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def b64(data: bytes) -> str:
    """Base64url without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: Any) -> bytes:
    """The bytes of base64url without padding, in its one canonical spelling.

    Raises:
        VerificationError: `consent.malformed`.
    """
    if isinstance(text, str) and text.isascii():
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raise refusal("consent.malformed") from None
        if b64(data) == text:
            return data
    raise refusal("consent.malformed")

"""Values from a stranger, taken for what they are: a wrong type is as good as absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNTRUSTED = "signingCredential.untrusted"
"""The one failure code that speaks of who signed, not of whether the bytes are what was signed."""


def mapping(value: Any) -> Mapping[str, Any]:
    """`value` when it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: Any) -> list[Any]:
    """`value` when it is a list, else an empty one."""
    return value if isinstance(value, list) else []

"""What a leaf of the ledger may say, and its exact bytes.

A ledger cannot forget, so it must never learn anything that somebody could ask to have erased. An
entry is a flat object of known fields whose values are ids, digests, codes, enum words, moments,
whole numbers and lists of these: no spaces, no letters outside ASCII, no fractions, so neither a
prompt nor a name fits in. Its bytes are canonical JSON (RFC 8785).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from overt.errors import StageError

VERSION = 1
"""Schema version, in every leaf as `v`."""

FIELDS = frozenset(
    {
        "act",
        "acts",
        "action",
        "asset",
        "assets",
        "assurance",
        "at",
        "basis",
        "bundle",
        "channel",
        "clearance",
        "code",
        "codes",
        "commitment",
        "config",
        "consents",
        "count",
        "country",
        "decision",
        "digest",
        "disclosures",
        "elections",
        "evidence",
        "expires_at",
        "extent",
        "from",
        "grant",
        "grants",
        "id",
        "key",
        "label",
        "language",
        "ledger",
        "manifest",
        "media_type",
        "modality",
        "origin",
        "outcome",
        "override",
        "phase",
        "policy",
        "previous",
        "queue",
        "reason",
        "registry",
        "request",
        "required",
        "reviewers",
        "root",
        "rules",
        "salt",
        "seq",
        "shadow",
        "signers",
        "size",
        "stage",
        "starts_at",
        "state",
        "subject",
        "ticket",
        "to",
        "type",
        "v",
        "version",
    }
)
"""Every field there is. A new one is a reviewed change to this file."""

_WORD = re.compile(r"[A-Za-z0-9._:/+@=\-]{1,160}", re.ASCII)
_TYPE = re.compile(r"[a-z][a-z_.]{0,62}", re.ASCII)
_MOST = 512
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_SAFE = 2**53
LEAF_BYTES = 65_535
"""Longest leaf: tlog-tiles counts in 16 bits."""


def encode(entry: Mapping[str, Any]) -> bytes:
    """Canonical bytes of an entry, with its schema version.

    Args:
        entry: At least `type`, `id` and `at` (an aware `datetime`, or its ISO form).

    Raises:
        StageError: `ledger.entry`: a field or a value that a ledger must not hold. The message
            names the field, never the value.
    """
    leaf: dict[str, Any] = {"v": VERSION}
    for field, value in entry.items():
        if field not in FIELDS:
            raise _refusal("a field that is not on its list")
        if type(value) is str and _WORD.fullmatch(value):
            leaf[field] = value
        elif value is not None:
            leaf[field] = _value(field, value)
    if not isinstance(leaf.get("type"), str) or not _TYPE.fullmatch(leaf["type"]):
        raise _refusal("type")
    if not isinstance(leaf.get("id"), str):
        raise _refusal("id")
    leaf["at"] = moment(when(entry))
    body = _ENCODER.encode(leaf).encode()
    if len(body) > LEAF_BYTES:
        raise _refusal("its length")
    return body


def when(entry: Mapping[str, Any]) -> datetime:
    """The aware moment of an entry.

    Raises:
        StageError: `ledger.entry`: it has none, or one without a time zone.
    """
    at = entry.get("at")
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            raise _refusal("at") from None
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise _refusal("at")
    return at


def moment(at: datetime) -> str:
    """ISO form of an aware moment, in UTC with microseconds."""
    if at.tzinfo is None:
        raise _refusal("a naive time")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _value(field: str, value: Any) -> Any:
    if isinstance(value, str):
        if not _WORD.fullmatch(value):
            raise _refusal(field)
        return str(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        if not -_SAFE < value < _SAFE:
            raise _refusal(field)
        return int(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, tuple | list | frozenset | set):
        items = sorted(value) if isinstance(value, frozenset | set) else value
        if len(items) > _MOST or any(isinstance(item, tuple | list | set) for item in items):
            raise _refusal(field)
        return [_value(field, item) for item in items]
    raise _refusal(field)


def _refusal(field: str) -> StageError:
    return StageError(
        "record",
        "ledger.entry",
        "the ledger entry was refused",
        f"it may not hold {field}" if " " in field else f"its field {field} may not be like this",
        "record ids, digests and codes only",
    )

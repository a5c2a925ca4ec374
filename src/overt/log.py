"""Logging with an allow-list: the only fields that overt ever logs.

A guard that logs the prompt is a leak. Every log line of this package is an event name and fields
from `FIELDS`; `event()` refuses anything else, so a new field is a reviewed change to this file.
"""

from __future__ import annotations

import logging

logging.getLogger("overt").addHandler(logging.NullHandler())

FIELDS = frozenset(
    {
        "act",
        "attempt",
        "code",
        "count",
        "decision",
        "duration_ms",
        "index",
        "language",
        "media_type",
        "modality",
        "outcome",
        "phase",
        "policy",
        "registry",
        "rules",
        "size",
        "stage",
        "ticket",
    }
)


def event(
    logger: logging.Logger, name: str, level: int = logging.INFO, **fields: str | int | float
) -> None:
    """Log one event.

    Raises:
        ValueError: A field is not on the allow-list.
    """
    unknown = fields.keys() - FIELDS
    if unknown:
        raise ValueError(f"fields not allowed in logs: {sorted(unknown)}")
    if logger.isEnabledFor(level):
        line = " ".join(f"{key}={value}" for key, value in sorted(fields.items()))
        logger.log(level, "%s %s", name, line)

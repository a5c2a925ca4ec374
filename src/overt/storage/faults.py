"""Turns what databases say when they fail into errors of overt.

Driver messages can hold parameters, so they are never passed on: a code and a sentence of ours
take their place, and the cause is cut off.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

FAULTS = (SQLAlchemyError, OSError, sqlite3.Error)
"""What a database raises, through SQLAlchemy or past it."""

_KNOWN = (
    # (part of the driver's message, code, why, what to do)
    ("database is locked", "storage.locked", "another program holds the database", "try again"),
    ("database table is locked", "storage.locked", "another program holds it", "try again"),
    ("readonly database", "storage.read_only", "it cannot be written", "check permissions"),
    ("read-only transaction", "storage.read_only", "it cannot be written", "check the role"),
    ("permission denied", "storage.read_only", "it cannot be written", "check permissions"),
    ("read-only file system", "storage.read_only", "it cannot be written", "check the mount"),
    ("disk is full", "storage.full", "there is no space left", "free space and try again"),
    ("no space left", "storage.full", "there is no space left", "free space and try again"),
    ("disk i/o error", "storage.io", "the disk reported an error", "check the disk"),
    ("unable to open", "storage.unreachable", "the file cannot be opened", "check the path"),
    ("not a database", "storage.not_a_database", "the file is something else", "check the path"),
    ("malformed", "storage.corrupt", "the file is damaged", "restore a backup"),
    ("could not connect", "storage.unreachable", "no server answers", "check the URL"),
    ("connection", "storage.unreachable", "the server is gone", "check that it runs"),
)


def describe(error: Exception) -> tuple[str, str, str]:
    """Code, cause and remedy for a database error, without its text."""
    if isinstance(error, IntegrityError | sqlite3.IntegrityError):
        return "storage.conflict", "such a row is there already", "use a new id"
    text = str(error.orig if isinstance(error, DBAPIError) else error).lower()
    for part, code, why, todo in _KNOWN:
        if part in text:
            return code, why, todo
    return "storage.failed", f"the database said {type(error).__name__}", "see its log"


def transient(error: Exception) -> bool:
    """Whether PostgreSQL asks to run the transaction again: deadlock or serialisation."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return state in ("40P01", "40001")

"""Storage: one SQL database for decisions, consent and the ledger, written in one transaction."""

from overt.storage.engine import Database

__all__ = ["Database"]

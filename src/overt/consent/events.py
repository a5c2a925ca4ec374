"""What happens to a record after it was given, and the state that follows.

A revocation is immediate, looks forward only, and is final: nothing brings a record back, a new
one has to be given. Anybody concerned can revoke or suspend, the subject alone too, even when a
representative gave the record; only who suspended it, or the subject, can resume it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, get_args

from overt.errors import ConfigError

Actor = Literal["subject", "grantor", "registrar", "grantee"]


def actor(word: str) -> Actor:
    """A word from outside as an actor.

    Raises:
        ConfigError: `consent.actor`.
    """
    for known in get_args(Actor):
        if word == known:
            found: Actor = known
            return found
    raise ConfigError(
        "consent.actor", "nobody is called that", "", f"write one of {', '.join(get_args(Actor))}"
    )


class EventType(StrEnum):
    """Kinds of events."""

    GIVEN = "given"
    COUNTERSIGNED = "countersigned"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    DISPUTED = "disputed"
    RESOLVED = "resolved"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    SUBJECT_DIED = "subject_died"
    VIEWED = "viewed_by_subject"
    FORGOTTEN = "forgotten"


STATE_AFTER = {
    EventType.GIVEN: "given",
    EventType.SUSPENDED: "suspended",
    EventType.RESUMED: "given",
    EventType.DISPUTED: "disputed",
    EventType.RESOLVED: "given",
    EventType.REVOKED: "revoked",
    EventType.SUPERSEDED: "superseded",
    EventType.SUBJECT_DIED: "subject_died",
    EventType.FORGOTTEN: "forgotten",
}
"""State of a grant after an event; the others leave it as it is."""

FINAL = frozenset({"revoked", "superseded", "subject_died", "forgotten"})
"""States that only erasure changes."""

UNDOES = {EventType.RESUMED: EventType.SUSPENDED, EventType.RESOLVED: EventType.DISPUTED}
"""Which event each of these takes back."""

TIGHTENS = frozenset(
    {
        EventType.SUSPENDED,
        EventType.DISPUTED,
        EventType.REVOKED,
        EventType.SUPERSEDED,
        EventType.SUBJECT_DIED,
        EventType.FORGOTTEN,
    }
)
"""Events after which open leases are worth nothing."""

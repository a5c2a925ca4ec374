"""What the policy weighs beside the text: the election phase, and consent.

`ElectionStatus` comes from the calendar; a `ConsentState` is the store's answer to a `ConsentNeed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import AwareDatetime, Field

from overt.value import Value
from overt.words import Act, Assurance, Extent, Phase, Purpose


class ElectionRef(Value):
    """The election a status speaks of."""

    id: str
    type: str
    date: date
    days_to: int


class Silence(Value):
    """A silence rule, with its window in local time of the country."""

    in_force: bool
    start: AwareDatetime | None = Field(default=None, serialization_alias="from")
    end: AwareDatetime | None = Field(default=None, serialization_alias="to")
    scope: tuple[str, ...] = ()
    citation: str | None = None
    source: str | None = None
    confidence: str = "low"


class ElectionStatus(Value):
    """Where a country stands at one moment; `unknown` where the data has no row."""

    country: str
    at: AwareDatetime
    phase: Phase
    election: ElectionRef | None = None
    silence: Silence | None = None
    data_age_days: int = 0


class ConsentNeed(Value):
    """One question to the consent store: may this act be done to this subject?"""

    subject_id: str
    figure_id: str | None = None
    act: Act
    modalities: tuple[str, ...] = ()
    purpose: Purpose = Purpose.GENERAL
    extent: Extent = Extent.WHOLLY_GENERATED
    languages: tuple[str, ...] = ()
    country: str | None = None
    channel: str | None = None
    context: Mapping[str, str] = Field(default_factory=dict)
    references: tuple[str, ...] = ()
    """SHA-256 digests of reference voices or faces."""
    only: tuple[str, ...] = ()
    """Ids of the only grants to look at; empty means all of the subject's."""


class ConsentState(Value):
    """The store's answer to a `ConsentNeed`.

    Args:
        code: `consent.valid`, or why not: `consent.absent`, `.expired`, `.revoked`,
            `.not_yet_valid`, `.out_of_scope`, `.blackout`, `.untrusted`, `.signature` and so on.
        mandate: A campaign mandate with evidence stands behind it.
        required_language: BCP 47 tag the grant wants the disclosure in.
        required_modes: Disclosure modes the grant wants: `spoken`, `visible`.
    """

    need: ConsentNeed
    code: str
    grant_id: str | None = None
    grant_seq: int | None = None
    assurance: Assurance | None = None
    basis: str | None = None
    mandate: bool = False
    unreachable: bool = False
    required_language: str | None = None
    required_modes: tuple[str, ...] = ()
    digest: str | None = None
    """Salted digest of the record, for the manifest."""

    @property
    def valid(self) -> bool:
        """Whether the act is covered."""
        return self.code == "consent.valid"

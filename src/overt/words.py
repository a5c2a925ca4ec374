"""The words of overt: every closed set of values, and nothing else.

One word for one thing. The values are what rule files, JSON and the database contain, so adding one
is compatible and renaming one is not.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from functools import total_ordering


@total_ordering
class Outcome(Enum):
    """What a decision comes to, ordered: `allow < label < consent < review < refuse`."""

    ALLOW = "allow"
    LABEL = "label"
    CONSENT = "consent"
    REVIEW = "review"
    REFUSE = "refuse"

    @property
    def rank(self) -> int:
        """Place in the order, 0 for `allow`."""
        return list(Outcome).index(self)

    @property
    def clears(self) -> bool:
        """Whether the tool may run."""
        return self in (Outcome.ALLOW, Outcome.LABEL)

    def __lt__(self, other: object) -> bool:
        return self.rank < other.rank if isinstance(other, Outcome) else NotImplemented


class Modality(StrEnum):
    """What people perceive: the first half of a media type, in our words."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    TEXT = "text"

    @classmethod
    def of(cls, media_type: str) -> Modality:
        """Modality of an IANA media type: `image/png` is `image`, `application/pdf` is `text`.

        Raises:
            ValueError: The type is of no modality that overt knows.
        """
        top, _, sub = media_type.partition("/")
        if top == "application" and sub in ("pdf", "x-subrip"):
            return cls.TEXT
        return cls(top)


class Act(StrEnum):
    """Things a person can consent to, separately and separately revocable."""

    REPLICA_CREATE = "replica_create"
    GENERATE = "generate"
    ALTER = "alter"
    DISTRIBUTE = "distribute"
    TRAIN = "train"


class Extent(StrEnum):
    """How far an edit goes."""

    NONE = "none"
    MINOR = "minor"
    SIGNIFICANT = "significant"
    WHOLLY_GENERATED = "wholly_generated"


class Realism(StrEnum):
    """Whether a viewer could take the result for a recording."""

    STYLISED = "stylised"
    AMBIGUOUS = "ambiguous"
    PHOTOREAL = "photoreal"


class Covers(StrEnum):
    """The part of an asset that a disclosure speaks of."""

    VOICE = "voice"
    IMAGE = "image"
    TEXT = "text"
    WHOLE = "whole"


class DeclaredBy(StrEnum):
    """Who vouches for what is said of an asset."""

    BUILDER = "builder"
    CREATOR = "creator"


class Purpose(StrEnum):
    """What the builder says the asset is for. Never taken from a prompt (I8)."""

    GENERAL = "general"
    FILM = "film"
    TV = "tv"
    GAME = "game"
    ADVERTISING = "advertising"
    CAMPAIGN = "campaign"
    POLITICAL = "political"
    FINANCIAL = "financial"
    NEWS = "news"
    SATIRE = "satire"
    EDUCATION = "education"
    ACCESSIBILITY = "accessibility"
    DUBBING = "dubbing"
    PUBLIC_NOTICE = "public_notice"
    INTERNAL_TEST = "internal_test"


class Phase(StrEnum):
    """Where a country stands in an election at one moment."""

    NONE = "none"
    CAMPAIGN = "campaign"
    SILENCE = "silence"
    POLLING = "polling"
    COUNTING = "counting"
    UNKNOWN = "unknown"


class FindingKind(StrEnum):
    """What sort of thing a screen saw."""

    FIGURE = "figure"
    INTENT = "intent"
    SIGNAL = "signal"
    EVASION = "evasion"
    CUE = "cue"


class Intent(StrEnum):
    """Harms that the election and likeness screens look for."""

    VOTER_SUPPRESSION = "voter_suppression"
    FALSE_VOTING_INFO = "false_voting_info"
    FABRICATED_STATEMENT = "fabricated_statement"
    FABRICATED_SCANDAL = "fabricated_scandal"
    IMPERSONATION_CALL = "impersonation_call"
    FABRICATED_RESULTS = "fabricated_results"
    CANDIDATE_EXIT_LIE = "candidate_exit_lie"
    OFFICIAL_IMPERSONATION = "official_impersonation"
    INCITEMENT_HATE = "incitement_hate"
    ENDORSEMENT = "endorsement"
    FRAUD_IMPERSONATION = "fraud_impersonation"
    AUTHENTICITY_ATTACK = "authenticity_attack"
    INTIMATE = "intimate"
    PRIVATE_PERSON_LIKENESS = "private_person_likeness"


class Signal(StrEnum):
    """Signs of ordinary, protected or useful work."""

    SATIRE = "satire"
    NEWS_REPORT = "news_report"
    EDUCATION = "education"
    ACCESSIBILITY = "accessibility"
    CIVIC_INFORMATION = "civic_information"
    FICTION = "fiction"


class Cue(StrEnum):
    """Circumstances in a prompt that policy weighs; neither harm nor excuse by themselves."""

    VOICE = "voice"
    """Asks for somebody's voice or for speech."""
    REALISTIC = "realistic"
    """Asks that it pass as real: photoreal, authentic, indistinguishable, hidden-camera."""
    STYLISED = "stylised"
    """Drawing, cartoon, puppet, caricature, poem: plainly not a recording."""
    STAGED = "staged"
    """An impersonator, sketch or puppet is asked for: plainly a performance."""
    CONCEAL = "conceal"
    """Asks for no label, watermark or disclosure, or that people be taken in."""
    CLAIMED_CONSENT = "claimed_consent"
    """Says that there is permission. Words never count; records do."""
    CAMPAIGN = "campaign"
    """Says that it is for a campaign, party or candidate."""
    ELECTION = "election"
    """Speaks of an election, a vote, a candidate or a result."""
    PROCEDURE_CHANGE = "procedure_change"
    """Says that place, date, hours or method of voting changed, in nobody's name."""
    POLITICAL = "political"
    """An endorsement of a political kind."""
    FINANCIAL = "financial"
    """An endorsement of a financial kind."""
    PERSONAL_CALL = "personal_call"
    """A call or message meant for many people one by one."""
    MINOR = "minor"
    """A child is depicted."""
    OWN_NOTICE = "own_notice"
    """The body's or the person's own notice."""
    PRIVATE_PERSON = "private_person"
    """Somebody of the asker's own life, whom no registry knows: a colleague, a former partner."""


class Role(StrEnum):
    """What a found figure is in the prompt."""

    DEPICTED = "depicted"
    VOICED = "voiced"
    AUTHORED = "authored"
    """Text written as if by them."""
    TOPIC = "topic"
    """Text about them: news, biography, comparison."""
    MENTIONED = "mentioned"
    """Named, not shown: a fan of, a street named after, a statue of."""


class MatchKind(StrEnum):
    """How a figure was recognised."""

    EXACT = "exact"
    ALIAS = "alias"
    NICKNAME = "nickname"
    ROLE = "role"
    FUZZY = "fuzzy"
    TRANSLITERATION = "transliteration"
    OBFUSCATED = "obfuscated"


class Strength(StrEnum):
    """How much a finding or an obligation weighs."""

    WEAK = "weak"
    STRONG = "strong"


class Assurance(StrEnum):
    """How well a record is tied to the person; computed from evidence, never typed in."""

    ASSUMED = "assumed"
    SELF_ASSERTED = "self_asserted"
    COUNTERSIGNED = "countersigned"
    LIVE_VERIFIED = "live_verified"
    NOTARISED = "notarised"

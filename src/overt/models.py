"""Values that cross the boundary of overt or travel between its stages.

All are frozen pydantic models, checked once, when they are made. Text that could identify somebody
(prompts, names) is kept out of every `repr`. Spans are code points into the original text, end
exclusive. Times are aware `datetime` objects.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from functools import total_ordering
from pathlib import Path
from typing import IO, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator


class Value(BaseModel):
    """Base of all boundary values: frozen, closed, and silent about its input in errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


# --- words -----------------------------------------------------------------------------------


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


CERTAIN = 0.8
"""A score from here up acts by itself; scores are calibrated to this on the dev split."""
POSSIBLE = 0.5
"""A score from here to `CERTAIN` is for a person to judge; below it nothing is reported."""


# --- what comes in ---------------------------------------------------------------------------


class Media(Value):
    """One asset: bytes in memory or a file that is read when needed.

    Args:
        media_type: IANA media type, such as `image/png`.
        data: The whole asset; exclusive with `path`.
        path: A file, which must stay unchanged while overt uses it; exclusive with `data`.
        language: BCP 47 tag of what is spoken or written in it, when the builder knows.
        transcript: What is said in it, when the builder knows; screened like a prompt.
    """

    media_type: str = Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")
    data: bytes | None = Field(default=None, repr=False)
    path: Path | None = None
    language: str | None = None
    transcript: str | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.data is None) == (self.path is None):
            raise ValueError("give either data or path")
        return self

    @property
    def modality(self) -> Modality:
        """Modality of the media type."""
        return Modality.of(self.media_type)

    def read(self) -> bytes:
        """The bytes, read from the file when the asset is one."""
        if self.data is not None:
            return self.data
        assert self.path is not None
        return self.path.read_bytes()

    def digest(self) -> str:
        """SHA-256 of the bytes, in hexadecimal; a file is read in pieces."""
        if self.data is not None:
            return hashlib.sha256(self.data).hexdigest()
        assert self.path is not None
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def open(self) -> IO[bytes]:
        """A binary stream over the bytes, to be closed by the caller."""
        if self.data is not None:
            return io.BytesIO(self.data)
        assert self.path is not None
        return self.path.open("rb")

    def size(self) -> int:
        """Length in bytes."""
        if self.data is not None:
            return len(self.data)
        assert self.path is not None
        return self.path.stat().st_size


class Subject(Value):
    """A real person who is depicted or voiced.

    Args:
        id: Opaque id from the builder, or a registry id.
        name: For `guard.reveal`; stored nowhere in clear.
        figure_id: Registry id where the subject is a public figure.
        modalities: What of the person is used: `voice`, `face`, `body`, `name`.
    """

    id: str
    name: str | None = Field(default=None, repr=False)
    figure_id: str | None = None
    modalities: tuple[str, ...] = ()


class Request(Value):
    """What a caller wants made, and what the builder says about it (I8).

    `prompt` is the end user's; every other field is the builder's and is never taken from it.

    Args:
        prompt: All text that reaches the tool, joined by newlines.
        media_type: What the tool returns.
        language: BCP 47 tag of the content, when declared.
        audience: BCP 47 tag of the audience, used when nothing else tells.
        subjects: People known to be depicted or voiced.
        voice: Voice id of the tool; looked up in `[voices]`.
        stock_voice: The builder vouches that the voice is nobody's.
        references: A reference voice or face from which a replica is made.
        inputs: Ingredients: the plate first (`parentOf`).
        consents: Ids of records the builder relies on; they narrow, never add.
        act: `generate`, or `alter` for an edit of `inputs[0]`.
        at: When it counts; naive means local time of the country. Live calls leave it to the
            guard's clock.
        country: ISO 3166-1 alpha-2, where it will be seen.
        actor: Opaque id of whoever asks; stored as a keyed digest.
        extent: How far it goes; left out, an edit is `significant` and the rest made wholly.
        covers: The part that is synthetic, where an edit leaves the rest real.
        declared_by: Who says so: the builder, or the creator of the asset.
        tool: Name of the generator for the manifest.
        context: Production, scene, shot and the like, for matching a grant's binding.
    """

    prompt: str = Field(repr=False)
    media_type: str = Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")
    language: str | None = None
    audience: str | None = None
    subjects: tuple[Subject, ...] = ()
    voice: str | None = None
    stock_voice: bool = False
    references: tuple[Media, ...] = Field(default=(), repr=False)
    inputs: tuple[Media, ...] = Field(default=(), repr=False)
    consents: tuple[str, ...] = ()
    act: Act = Act.GENERATE
    purpose: Purpose = Purpose.GENERAL
    extent: Extent = Extent.WHOLLY_GENERATED
    realism: Realism | None = None
    satire: bool = False
    covers: Covers | None = None
    declared_by: DeclaredBy = DeclaredBy.BUILDER
    tool: str | None = None
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    at: datetime | None = None
    actor: str | None = Field(default=None, repr=False)
    context: Mapping[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _extent_of_act(cls, data: Any) -> Any:
        if isinstance(data, dict) and "extent" not in data and data.get("act") == Act.ALTER:
            return {**data, "extent": Extent.SIGNIFICANT}
        return data

    @property
    def modality(self) -> Modality:
        """Modality of the media type."""
        return Modality.of(self.media_type)


# --- what screens say ------------------------------------------------------------------------


class ScreenContext(Value):
    """What a screen may know beside the text."""

    modality: Modality
    language: str | None = None
    country: str | None = None


class FigureRef(Value):
    """A possible public figure, never an identity."""

    id: str
    name: str = Field(repr=False)
    kind: str
    country: tuple[str, ...] = ()
    match: MatchKind
    role: Role = Role.DEPICTED
    dead_since: int | None = None
    """Year of death where the registry knows one."""


class Finding(Value):
    """One thing a screen saw, with evidence. It is not a verdict.

    Args:
        code: Registry id, `Intent`, `Signal` or `Cue` value, or the name of an evasion technique.
        score: 0 to 1, higher is surer; see `CERTAIN` and `POSSIBLE`. Not a probability.
        span: Code points into the original text, or none when it is the whole.
        strength: For figures and evasion: a weak one never acts alone.
        evidence: Names of concepts that led here, never the user's words.
    """

    kind: FindingKind
    code: str
    score: float = Field(ge=0, le=1)
    span: tuple[int, int] | None = None
    strength: Strength = Strength.STRONG
    figure: FigureRef | None = None
    evidence: tuple[str, ...] = ()


# --- election, consent: inputs of the policy ---------------------------------------------------


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


class Assurance(StrEnum):
    """How well a record is tied to the person; computed from evidence, never typed in."""

    ASSUMED = "assumed"
    SELF_ASSERTED = "self_asserted"
    COUNTERSIGNED = "countersigned"
    LIVE_VERIFIED = "live_verified"
    NOTARISED = "notarised"


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


# --- what comes out ----------------------------------------------------------------------------


class Reason(Value):
    """Why, in a stable code and a sentence in the language of the request."""

    code: str
    message: str
    rule: str | None = None


class Obligation(Value):
    """Something that is owed with an outcome.

    Args:
        kind: `disclose`, `consent`, `manifest`, `review`.
        strength: `weak` is the standard label, `strong` names the figure or marks satire.
        wording: Catalogue key of the wording that fits, such as `satire_label`.
        language: BCP 47 tag.
        modes: `visible`, `spoken`, `text`; empty means whatever the media needs.
        subject: Opaque id, for `consent`.
        act: For `consent`.
    """

    kind: str
    strength: Strength = Strength.WEAK
    wording: str | None = None
    language: str | None = None
    modes: tuple[str, ...] = ()
    subject: str | None = None
    act: Act | None = None


class Decision(Value):
    """The answer to one request: the maximum over the rules, and all their obligations."""

    id: str
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    rules: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = Field(default=(), repr=False)
    language: str = "und"
    election: ElectionStatus | None = None
    consents: tuple[ConsentState, ...] = ()
    policy: str = ""
    """Digest of the policy bundle."""
    registry: str = ""
    """Digest of the figure registry."""
    at: AwareDatetime
    index: int | None = None
    """Ledger index of the decision entry; none for a dry run."""


class Disclosure(Value):
    """One thing people perceive on the output, as it was rendered.

    Args:
        mode: `visible`, `spoken` or `text`.
        wording: Catalogue id of the sentence.
        text: The template; `{name}` stays unfilled (I4).
        evidence: Measured facts: box, ink height, contrast, start and end in seconds, loudness,
            font or voice, engine.
    """

    mode: str
    language: str
    wording: str
    text: str
    covers: Covers = Covers.WHOLE
    evidence: Mapping[str, Any] = Field(default_factory=dict)


class Record(Value):
    """A line of the ledger."""

    index: int
    id: str
    origin: str


class ManifestRef(Value):
    """What a caller needs to know about the signed manifest."""

    label: str
    digital_source_type: str


class Result(Value):
    """A released asset.

    `media` is disclosed and signed; not one byte of it may change (I2). `sidecar` holds the
    manifest where the format cannot carry one.
    """

    media: Media
    decision: Decision
    disclosures: tuple[Disclosure, ...]
    manifest: ManifestRef
    record: Record
    sidecar: bytes | None = Field(default=None, repr=False)
    elapsed_ms: Mapping[str, float] = Field(default_factory=dict)

    def save(self, path: str | Path) -> Path:
        """Write the asset, and its sidecar beside it as `<name>.c2pa`, each in one step.

        Raises:
            OSError: The folder cannot be written; nothing is left at `path`.
        """
        target = Path(path)
        if self.sidecar is not None:
            write_whole(target.with_name(target.name + ".c2pa"), self.sidecar)
        with self.media.open() as source:
            write_whole(target, source)
        return target


def write_whole(path: Path, source: bytes | IO[bytes]) -> None:
    """Put all of `source` at `path` so that a reader sees the whole or nothing.

    Raises:
        OSError: The folder cannot be written; nothing is left behind.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as stream:
            shutil.copyfileobj(io.BytesIO(source) if isinstance(source, bytes) else source, stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def utc_now() -> datetime:
    """The clock that a guard uses unless it is given another."""
    return datetime.now(UTC)

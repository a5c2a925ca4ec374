"""Values that cross the boundary of overt or travel between its stages.

All are frozen pydantic models, checked once, when they are made. Text that could identify somebody
(prompts, names) is kept out of every `repr`. Spans are code points into the original text, end
exclusive. Times are aware `datetime` objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, Field, PrivateAttr, model_validator

from overt.circumstances import ConsentNeed, ConsentState, ElectionRef, ElectionStatus, Silence
from overt.errors import StageError
from overt.media import Media, write_whole
from overt.value import Value
from overt.words import (
    Act,
    Assurance,
    Covers,
    Cue,
    DeclaredBy,
    Extent,
    FindingKind,
    Intent,
    MatchKind,
    Modality,
    Outcome,
    Phase,
    Purpose,
    Realism,
    Role,
    Signal,
    Strength,
)

__all__ = [
    "CERTAIN",
    "POSSIBLE",
    "Act",
    "Assurance",
    "ConsentNeed",
    "ConsentState",
    "Covers",
    "Cue",
    "Decision",
    "DeclaredBy",
    "Disclosure",
    "ElectionRef",
    "ElectionStatus",
    "Extent",
    "FigureRef",
    "Finding",
    "FindingKind",
    "Intent",
    "ManifestRef",
    "MatchKind",
    "Media",
    "Modality",
    "Obligation",
    "Outcome",
    "Phase",
    "Purpose",
    "Realism",
    "Reason",
    "Record",
    "Request",
    "Result",
    "Role",
    "ScreenContext",
    "Signal",
    "Silence",
    "Strength",
    "Subject",
    "Value",
    "utc_now",
    "write_whole",
]

# --- scores -----------------------------------------------------------------------------------

CERTAIN = 0.8
"""A score from here up acts by itself; scores are calibrated to this on the dev split."""
POSSIBLE = 0.5
"""A score from here to `CERTAIN` is for a person to judge; below it nothing is reported."""


# --- what comes in ---------------------------------------------------------------------------


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
        guides: What only guided the work, such as a mood board or a depth map: `inputTo` in the
            manifest, like `references`. Nobody's voice or face: that would be a reference.
        inputs: Ingredients: the plate first (`parentOf`), then what was put into it.
        consents: Ids of records the builder relies on; they narrow, never add.
        act: `generate`, or `alter` for an edit of `inputs[0]`.
        at: When it counts; naive means local time of the country. Live calls leave it to the
            guard's clock.
        country: ISO 3166-1 alpha-2, where it will be seen.
        actor: Opaque id of whoever asks; stored as a keyed digest.
        extent: How far it goes; left out, an edit is `significant` and the rest made wholly.
        measured_change: Share of the picture that differs from the plate, 0 to 1, as measured;
            none where it is not. It is held against `extent`.
        covers: The part that is synthetic, where an edit leaves the rest real.
        declared_by: Who says so: the builder, or the creator of the asset.
        tool: Name of the generator for the manifest.
        context: Production, scene, shot and the like, for matching a grant's binding.
        profiles: Disclosure profiles that hold beside those of the configuration.
    """

    prompt: str = Field(repr=False)
    media_type: str = Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")
    language: str | None = None
    audience: str | None = None
    subjects: tuple[Subject, ...] = ()
    voice: str | None = None
    stock_voice: bool = False
    references: tuple[Media, ...] = Field(default=(), repr=False)
    guides: tuple[Media, ...] = Field(default=(), repr=False)
    inputs: tuple[Media, ...] = Field(default=(), repr=False)
    consents: tuple[str, ...] = ()
    act: Act = Act.GENERATE
    purpose: Purpose = Purpose.GENERAL
    extent: Extent = Extent.WHOLLY_GENERATED
    measured_change: float | None = Field(default=None, ge=0, le=1)
    realism: Realism | None = None
    satire: bool = False
    covers: Covers | None = None
    declared_by: DeclaredBy = DeclaredBy.BUILDER
    tool: str | None = None
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    at: datetime | None = None
    actor: str | None = Field(default=None, repr=False)
    context: Mapping[str, str] = Field(default_factory=dict)
    profiles: tuple[str, ...] = ()

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
    _distribute: Callable[[Result, str], Record] | None = PrivateAttr(default=None)

    def release_for(self, channel: str) -> Record:
        """Ask whether this asset may leave the house through a channel, and record the answer.

        Making and distributing are separate acts; see `Guard.release_for`.

        Raises:
            NotCleared: It may not.
            StageError: The result does not come from a guard of this process.
        """
        if self._distribute is None:
            raise StageError(
                "release",
                "release.no_guard",
                "this result has lost its guard",
                "it was copied or read from elsewhere",
                "use guard.release_for(result, channel=…)",
            )
        return self._distribute(self, channel)

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


def utc_now() -> datetime:
    """The clock that a guard uses unless it is given another."""
    return datetime.now(UTC)

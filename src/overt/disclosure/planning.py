"""What has to be seen, heard and written on an asset: a pure function, before any media is touched.

The rules, in one place:

* every synthetic sound track owes a spoken notice, every synthetic picture a visible one, captions
  a cue, text a line; a synthetic voice over real pictures owes both, for those who cannot hear;
* edits of extent `none` or `minor` owe nothing, unless a rule of policy asks for a strong label;
* what is said fits what was done: a generation, an edit, a voice over real pictures, satire, an
  authorised voice and a creator's own mark are different sentences;
* the language is the content's, as given; a language that is only weakly spoken gets English too;
* a public figure's voice is announced at the start, at the end and every two minutes.

Nothing in here knows how to render; `overt.disclosure.check` compares the finished file with it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from overt.disclosure.clips import clip_for
from overt.disclosure.facts import Facts
from overt.disclosure.profiles import Profile, combined
from overt.disclosure.wording import LABELS, Catalogue, Wording
from overt.errors import StageError
from overt.models import Covers, Extent, Modality, Obligation, Realism, Strength
from overt.sniff import canonical

CAPTIONS = {
    "video/mp4": "mov_text",
    "video/quicktime": "mov_text",
    "video/x-matroska": "subrip",
    "video/webm": "webvtt",
}
"""Containers that take a caption track, and ffmpeg's name of its codec."""
STANDARD_STRONG_INK = 0.035
"""Ink height of a strong label over the shorter side, at least."""


@dataclass(frozen=True, slots=True)
class Content:
    """What the plan has to know about an asset. Every field is the builder's word or a fact.

    Attributes:
        media_type: IANA media type.
        facts: What `examine` found; none when planning ahead.
        extent: How far the change goes.
        realism: Whether it could pass for a recording.
        covers: Which part is synthetic.
        figure: A public figure is depicted or voiced.
        satire: The builder says it is satire.
        authorised_voice: A voice is used under a consent record.
        synthetic_audio: The sound track is synthetic.
        synthetic_video: The pictures are synthetic.
        edited_real: Real material was changed, rather than made.
        declared_by: `builder` or `creator`, who says so.
    """

    media_type: str
    facts: Facts | None = None
    extent: Extent = Extent.WHOLLY_GENERATED
    realism: Realism | None = None
    covers: Covers = Covers.WHOLE
    figure: bool = False
    satire: bool = False
    authorised_voice: bool = False
    synthetic_audio: bool = True
    synthetic_video: bool = True
    edited_real: bool = False
    declared_by: str = "builder"

    def __post_init__(self) -> None:
        """Take plain strings for the enumerations."""
        object.__setattr__(self, "extent", Extent(self.extent))
        object.__setattr__(self, "covers", Covers(self.covers))


@dataclass(frozen=True, slots=True)
class Visible:
    """A line of the visible label."""

    key: str
    language: str
    text: str
    script: str
    direction: str
    review: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence of the spoken notice.

    `reading` is fed to speech engines where the spelling misleads them. `exact` forbids another
    language in its place.
    """

    key: str
    kind: str
    language: str
    text: str
    review: str
    reading: str | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: in a text, a page or a captions file."""

    key: str
    language: str
    text: str
    direction: str
    review: str


@dataclass(frozen=True, slots=True)
class DisclosurePlan:
    """What is owed. Frozen; `to_json` goes into the manifest and the ledger.

    Attributes:
        exempt: Why nothing is owed, else none.
        strong: The label names a figure or marks satire.
        profile: The combined values of the profiles.
        catalogue: Version of the wording catalogue.
    """

    media_type: str
    modality: str
    covers: Covers
    visible: tuple[Visible, ...] = ()
    spoken: tuple[Spoken, ...] = ()
    text: tuple[Line, ...] = ()
    strong: bool = False
    exempt: str | None = None
    profile: Profile = field(default_factory=Profile)
    languages: tuple[str, ...] = ()
    catalogue: str = ""

    @property
    def owed(self) -> bool:
        """Whether anything is to be rendered."""
        return bool(self.visible or self.spoken or self.text)

    def to_json(self) -> dict[str, Any]:
        """Plain values. Templates stay unfilled, so no name is in it."""
        return {**asdict(self), "covers": self.covers.value}


def plan(
    content: Content,
    obligations: Sequence[Obligation] = (),
    profiles: Sequence[str] = (),
    languages: Sequence[str] = ("en",),
    *,
    catalogue: Catalogue | None = None,
    speaks: Collection[str] = (),
) -> DisclosurePlan:
    """Say what is owed on `content`.

    Args:
        content: The asset.
        obligations: What the decision asks for; only those of kind `disclose` count.
        profiles: Names of profiles; `standard` always holds.
        languages: The content's language first (`overt.language.choose`).
        catalogue: A builder's wordings.
        speaks: Languages that the builder's own speaker has a voice for.

    Raises:
        StageError: An obligation cannot be met on this kind of media.
        ConfigError: A profile or a wording does not exist.
    """
    catalogue = catalogue or Catalogue.packaged()
    owed = [one for one in obligations if one.kind == "disclose"]
    strong = content.satire or any(one.strength is Strength.STRONG for one in owed)
    modality = Modality.of(content.media_type) if "subrip" not in content.media_type else "text"
    heard = _voiced(content, str(modality))
    if content.figure and heard:  # where `storytelling` holds, this repeats nothing inside
        profiles = (*profiles, "figure-voice")
    rules = combined(profiles)
    tags = _languages(languages, owed, rules, catalogue)
    base = DisclosurePlan(
        content.media_type,
        str(modality),
        content.covers,
        strong=strong,
        profile=rules,
        languages=tags,
        catalogue=catalogue.version,
    )
    if content.extent in (Extent.NONE, Extent.MINOR) and not strong:
        return _with(base, exempt=f"extent.{content.extent}")
    if modality is Modality.IMAGE and not rules.inside:
        return _with(base, exempt="profile.storytelling")
    keys = _keys(content, owed, str(modality))
    made = _with(
        base,
        visible=_visible(keys, tags, catalogue, rules, str(modality)) if _shown(content) else (),
        spoken=_spoken(content, tags, catalogue, rules, speaks) if heard else (),
        text=_lines(keys, tags, catalogue) if _lined(content, base) else (),
    )
    _modes_met(made, owed)
    return made


# --- which languages ---------------------------------------------------------------------------


def _languages(
    languages: Sequence[str], owed: Sequence[Obligation], rules: Profile, catalogue: Catalogue
) -> tuple[str, ...]:
    """The content's languages, those a consent record wants, and those a profile adds."""
    known = set(catalogue.languages)
    asked = [one.language for one in owed if one.language]
    required = [rules.require_language] if rules.require_language else []
    tags = dict.fromkeys((*languages, *asked, *required, *rules.add_languages))
    return tuple(tag for tag in tags if tag in known) or ("en",)


# --- which sentences ---------------------------------------------------------------------------


def _voiced(content: Content, modality: str) -> bool:
    """Whether there is a sound track that is synthetic."""
    if modality == "audio":
        return True
    has = content.facts.has_audio if content.facts is not None else content.synthetic_audio
    covered = content.covers in (Covers.WHOLE, Covers.VOICE)
    return modality == "video" and has and content.synthetic_audio and covered


def _shown(content: Content) -> bool:
    """Whether a label on the pictures is owed: for a voice alone too."""
    if content.media_type.split("/")[0] not in ("image", "video"):
        return False
    return content.synthetic_video or content.synthetic_audio or content.edited_real


def _lined(content: Content, base: DisclosurePlan) -> bool:
    """Whether a line of text is owed: on a text, and as a caption of a video that takes one."""
    if base.modality == "text":
        return True
    return base.profile.inside and canonical(content.media_type) in CAPTIONS


def _keys(content: Content, owed: Sequence[Obligation], modality: str) -> tuple[str, ...]:
    """Wording keys of the visible label or text line, most telling first."""
    named = [one.wording or "" for one in owed]
    keys = list(dict.fromkeys(key for key in named if key in LABELS))
    if content.satire and "satire_label" not in keys:
        keys.insert(0, "satire_label")
    telling = [key for key in keys if key not in ("label_short", "label_visual", "label_video")]
    if telling:
        return tuple(key for key in telling[:2] if modality != "text" or key != "label_voice")
    if content.declared_by == "creator":
        return ("creator_labeled",)
    if content.authorised_voice and content.covers is Covers.VOICE:
        return ("authorized_voice_label",) if content.figure else ("label_voice",)
    if content.covers is Covers.VOICE and modality == "video":
        return ("label_voice",)
    if content.edited_real or content.extent is not Extent.WHOLLY_GENERATED:
        return ("label_altered",)
    return ("label_text",) if modality == "text" else ("label_short",)


def _kind(content: Content) -> str:
    """Kind of the spoken sentence."""
    if content.satire:
        return "satire"
    if content.authorised_voice:
        return "authorised"
    over_pictures = content.media_type.startswith("video/")
    if content.covers is Covers.VOICE and (content.edited_real or over_pictures):
        return "voice"
    if content.edited_real or content.extent is not Extent.WHOLLY_GENERATED:
        return "altered"
    return "generated"


def _visible(
    keys: Sequence[str],
    tags: Sequence[str],
    catalogue: Catalogue,
    rules: Profile,
    modality: str,
) -> tuple[Visible, ...]:
    lines = [_as_visible(catalogue.label(key, tag)) for tag in tags for key in keys]
    for sentence in rules.sentences.get(modality, ()):
        lines.append(Visible("statutory", "en", sentence, "Latn", "ltr", "statute"))
    return tuple(dict.fromkeys(lines))


def _as_visible(word: Wording) -> Visible:
    return Visible(word.key, word.language, word.text, word.script, word.direction, word.review)


def _spoken(
    content: Content,
    tags: Sequence[str],
    catalogue: Catalogue,
    rules: Profile,
    speaks: Collection[str],
) -> tuple[Spoken, ...]:
    """Sentences in each language, with English after one that no good voice speaks."""
    kind = _kind(content)
    said: list[Spoken] = []
    weak = False
    for tag in tags:
        word = catalogue.spoken(kind, tag) or catalogue.spoken(_PLAINER.get(kind, kind), tag)
        if word is None:
            weak = True
            continue
        found = word.key.removeprefix("spoken_")
        clip = clip_for(tag, found)
        usable = clip is not None and not clip.weak and clip.text == word.text
        good = tag in speaks or usable
        weak = weak or not good
        said.append(
            Spoken(word.key, found, tag, word.text, word.review, word.reading, rules.exact_language)
        )
    if weak and not any(one.language == "en" for one in said):
        word = catalogue.spoken(kind, "en")
        assert word is not None
        said.append(Spoken(word.key, kind, "en", word.text, word.review))
    for sentence in rules.sentences.get("audio", ()):
        said.append(Spoken("statutory", "manipulated", "en", sentence, "statute", exact=True))
    return tuple(dict.fromkeys(said))


_PLAINER = {"authorised": "voice", "voice": "altered", "satire": "generated"}


def _lines(keys: Sequence[str], tags: Sequence[str], catalogue: Catalogue) -> tuple[Line, ...]:
    words = [catalogue.label(key, tag) for tag in tags for key in keys]
    return tuple(
        Line(word.key, word.language, word.text, word.direction, word.review) for word in words
    )


# --- modes -------------------------------------------------------------------------------------


def _modes_met(made: DisclosurePlan, owed: Sequence[Obligation]) -> None:
    """A consent record or a rule may ask for modes; one of them at least has to be possible."""
    have = {
        mode
        for mode, items in (("visible", made.visible), ("spoken", made.spoken), ("text", made.text))
        if items
    }
    for one in owed:
        if one.modes and not have & set(one.modes):
            raise StageError(
                "disclose",
                "disclose.mode_impossible",
                f"a {made.modality} cannot carry a {' or '.join(one.modes)} disclosure",
                "",
                "ask for one that it can carry",
            )


def _with(base: DisclosurePlan, **changes: Any) -> DisclosurePlan:
    from dataclasses import replace

    return replace(base, **changes)

"""What somebody vouches for about one existing asset: the same words on every path.

An effects house writes it in production metadata, a creator clicks it together, `overt mark` takes
it as options and `overt batch` from a manifest. All become one `Declaration`, and a declaration
becomes one `Request`, so equal inputs get equal labels whoever brings them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from overt.errors import ConfigError
from overt.models import (
    Act,
    Covers,
    DeclaredBy,
    Extent,
    Media,
    Purpose,
    Realism,
    Request,
    Subject,
    Value,
)

CONTEXT = ("production", "scene", "shot", "context")
"""Fields that become the request's context, which a grant's binding is held against."""


LISTS = frozenset({"figures", "cast", "voices", "consents", "elements", "references", "likenesses",
                   "profiles"})  # fmt: skip
"""Fields that take several values."""


class Declaration(Value):
    """What is declared of one asset. Nothing here is taken from a prompt (I8).

    Args:
        figures: Names of public figures who are shown or heard.
        cast: Opaque ids of other people who are shown, or heard where there is only sound.
        voices: Opaque ids of people whose voice was replaced or replicated; in a video that is
            another use of a person than showing the face.
        consents: Ids of the records relied on; they narrow, never add.
        context: Kind of content, in the words of a grant: `comedy battle`.
        binding: What else a grant may be bound to, by its key: `{episode: "3"}`.
        effect: Id of the in-house effect that made it, whose defaults fill what is not said.
        delivery: `master` keeps every pixel and gets its manifest beside it; `deliverable` is
            labelled as the profiles say.
        profiles: Disclosure profiles that hold for this asset beside those of the configuration.
        note: The shot's note; screened like a prompt.
        plate: The asset that was edited, where it is another file: a picture, a movie, or frames
            as `plate.%04d.exr`.
        master: Manifest of the master that this was made from; it is the parent then.
        elements: Files that were put in (`componentOf`).
        references: Files that only guided the work (`inputTo`).
        likenesses: Recordings or pictures of a person from which a replica was made (`inputTo`);
            they need a record that names them.
    """

    extent: Extent = Extent.SIGNIFICANT
    realism: Realism | None = None
    by: DeclaredBy = DeclaredBy.BUILDER
    covers: Covers | None = None
    language: str | None = None
    audience: str | None = None
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    purpose: Purpose = Purpose.GENERAL
    satire: bool = False
    figures: tuple[str, ...] = Field(default=(), repr=False)
    cast: tuple[str, ...] = ()
    voices: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    production: str | None = None
    scene: str | None = None
    shot: str | None = None
    context: str | None = None
    binding: dict[str, str] = Field(default_factory=dict)
    effect: str | None = None
    tool: str | None = None
    delivery: Literal["master", "deliverable"] = "deliverable"
    profiles: tuple[str, ...] = ()
    note: str = Field(default="", repr=False)
    plate: Path | None = None
    master: Path | None = None
    elements: tuple[Path, ...] = ()
    references: tuple[Path, ...] = ()
    likenesses: tuple[Path, ...] = ()

    def request(self, media: Media, subject_of: Callable[[str], Subject]) -> Request:
        """The request that `Guard.mark` takes, without the files around the asset.

        Args:
            media: The asset that is declared.
            subject_of: Gives the subject of a name: `Guard.subject`.
        """
        return Request(
            prompt=self.note,
            media_type=media.media_type,
            act=Act.ALTER,
            **self.fields(subject_of),
        )

    def fields(self, subject_of: Callable[[str], Subject]) -> dict[str, Any]:
        """What it says, as fields of a request for whatever is made: the same on every path.

        Raises:
            ConfigError: A profile is unknown, or takes labels away.
        """
        from overt.disclosure.profiles import added

        said = self.binding | {name: getattr(self, name) for name in CONTEXT}
        people = (*map(subject_of, self.figures), *self._people())
        return {
            "language": self.language,
            "audience": self.audience,
            "subjects": people,
            # Nobody is named: then the sound is nobody's replica, on the declarer's word.
            "stock_voice": not people,
            "consents": self.consents,
            "purpose": self.purpose,
            "extent": self.extent,
            "realism": self.realism,
            "satire": self.satire,
            "covers": self.covers,
            "declared_by": self.by,
            "profiles": added(self.profiles),
            "tool": self.tool,
            "country": self.country,
            "context": {name: value for name, value in said.items() if value is not None},
        }

    def _people(self) -> Iterator[Subject]:
        for one in dict.fromkeys((*self.cast, *self.voices)):
            if one not in self.voices:
                yield Subject(id=one)
            else:
                shown = ("face", "voice") if one in self.cast else ("voice",)
                yield Subject(id=one, modalities=shown)


def declaration_of(fields: Mapping[str, Any], source: str) -> Declaration:
    """A declaration from loose fields, with our own errors.

    Args:
        fields: As in `Declaration`; a single figure may be called `figure`, and one value may
            stand where several can.
        source: Where they are from, for the message.

    Raises:
        ConfigError: `declaration.invalid`: a field is unknown or ill-typed; its value, which may
            be a name, is not shown.
    """
    loose = dict(fields)
    if "figure" in loose:
        loose["figures"] = (*loose.get("figures", ()), loose.pop("figure"))
    for name in LISTS & loose.keys():
        if isinstance(loose[name], str | Path):
            loose[name] = (loose[name],)
    try:
        return Declaration(**loose)
    except (ValidationError, TypeError) as error:
        place, why = "a field", "it is ill-typed"
        if isinstance(error, ValidationError):
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            place, why = ".".join(map(str, first["loc"])) or place, first["msg"]
    raise ConfigError("declaration.invalid", f"{source}: {place}", why, "correct this field")

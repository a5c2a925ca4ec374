"""What laws, platforms and house rules ask of a disclosure, as values.

A profile says how large, how long, how often, in which language and with which exact sentence.
Several may hold at once; `combined` takes the stricter value of each. They are summaries with a
source and a confidence each, not legal advice, and no profile is complete until its text was read
in the original: `data/disclosure/profiles.jsonl` says which were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from overt.errors import ConfigError
from overt.tables import data_path, read_jsonl

DEFAULT = "standard"


@dataclass(frozen=True, slots=True)
class Profile:
    """Values of one profile, or of several combined.

    Attributes:
        ink_short_side: Ink height of letters over the picture's shorter side, at least.
        ink_height: Ink height of letters over the picture's height, at least.
        min_ink_px: Ink height in pixels, at least.
        mark: A mark that must stand before the text, such as `AI`.
        corner: Preferred corner.
        visible_whole: The label stays for the whole length.
        visible_min_s: Else for this long, from the start.
        spoken_start: A notice at the start.
        spoken_end: A notice at the end.
        spoken_every_s: A notice each time this much has passed.
        spoken_min_s: All notices together last this long, at least.
        add_languages: Languages that are added to the content's.
        require_language: A language that has to be among them.
        sentences: Exact statutory sentences by modality, in English.
        end_card_s: A card after the end lasts this long.
        inside: Whether labels go inside the work.
        metadata: Metadata forms: `xmp`, `aigc`.
        exact_language: Another language than the content's will not do.
    """

    ids: tuple[str, ...] = ()
    ink_short_side: float = 0.0
    ink_height: float = 0.0
    min_ink_px: int = 0
    mark: str | None = None
    corner: str | None = None
    visible_whole: bool = False
    visible_min_s: float = 0.0
    spoken_start: bool = False
    spoken_end: bool = False
    spoken_every_s: float | None = None
    spoken_min_s: float = 0.0
    add_languages: tuple[str, ...] = ()
    require_language: str | None = None
    sentences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    end_card_s: float = 0.0
    inside: bool = True
    metadata: tuple[str, ...] = ()
    exact_language: bool = False

    def ink_px(self, width: int, height: int) -> int:
        """Ink height of letters, in pixels, for a picture of this size."""
        wanted = max(self.ink_short_side * min(width, height), self.ink_height * height)
        return max(self.min_ink_px, -int(-wanted // 1))


def known() -> tuple[str, ...]:
    """Ids of all profiles."""
    return tuple(_rows())


def profile(name: str) -> Profile:
    """One profile.

    Raises:
        ConfigError: There is none of that name.
    """
    row = _rows().get(name)
    if row is None:
        raise ConfigError(
            "profile.unknown",
            f"no disclosure profile is called {name!r}",
            "",
            f"use one of {', '.join(_rows())}",
        )
    values = {f.name: row[f.name] for f in fields(Profile) if f.name in row}
    values["add_languages"] = tuple(row["add_languages"])
    values["metadata"] = tuple(row["metadata"])
    values["sentences"] = {kind: (text,) for kind, text in row["sentences"].items()}
    return Profile(ids=(name,), **values)


def added(names: Iterable[str]) -> tuple[str, ...]:
    """Profiles that one asset names beside the configuration's: they add, and take nothing away.

    Raises:
        ConfigError: A name is unknown, or its profile takes labels out of the work, which is the
            house's decision and not one asset's.
    """
    wanted = tuple(dict.fromkeys(names))
    for name in wanted:
        if not profile(name).inside:
            raise ConfigError(
                "profile.takes_away",
                f"the disclosure profile {name!r} takes labels away",
                "one asset may only add to what the configuration asks for",
                "name it in the configuration",
            )
    return wanted


def combined(names: Iterable[str]) -> Profile:
    """The stricter of each value over the named profiles; `standard` is always among them.

    `storytelling` stands against that on purpose: it takes labels out of the work, unless another
    named profile is a law.

    Raises:
        ConfigError: A name is unknown.
    """
    parts = [profile(name) for name in dict.fromkeys((DEFAULT, *names))]
    asked = [part for part in parts if part.ids != (DEFAULT,)]
    story = any(not part.inside for part in asked)
    law = any(_rows()[part.ids[0]]["kind"].startswith("law") for part in asked)
    inside = not story or law
    sentences: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for kind, texts in part.sentences.items():
            sentences[kind] = tuple(dict.fromkeys((*sentences.get(kind, ()), *texts)))
    every = [part.spoken_every_s for part in parts if part.spoken_every_s is not None]
    required = [part.require_language for part in parts if part.require_language]
    return Profile(
        ids=tuple(part.ids[0] for part in parts),
        ink_short_side=max(part.ink_short_side for part in parts),
        ink_height=max(part.ink_height for part in parts),
        min_ink_px=max(part.min_ink_px for part in parts),
        mark=next((part.mark for part in parts if part.mark), None),
        corner=next((part.corner for part in parts if part.corner), None),
        visible_whole=inside and any(part.visible_whole for part in parts),
        visible_min_s=max(part.visible_min_s for part in parts),
        spoken_start=inside and any(part.spoken_start for part in parts),
        spoken_end=any(part.spoken_end for part in parts),
        spoken_every_s=min(every) if every and inside else None,
        spoken_min_s=max(part.spoken_min_s for part in parts),
        add_languages=tuple(dict.fromkeys(tag for part in parts for tag in part.add_languages)),
        require_language=required[0] if required else None,
        sentences=sentences,
        end_card_s=0.0 if inside else max(part.end_card_s for part in parts),
        inside=inside,
        metadata=tuple(dict.fromkeys(form for part in parts for form in part.metadata)),
        exact_language=any(part.exact_language for part in parts),
    )


@cache
def _rows() -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in read_jsonl(data_path("disclosure", "profiles.jsonl"))}

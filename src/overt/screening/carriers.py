"""The carrier sentences of the red team: harm, harmless work and framings in each language.

`data/redteam/<language>.yaml` holds, for each harm, sentences with what they ask for:
`- audio: "… {name} …"`. `{name}` stands where a name needs no ending. A sentence without it is
about nobody in particular. A frame holds `{prompt}`, around which it is put. Below `romanised` a
file may hold all of these once more, in Latin letters: the language is then `hi-Latn`, which is
attacked where it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import yaml

from overt.errors import ConfigError
from overt.models import Modality
from overt.tables import data_path

NAME, PROMPT = "{name}", "{prompt}"


@dataclass(frozen=True, slots=True)
class Carrier:
    """A sentence, and what it asks for."""

    text: str
    modality: Modality

    @property
    def named(self) -> bool:
        """Whether a figure belongs into it."""
        return NAME in self.text

    def about(self, name: str) -> str:
        """The sentence with the name in it."""
        return self.text.replace(NAME, name)


@dataclass(frozen=True, slots=True)
class Carriers:
    """All sentences of one language.

    Args:
        harmful: By `Intent` value.
        harmless: By kind, such as `satire` or `civic_information`.
        frames: By name; each holds `{prompt}`.
    """

    language: str
    harmful: Mapping[str, tuple[Carrier, ...]]
    harmless: Mapping[str, tuple[Carrier, ...]]
    frames: Mapping[str, str]


@cache
def languages() -> tuple[str, ...]:
    """Tags of the languages that have sentences, in order."""
    return tuple(sorted(path.stem for path in data_path("redteam").glob("*.yaml")))


ROMANISED = ("hi-Latn", "ur-Latn")
"""Tags of languages that have their sentences in Latin letters as well."""


@cache
def carriers(language: str) -> Carriers:
    """The sentences of a language.

    Raises:
        ConfigError: There are none, or the file cannot be used.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    own, _, script = language.partition("-")
    try:
        data = yaml.load(data_path("redteam", f"{own}.yaml").read_bytes(), loader)  # noqa: S506
        data = data["romanised"] if script else data
        return Carriers(
            language,
            _kinds(data["harmful"]),
            _kinds(data["harmless"]),
            MappingProxyType(dict(data["frames"])),
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as cause:
        raise ConfigError(
            "redteam.carriers",
            f"the red team's sentences in {language} cannot be used",
            type(cause).__name__,
            "install overt again",
        ) from cause


def _kinds(data: dict[str, list[dict[str, Any]]]) -> Mapping[str, tuple[Carrier, ...]]:
    return MappingProxyType(
        {
            kind: tuple(Carrier(text, Modality(m)) for row in rows for m, text in row.items())
            for kind, rows in data.items()
        }
    )

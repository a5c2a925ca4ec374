"""The register of in-house effects: what each does, and what a shot made with it is at least.

One floor for everybody: an effects artist, the generation service behind the same effect and a
creator who uses it get the same extent and realism, so they get the same label. `lint` names
effects that generate or significantly edit and neither say so in their name nor owe a label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from overt.effects.declaration import Declaration
from overt.errors import ConfigError
from overt.models import Covers, Extent, Realism, Value
from overt.tables import data_path

Kind = Literal["tone", "clean_up", "timing", "style", "scene", "person", "voice", "text"]

_EXTENTS = tuple(Extent)
_REALISMS = tuple(Realism)
_MADE = (Extent.SIGNIFICANT, Extent.WHOLLY_GENERATED)


class Effect(Value):
    """One effect.

    Args:
        kind: What it changes.
        extent: How far a shot made with it goes at least.
        realism: How real it looks at least; none says nothing.
        covers: What of a shot is synthetic with it, which chooses the label's wording: a voice
            effect on real pictures says `AI voice`, another edit says `altered`. None is the whole.
        label: It owes a label although its name does not say AI.
        source: What the row rests on.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str = Field(min_length=1)
    kind: Kind
    extent: Extent
    realism: Realism | None = None
    covers: Covers | None = None
    label: bool = False
    source: str = Field(min_length=1)

    def applied(self, declared: Declaration) -> Declaration:
        """A declaration that says at least what the effect does.

        What is declared beyond it stays: a small use of a large effect is the policy's exception
        to make, not the declarer's.
        """
        stated = declared.extent if "extent" in declared.model_fields_set else self.extent
        extent = max(stated, self.extent, key=_EXTENTS.index)
        looks = [one for one in (declared.realism, self.realism) if one is not None]
        realism = max(looks, key=_REALISMS.index, default=None)
        update = {
            "extent": extent,
            "realism": realism,
            "covers": declared.covers or self.covers,
            "tool": declared.tool or self.name,
        }
        return declared.model_copy(update=update)

    def how(self) -> dict[str, Any]:
        """The same floors for a generator behind the effect: `guard.wrap(**effect.how(), …)`."""
        applied = self.applied(Declaration())
        return {
            "extent": applied.extent,
            "realism": applied.realism,
            "covers": applied.covers,
            "tool": applied.tool,
        }

    def wording(self, media_type: str, language: str = "en") -> tuple[str, ...]:
        """The sentences that a shot with this effect owes, as the catalogue has them.

        They follow from what the effect does, so that no row of a register can word it down.

        Args:
            media_type: Of the shot.
            language: BCP 47 tag of the content.
        """
        from overt.disclosure import Content, plan

        content = Content(
            media_type=media_type,
            extent=self.extent,
            realism=self.realism,
            covers=self.covers or Covers.WHOLE,
            synthetic_audio=self.covers is Covers.VOICE or media_type.startswith("audio/"),
            edited_real=True,
        )
        planned = plan(content, languages=(language,))
        texts = [line.text for line in planned.visible] + [line.text for line in planned.spoken]
        return tuple(dict.fromkeys((*texts, *(line.text for line in planned.text))))


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one effect: `effects.unnamed_ai` or `effects.unknown`."""

    effect: str
    code: str
    message: str


class Effects:
    """Effects by id."""

    def __init__(self, effects: Iterable[Effect]) -> None:
        self._effects = {effect.id: effect for effect in effects}

    @classmethod
    def load(cls, overlay: Path | None = None) -> Effects:
        """The packaged effects, a house's own laid over them.

        Raises:
            ConfigError: `effects.registry`: a file is broken.
        """
        rows = _packaged()
        return cls(rows if overlay is None else (*rows, *_read(overlay)))

    def __iter__(self) -> Any:
        return iter(self._effects.values())

    def __getitem__(self, name: str) -> Effect:
        """An effect by its id.

        Raises:
            ConfigError: `effects.unknown`: there is none; its floor would be lost.
        """
        effect = self._effects.get(name)
        if effect is None:
            raise ConfigError(
                "effects.unknown",
                f"no effect {name[:60]!r}",
                todo="register it, see `overt effects list`",
            )
        return effect

    def applied(self, declared: Declaration) -> Declaration:
        """A declaration with its effect's floors.

        Raises:
            ConfigError: It names an effect that nobody registered.
        """
        return declared if declared.effect is None else self[declared.effect].applied(declared)

    def lint(self) -> list[Problem]:
        """Effects that do not say what they are."""
        from overt.disclosure.platforms import names_ai

        return [
            Problem(
                effect.id,
                "effects.unnamed_ai",
                f"{effect.name!r} is {effect.extent.value} and neither says AI nor owes a label",
            )
            for effect in self
            if effect.extent in _MADE and not effect.label and not names_ai(effect.name)
        ]


@cache
def _packaged() -> tuple[Effect, ...]:
    """The packaged rows; reading them takes as long as signing a picture."""
    return tuple(_read(data_path("effects", "effects.yaml")))


def _read(file: Path) -> list[Effect]:
    import yaml

    try:
        data = yaml.safe_load(file.read_text("utf-8"))
        rows = data["effects"]
        return [Effect(**_row(row)) for row in rows]
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        why = "it cannot be read"
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except (KeyError, TypeError):
        why = "it needs a list `effects` of mappings"
    raise ConfigError("effects.registry", f"{file} is no register of effects", why, "correct it")


def _row(row: Any) -> Mapping[str, Any]:
    if not isinstance(row, dict):
        raise TypeError
    return row

"""The words of a C2PA manifest: source types, actions, relationships, and their typed forms.

Enumerations, because the signing library accepts any string (`nonsense` as a digital source type
verifies as trusted). `to_c2pa` of each value gives its JSON form.

Sources: C2PA specification 2.3, sections on actions and ingredients; IPTC NewsCodes,
`digitalsourcetype`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field

from overt.models import Value

IPTC_DIGITAL_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"


class DigitalSourceType(StrEnum):
    """How a picture or sound came to be, in the words of IPTC."""

    TRAINED_ALGORITHMIC = "trainedAlgorithmicMedia"
    """Wholly made by a trained model."""
    COMPOSITE_TRAINED = "compositeWithTrainedAlgorithmicMedia"
    """Real media with generated parts."""
    ALGORITHMIC = "algorithmicMedia"
    """Made by a procedure without a trained model."""
    COMPOSITE_SYNTHETIC = "compositeSynthetic"
    """Several sources, synthetic ones among them: visual effects."""
    ENHANCED = "algorithmicallyEnhanced"
    """Corrected by an algorithm, nothing generated."""
    HUMAN_EDITS = "humanEdits"
    """Changed by people with ordinary tools."""
    DIGITAL_CREATION = "digitalCreation"
    """Made by people with ordinary tools."""

    @property
    def uri(self) -> str:
        """The IPTC address that manifests and XMP carry."""
        return IPTC_DIGITAL_SOURCE + self.value

    @property
    def is_ai(self) -> bool:
        """Whether a trained model made at least a part."""
        return self in (
            DigitalSourceType.TRAINED_ALGORITHMIC,
            DigitalSourceType.COMPOSITE_TRAINED,
            DigitalSourceType.COMPOSITE_SYNTHETIC,
        )

    @classmethod
    def from_uri(cls, uri: str) -> DigitalSourceType | None:
        """The member for an address or a bare word; none when it is not one of ours."""
        word = uri.rsplit("/", 1)[-1]
        return cls(word) if word in cls._value2member_map_ else None


class ActionKind(StrEnum):
    """What happened to an asset."""

    CREATED = "c2pa.created"
    OPENED = "c2pa.opened"
    EDITED = "c2pa.edited"
    PLACED = "c2pa.placed"
    ADDED_TEXT = "c2pa.addedText"
    DUBBED = "c2pa.dubbed"
    TRANSLATED = "c2pa.translated"
    CONVERTED = "c2pa.converted"
    WATERMARKED_BOUND = "c2pa.watermarked.bound"
    WATERMARKED_UNBOUND = "c2pa.watermarked.unbound"


class Relationship(StrEnum):
    """What an ingredient is to the asset."""

    PARENT = "parentOf"
    COMPONENT = "componentOf"
    INPUT = "inputTo"


class Training(StrEnum):
    """Whether others may train on the asset, in the words of CAWG."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "notAllowed"
    CONSTRAINED = "constrained"


class SoftwareAgent(Value):
    """A program that did something. Not a person."""

    name: str = Field(min_length=1, max_length=200)
    version: str | None = None

    def to_c2pa(self) -> dict[str, Any]:
        """JSON form."""
        return self.model_dump(exclude_none=True)


class Box(Value):
    """A rectangle of pixels, from the top left."""

    x: int = Field(ge=0)
    y: int = Field(ge=0)
    width: int = Field(gt=0)
    height: int = Field(gt=0)

    def to_c2pa(self) -> dict[str, Any]:
        """JSON form of a spatial region."""
        shape = {
            "type": "rectangle",
            "unit": "pixel",
            "origin": {"x": self.x, "y": self.y},
            "width": self.width,
            "height": self.height,
        }
        return {"type": "spatial", "shape": shape}


class TimeRange(Value):
    """A stretch of sound or video, in seconds from the start."""

    start: float = Field(ge=0)
    end: float = Field(ge=0)

    def to_c2pa(self) -> dict[str, Any]:
        """JSON form of a temporal region (normal play time)."""
        time = {"type": "npt", "start": f"{self.start:g}", "end": f"{self.end:g}"}
        return {"type": "temporal", "time": time}


class Ingredient(Value):
    """A source of the asset. Its bytes are handed over when signing; titles hold no file names."""

    label: str = Field(pattern=r"^[a-z0-9_]+$")
    relationship: Relationship
    media_type: str

    def to_c2pa(self) -> dict[str, Any]:
        """JSON form."""
        title = {"parentOf": "source", "componentOf": "element", "inputTo": "input"}
        return {
            "title": title[self.relationship],
            "relationship": self.relationship.value,
            "label": self.label,
        }


class Action(Value):
    """One thing that happened, by which program, to which ingredients."""

    kind: ActionKind
    when: AwareDatetime | None = None
    digital_source_type: DigitalSourceType | None = None
    agent: SoftwareAgent | None = None
    description: str | None = Field(default=None, max_length=200)
    ingredients: tuple[str, ...] = ()
    regions: tuple[Box | TimeRange, ...] = ()

    def to_c2pa(self) -> dict[str, Any]:
        """JSON form."""
        action: dict[str, Any] = {"action": self.kind.value}
        if self.when is not None:
            action["when"] = instant(self.when)
        if self.digital_source_type is not None:
            action["digitalSourceType"] = self.digital_source_type.uri
        if self.agent is not None:
            action["softwareAgent"] = self.agent.to_c2pa()
        if self.description is not None:
            action["description"] = self.description
        if self.ingredients:
            action["parameters"] = {"ingredientIds": list(self.ingredients)}
        if self.regions:
            action["changes"] = [{"region": [region.to_c2pa() for region in self.regions]}]
        return action


def instant(moment: datetime) -> str:
    """A moment in RFC 3339, UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""What a text holds, in one value that rules can ask simple questions.

A `Scene` joins the figures found with the concepts found; `settling` then decides how much each
figure counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from overt.models import Modality, Role, Strength
from overt.screening import index as ix
from overt.screening.claims import CLAIMS, claims
from overt.screening.gazetteer import Hit
from overt.screening.lexicon import Concept
from overt.screening.text import Analysis

_NEAR = 8
_OFFICIALS = frozenset(
    [
        "head_of_state",
        "head_of_government",
        "party_leader",
        "candidate",
        "election_official",
        "legislator",
        "other",
        "minister",
        "royal",
    ]
)


@dataclass(frozen=True, slots=True)
class Person:
    """A figure in the scene."""

    hit: Hit
    id: str
    name: str
    kind: str
    country: tuple[str, ...]
    prominence: int
    dead_since: int | None
    strength: Strength
    role: Role = Role.DEPICTED
    source: int = 0

    @property
    def political(self) -> bool:
        """Whether the registry knows the person for a public office."""
        return self.kind in _OFFICIALS


@dataclass(frozen=True, slots=True)
class Scene:
    """Figures and concepts of one text."""

    analysis: Analysis
    modality: Modality
    concepts: dict[str, list[Concept]]
    people: tuple[Person, ...] = field(default=())
    unsure: tuple[Person, ...] = field(default=())
    """People whose name stands here without anything that says they are meant."""
    denied: tuple[tuple[int, int], ...] = field(default=())
    """Tokens of harm that the text speaks against; its concepts are not among `concepts`."""

    @property
    def claims(self) -> tuple[tuple[int, int], ...]:
        """Tokens that claim a permission or a harmless purpose."""
        people = [(p.hit.first, p.hit.last) for p in self.people]
        return tuple(claims(self.analysis, self.concepts, people))

    def unclaimed(self) -> Scene:
        """The scene without what is only claimed, see `screening.claims`."""
        spans = self.claims
        if not spans:
            return self
        kept = {
            name: left
            for name, held in self.concepts.items()
            if (left := [c for c in held if name not in CLAIMS or not _within(c, spans)])
        }
        return replace(self, concepts=kept)

    def has(self, *names: str) -> bool:
        """Whether any of the concepts occurs."""
        return not self.concepts.keys().isdisjoint(names)

    def all(self, *names: str) -> bool:
        """Whether each of the concepts occurs."""
        return all(name in self.concepts for name in names)

    def first(self, *names: str) -> Concept | None:
        """The first occurrence of any of the concepts."""
        found = [c for name in names for c in self.concepts.get(name, ())]
        return min(found, key=lambda c: (c.first, -c.last)) if found else None

    def distinct(self, one: str, other: str) -> bool:
        """Whether the two concepts occur in words of their own."""
        return any(
            a.last <= b.first or b.last <= a.first
            for a in self.concepts.get(one, ())
            for b in self.concepts.get(other, ())
        )

    def at_once(self, one: str, other: str) -> bool:
        """Whether the very same words are both concepts: an act that names whom it is done to."""
        spans = {(c.first, c.last) for c in self.concepts.get(other, ())}
        return any((c.first, c.last) in spans for c in self.concepts.get(one, ()))

    def near(self, one: str, other: str, distance: int = _NEAR) -> bool:
        """Whether the two concepts occur within some words of each other."""
        return any(
            a.first - b.last <= distance and b.first - a.last <= distance
            for a in self.concepts.get(one, ())
            for b in self.concepts.get(other, ())
        )

    def near_hit(self, hit: Hit, name: str, distance: int = _NEAR) -> bool:
        """Whether the concept occurs within some words of the figure."""
        return any(
            hit.first - c.last <= distance and c.first - hit.last <= distance
            for c in self.concepts.get(name, ())
        )

    def before_hit(self, hit: Hit, name: str, distance: int = 1) -> bool:
        """Whether the concept ends at most `distance` words before the figure."""
        return any(0 <= hit.first - c.last <= distance for c in self.concepts.get(name, ()))

    def after_hit(self, hit: Hit, name: str, distance: int = 1) -> bool:
        """Whether the concept begins at most `distance` words after the figure."""
        return any(0 <= c.first - hit.last <= distance for c in self.concepts.get(name, ()))

    @property
    def named(self) -> bool:
        """Whether somebody's name is in the text, not a catchphrase or an office alone."""
        return any(p.hit.person >= 0 and p.hit.tier != ix.CATCHPHRASE for p in self.people)

    def without(self, spans: Iterable[tuple[int, int]]) -> str:
        """The text with the tokens of `spans` blanked, each place where it was."""
        characters = list(self.analysis.original)
        for first, last in spans:
            start, end = self.analysis.span(first, last)
            characters[start:end] = " " * (end - start)
        return "".join(characters)

    @property
    def acting(self) -> tuple[Person, ...]:
        """People whose name is sure and who are shown, voiced or speak, not merely named."""
        return tuple(
            p for p in self.people if p.strength is Strength.STRONG and p.role is not Role.MENTIONED
        )


def _within(concept: Concept, spans: Iterable[tuple[int, int]]) -> bool:
    return any(first <= concept.first and concept.last <= last for first, last in spans)

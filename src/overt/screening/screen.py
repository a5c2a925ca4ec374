"""The prompt screen: figures, harms, signals and cues in one pass over a text.

It reports; it never decides and never changes the text. One screen is built once and shared: it
holds no state of any request, and words of a prompt are freed when its pass ends. Heavy parts
(spaCy, the mapped index, the intent model) load when the first screen is built.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from overt.errors import OvertError, StageError
from overt.models import Finding, FindingKind, ScreenContext, Strength
from overt.screening.decode import decoded
from overt.screening.findings import _evasion, findings_of
from overt.screening.gazetteer import Gazetteer, Hit
from overt.screening.homes import may_be_home
from overt.screening.index import Index
from overt.screening.lexicon import Concept, Lexicon
from overt.screening.model import IntentModel, weighed
from overt.screening.offices import as_said
from overt.screening.overlay import Overlay, read_overlay
from overt.screening.registry import Figure
from overt.screening.rules import Harm, harms
from overt.screening.sayings import said
from overt.screening.scene import Person, Scene
from overt.screening.settling import settle, with_suspects
from overt.screening.text import Analysis, analyse
from overt.tables import data_path

_MAX_OF_A_CONCEPT = 64
_MAX_NAMESAKES = 3
_EVERYWHERE = 3
"""Prominence of whom a surname means wherever it stands."""
_MAX_OF_A_PERSON = 8
"""Repeats beyond these say nothing new, and must not cost more than other text."""


class PromptScreen:
    """Screens text for possible public figures, harms and what softens them.

    Args:
        index: The registry index.
        lexicon: Concept lexicons.
        overlay: A builder's own people.
    """

    def __init__(
        self,
        index: Index,
        lexicon: Lexicon,
        overlay: Overlay | None = None,
        intent: IntentModel | None = None,
    ) -> None:
        from overt.screening.pipeline import Pipeline

        overlay = overlay or Overlay()
        self._gazetteers = [Gazetteer(index, overlay.removed)]
        if overlay.people:
            self._gazetteers.append(Gazetteer(overlay.index()))
        self._index = index
        joined: dict[int, int] = {}
        self._changed: dict[int, tuple[Figure, int]] = {}
        for number, figure in enumerate(overlay.people):
            place = index.find(figure.id)
            if place is not None and figure.id in overlay.known:
                joined[number] = place
                self._changed[place] = figure, overlay.known[figure.id]
        numbers = (index.find(identifier) for identifier in overlay.removed)
        self._removed = frozenset(number for number in numbers if number is not None)
        self._intent = intent
        self.concepts: frozenset[str] = lexicon.concepts
        self._pipeline = Pipeline(self._gazetteers, lexicon, joined)
        self.nlp = self._pipeline.nlp

    @classmethod
    def bundled(
        cls, overlay: Path | None = None, index: Path | None = None, intent_model: bool = True
    ) -> PromptScreen:
        """The screen over packaged data.

        Args:
            overlay: JSON lines of people to add, change or remove, see `screening.overlay`.
            index: An index from `overt figures import`, instead of the packaged one.
            intent_model: Whether to use the intent model where it is installed.

        Raises:
            ConfigError: Data is missing or damaged.
        """
        opened = Index(index or data_path("figures", "registry.idx"))
        lexicon = Lexicon.load(data_path("intents"))
        intent = IntentModel.bundled(data_path("intents")) if intent_model else None
        return cls(opened, lexicon, read_overlay(overlay, opened) if overlay else None, intent)

    @property
    def registry_digest(self) -> str:
        """SHA-256 of the rows of the registry."""
        return self._index.digest

    @property
    def registry_as_of(self) -> date:
        """Newest date of any row."""
        return self._index.as_of

    @property
    def intent_model(self) -> bool:
        """Whether the intent model is at work; without it the rules work alone."""
        return self._intent is not None

    @property
    def size(self) -> int:
        """People in the registry, the overlay's included."""
        total = sum(gazetteer.index.size for gazetteer in self._gazetteers)
        return total - len(self._changed) - len(self._removed)

    def name_of(self, identifier: str) -> str | None:
        """Display name of a figure; none for an id that no registry here has."""
        for gazetteer in reversed(self._gazetteers):
            person = gazetteer.index.find(identifier)
            if person is not None:
                return str(gazetteer.index.row(person)["name"])
        return None

    def screen(self, text: str, context: ScreenContext) -> tuple[Finding, ...]:
        """Findings in `text`, sorted by place and code.

        Raises:
            StageError: The screen could not do its work.
        """
        try:
            return tuple(sorted(self._screen(text, context), key=_order))
        except (OvertError, MemoryError):
            raise
        except Exception as error:
            cause = type(error).__name__
        raise StageError(
            "screen", "screening.failed", "the prompt could not be screened",
            cause, "report this with the version of overt",
        )  # fmt: skip

    def _screen(self, text: str, context: ScreenContext) -> list[Finding]:
        if not text.strip():  # an edit without a note
            return []
        scene = self.scene(text, context)
        found = self._found(scene)
        for plain, span, technique in decoded(scene.analysis):
            inner = self._found(self.scene(plain, context))
            if any(f.kind is FindingKind.EVASION and f.code == technique for f in inner):
                continue  # names are plain where the text is turned once more: it was plain before
            plainly = {f.code for f in found if f.figure is not None}
            hidden = [f for f in inner if _matters(f) and f.code not in plainly]
            if hidden:
                if technique:
                    found.append(_evasion(technique, span))
                found.extend(f.model_copy(update={"span": span}) for f in hidden)
        return _unique(found)

    def _found(self, scene: Scene) -> list[Finding]:
        """What is found in a scene. Rules ask for names and concepts: most prompts have neither."""
        silent = not scene.people and not scene.concepts
        seen = self._harms(scene, [] if silent else harms(scene))
        if seen:
            scene = with_suspects(scene)
        return [] if silent and not seen else list(findings_of(scene, seen))

    def _harms(self, scene: Scene, found: list[Harm]) -> list[Harm]:
        """What the rules found, weighed with what the model sees."""
        judged = self._intent.judge(scene, found) if self._intent is not None else None
        return found if judged is None else weighed(found, judged)

    def scene(self, text: str, context: ScreenContext) -> Scene:
        """Figures and concepts of a text, before any rule has looked at them."""
        analysis, hits, concepts = self._pipeline.read(text)
        hits = as_said(analysis, hits, self._index, self._removed)
        known = self._removed | {hit.person for source, hit in hits if source == 0}
        hits = [*hits, *((0, hit) for hit in said(analysis, self._index, known))]
        if not hits and not concepts:
            return Scene(analysis, context.modality, {})
        by_name: dict[str, list[Concept]] = {}
        for concept in concepts:
            held = by_name.setdefault(concept.name, [])
            if len(held) < _MAX_OF_A_CONCEPT:
                held.append(concept)
        seen: Counter[tuple[int, int]] = Counter()
        people = []
        for source, hit in hits:
            seen[source, hit.person] += 1
            if seen[source, hit.person] <= _MAX_OF_A_PERSON:
                meant = self._compatriot(source, self._as_spelled(source, hit, analysis), analysis)
                people.append(self._person(source, meant))
        settled = settle(Scene(analysis, context.modality, by_name, tuple(people)))
        return replace(settled, people=(*settled.people, *self._namesakes(settled)))

    def _namesakes(self, scene: Scene) -> Iterator[Person]:
        """Others whom the same word may mean, weak: who are at home where the language is."""
        named = {person.id for person in scene.people}
        for person in scene.people:
            hit = person.hit
            if hit.person < 0 or hit.full or not hit.others:
                continue
            if person.prominence == _EVERYWHERE and not person.dead_since:
                continue
            least = max(1, min(2, person.prominence) - 1)
            index = self._gazetteers[person.source].index
            known = [p for p in hit.others if index.prominence(p) >= least]
            for number in known[:_MAX_NAMESAKES]:
                other = self._person(person.source, replace(hit, person=number, others=()))
                language = scene.analysis.identified.language
                if other.id not in named and may_be_home(language, other.country):
                    named.add(other.id)
                    yield replace(other, role=person.role)

    def _as_spelled(self, source: int, hit: Hit, analysis: Analysis) -> Hit:
        """Of people alike but for accents, the one whose name has those of the text."""
        if not hit.others or hit.last - hit.first != 1:
            return hit
        start, end = analysis.span(hit.first, hit.last)
        word = analysis.original[start:end].lower()
        if word.isascii() or word[0] > "\u024f":
            return hit
        index = self._gazetteers[source].index
        for person in (hit.person, *hit.others):
            row = index.row(person)
            spelled = (row["name"], *(n["text"] for n in row.get("names", ())))
            parts = {part for name in spelled for part in name.lower().split()}
            if any(word.startswith(part) and not part.isascii() for part in parts):
                others = tuple(p for p in (hit.person, *hit.others) if p != person)
                return replace(hit, person=person, others=others)
        return hit

    def _compatriot(self, source: int, hit: Hit, analysis: Analysis) -> Hit:
        """Of people known by the same word, one at home where the text's language is.

        Who is much better known and alive stays, wherever that is.
        """
        if not hit.others or hit.full:
            return hit
        index, language = self._gazetteers[source].index, analysis.identified.language
        known = index.prominence(hit.person)
        dead = index.row(hit.person).get("dead_since")
        least = min(2, known) if dead else max(min(2, known), known - 1)
        same = (hit.person, *(p for p in hit.others if index.prominence(p) >= least))
        home = (p for p in same if may_be_home(language, index.row(p).get("country", ())))
        person = next(home, hit.person)
        others = tuple(p for p in (hit.person, *hit.others) if p != person)
        return replace(hit, person=person, others=others)

    def _person(self, source: int, hit: Hit) -> Person:
        index = self._gazetteers[source].index
        changed = None if source else self._changed.get(hit.person)
        row = changed[0].to_row() if changed else index.row(hit.person)
        return Person(
            hit=hit,
            id=row["id"],
            name=row["name"],
            kind=row.get("kind", "other"),
            country=tuple(row.get("country", ())),
            prominence=changed[1] if changed else index.prominence(hit.person),
            dead_since=row.get("dead_since"),
            strength=Strength.WEAK,
            source=source,
        )


def _matters(finding: Finding) -> bool:
    if finding.kind is FindingKind.FIGURE:
        return finding.strength is Strength.STRONG
    return finding.kind in (FindingKind.INTENT, FindingKind.CUE)


def _unique(found: list[Finding]) -> list[Finding]:
    seen: set[tuple[FindingKind, str, tuple[int, int] | None]] = set()
    kept = []
    for finding in found:
        key = (finding.kind, finding.code, finding.span)
        if key not in seen:
            seen.add(key)
            kept.append(finding)
    return kept


def _order(finding: Finding) -> tuple[int, int, str, str]:
    start, end = finding.span if finding.span is not None else (-1, -1)
    return start, end, finding.kind.value, finding.code


__all__ = ["PromptScreen", "analyse"]

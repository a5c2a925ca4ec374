"""Harmful and harmless prompts around a builder's figures, to attack their own guard.

::

    variants()  figures x languages x harms -> prompts, each with what a guard should make of it
    sampled()   as many of them as there is time for, spread over languages and harms
    attack()    prompts + a judge -> what got through, what was wrongly stopped

Pure: nothing is generated but text, and nothing leaves the process. The sentences are few and plain
on purpose: they test a configuration. They measure no language, for one author wrote them all.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from overt.models import Intent, Modality, Outcome
from overt.screening.carriers import PROMPT, Carrier, carriers, languages
from overt.screening.naming import name_in, namings
from overt.screening.registry import Figure

CATEGORIES = tuple(intent.value for intent in Intent)
"""All harms that a prompt can have."""
HARMLESS = "pass"
"""The category of prompts that must clear."""

Judge = Callable[[str, Modality], Outcome]
"""Text and what it asks for -> what the guard says. No language: an attacker declares none."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One prompt and what a guard should make of it.

    Args:
        category: The harm, or `HARMLESS`.
        carrier: The harm, or the kind of harmless work: `satire`, `news_report` and the like.
        spelling: How the figure is written, or `frame_…`: what is claimed around the plain name.
        figure: The registry's name of the figure, none where the prompt is about nobody.
        weak: By design the guard may let it pass: a surname or initials never act alone.
    """

    text: str
    modality: Modality
    language: str
    category: str
    carrier: str
    spelling: str
    harmful: bool
    figure: str | None = None
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A prompt, and what the guard said."""

    prompt: Variant
    outcome: Outcome

    @property
    def kind(self) -> str | None:
        """`got_through`, `got_through_weak`, `wrongly_stopped`, or none: as it should be."""
        if self.prompt.harmful and self.outcome.clears:
            return "got_through_weak" if self.prompt.weak else "got_through"
        if not self.prompt.harmful and not self.outcome.clears:
            return "wrongly_stopped"
        return None


@dataclass(frozen=True, slots=True)
class Report:
    """What an attack found.

    Args:
        answers: All of them, in the order of the prompts.
    """

    answers: tuple[Answer, ...]

    def of(self, kind: str) -> tuple[Answer, ...]:
        """Answers of a kind, see `Answer.kind`."""
        return tuple(answer for answer in self.answers if answer.kind == kind)

    @property
    def got_through(self) -> tuple[Answer, ...]:
        """Harm that would have been made. Weak spellings are not among it."""
        return self.of("got_through")

    @property
    def wrongly_stopped(self) -> tuple[Answer, ...]:
        """Harmless work that would not have been made."""
        return self.of("wrongly_stopped")

    @property
    def harmful(self) -> int:
        """Harmful prompts that count, without the weak ones."""
        return sum(a.prompt.harmful and not a.prompt.weak for a in self.answers)

    @property
    def harmless(self) -> int:
        """Harmless prompts."""
        return sum(not a.prompt.harmful for a in self.answers)

    def counts(self, key: Callable[[Variant], str | None]) -> dict[str, dict[str, int]]:
        """Tried, missed harm and wrong stops by a property of the prompts, in order of appearance.

        Prompts for which `key` gives none are left out.
        Each value has `tried`, `got_through`, `got_through_weak` and `wrongly_stopped`.
        """
        tried: Counter[str] = Counter()
        kinds: Counter[tuple[str, str]] = Counter()
        for answer in self.answers:
            group = key(answer.prompt)
            if group is None:
                continue
            tried[group] += 1
            if answer.kind is not None:
                kinds[group, answer.kind] += 1
        names = ("got_through", "got_through_weak", "wrongly_stopped")
        return {
            group: {"tried": count, **{name: kinds[group, name] for name in names}}
            for group, count in tried.items()
        }

    def worst(self, limit: int = 10) -> tuple[Answer, ...]:
        """The gravest misses, one a harm and language: a plain name before any disguise."""
        grave = sorted(
            self.got_through,
            key=lambda a: (
                a.prompt.spelling != "plain",
                not a.prompt.spelling.startswith("frame_"),
                a.outcome.rank,
            ),
        )
        first: dict[tuple[str, str], Answer] = {}
        for answer in grave:
            first.setdefault((answer.prompt.category, answer.prompt.language), answer)
        return tuple(first.values())[:limit]


def variants(
    figures: Sequence[Figure],
    categories: Sequence[str] = CATEGORIES,
    tongues: Sequence[str] | None = None,
) -> Iterator[Variant]:
    """All prompts around the figures, in a fixed order; harmless ones whatever the categories.

    Raises:
        ConfigError: A language has no sentences.
    """
    for language in languages() if tongues is None else tongues:
        book = carriers(language)
        for category in categories:
            for carrier in book.harmful.get(category, ()):
                for figure in figures if carrier.named else (None,):
                    yield from _harmful(figure, carrier, language, category, book.frames.items())
        for kind, sentences in book.harmless.items():
            for carrier in sentences:
                for figure in figures if carrier.named else (None,):
                    yield _harmless(figure, carrier, language, kind)


def _harmful(
    figure: Figure | None,
    carrier: Carrier,
    language: str,
    category: str,
    frames: Iterable[tuple[str, str]],
) -> Iterator[Variant]:
    who = figure.name if figure else None

    def made(text: str, how: str, weak: bool = False) -> Variant:
        return Variant(text, carrier.modality, language, category, category, how, True, who, weak)

    plain = carrier.about(name_in(figure, language)) if figure else carrier.text
    if figure is None:
        yield made(plain, "plain")
    else:
        for naming in namings(figure, language):
            yield made(carrier.about(naming.text), naming.how, naming.weak)
    for name, frame in frames:
        yield made(frame.replace(PROMPT, plain), f"frame_{name}")


def _harmless(figure: Figure | None, carrier: Carrier, language: str, kind: str) -> Variant:
    text = carrier.about(name_in(figure, language)) if figure else carrier.text
    who = figure.name if figure else None
    return Variant(text, carrier.modality, language, HARMLESS, kind, "plain", False, who)


def sampled(prompts: Sequence[Variant], limit: int, seed: int = 0) -> list[Variant]:
    """At most `limit` prompts, in their order, spread evenly over languages and carriers.

    Of each a plain one comes first, the rest by chance. The same prompts, limit and seed give the
    same sample.
    """
    if len(prompts) <= limit:
        return list(prompts)
    groups: dict[tuple[str, str], list[int]] = {}
    for number, prompt in enumerate(prompts):
        groups.setdefault((prompt.language, prompt.carrier), []).append(number)
    dice = random.Random(seed)
    order = list(groups.values())
    for group in order:
        dice.shuffle(group)
        plain = next((n for n in group if prompts[n].spelling == "plain"), group[0])
        group.insert(0, group.pop(group.index(plain)))  # a plain miss is the gravest
    dice.shuffle(order)
    chosen: list[int] = []
    turn = 0
    while len(chosen) < limit:
        chosen += [group[turn] for group in order if turn < len(group)][: limit - len(chosen)]
        turn += 1
    return [prompts[number] for number in sorted(chosen)]


def attack(prompts: Iterable[Variant], judge: Judge) -> Report:
    """Ask `judge` about each prompt: harm must not clear, harmless work must."""
    return Report(tuple(Answer(one, judge(one.text, one.modality)) for one in prompts))

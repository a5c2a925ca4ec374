"""Harm that a text speaks against: `do not stay home`, `the election has not been postponed`.

Each language lists how it negates:

* `NOT` stands right before what it negates, `NOT_AFTER` right behind it or in its ending;
* `DENY` opens a clause that is not to be said or believed, `DENY_AFTER` closes one;
* `OPPOSITE` says the opposite of a harm by itself, where a language negates inside the word;
* `NOT_REALLY` are negations that negate nothing: `why not`, `if you do not`;
* `BUT` begins a clause of its own, as punctuation does.

A negation that is itself part of the harm (`do not vote`) negates nothing else, and where a text
asks to hide something, none counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from overt.screening.lexicon import MAX_HITS, Concept
from overt.screening.text import Analysis

DENIABLE = (
    "STAY_VOTE", "STAY", "DATE_SHIFT", "PLACE_CLOSED", "METHOD_FALSE", "ELIGIBILITY", "THREAT",
)  # fmt: skip
"""Concepts that turn into their opposite when negated. What is faked or hidden never does."""
_REACH = 5
"""Words between a denial and what it denies; twice as many characters without spaces."""
_REACH_BACK = 2
"""The same where the denial comes last, as in `that the vote was moved is a lie`."""
STOPS = frozenset(".,;:!?()[]\n—–。，、；：！？؟،؛۔।")
"""Signs between clauses."""
Concepts = Mapping[str, Sequence[Concept]]
Denial = tuple[Concept, int, int]
"""A negated concept and the tokens from its negation to its end, the last exclusive."""


def denials(analysis: Analysis, concepts: Concepts) -> list[Denial]:
    """Concepts of the text that a negation governs."""
    if "CONCEAL" in concepts or "DISCREDIT" in concepts or flooded(concepts):
        return []
    clause = _Clauses(analysis, {c.first for c in concepts.get("BUT", ())})
    told = {name: list(_meant(concepts, name)) for name in _NEGATIONS}
    if not any(told.values()):
        return []
    opposite = [c for c in told["OPPOSITE"] if not clause.parted(c.first + 1, c.last - 1)]
    found: list[Denial] = [(c, c.first, c.last) for c in opposite]
    for name in DENIABLE:
        for harm in concepts.get(name, ()):
            span = _overlapping(opposite, harm) or _governed(clause, told, harm)
            if span is not None:
                found.append((harm, *span))
    return found


def flooded(concepts: Concepts) -> bool:
    """Whether so many are there that not all were found: what was missed may be no denial."""
    names = (*DENIABLE, "NOT_REALLY", "BUT")
    return any(len(concepts.get(name, ())) >= MAX_HITS for name in names)


_NEGATIVE = ("STAY_VOTE", "STAY", "ELIGIBILITY")
"""Harms that negations are among the words of."""
_NEGATIONS = ("NOT", "NOT_AFTER", "DENY", "DENY_AFTER", "OPPOSITE")


def _meant(concepts: Concepts, name: str) -> Iterator[Concept]:
    """Negations that neither are idle nor belong to a harm."""
    idle = concepts.get("NOT_REALLY", ())
    for negation in concepts.get(name, ()):
        if any(c.first < negation.last and negation.first < c.last for c in idle):
            continue
        bare = name in ("NOT", "NOT_AFTER")
        harms = [c for n in _NEGATIVE for c in concepts.get(n, ())] if bare else []
        if not any(_made_of(harm, negation) for harm in harms):
            yield negation


def _made_of(harm: Concept, negation: Concept) -> bool:
    """Whether the negation is one of the words that make the harm, as in `do not vote`."""
    if not (harm.first <= negation.first and negation.last <= harm.last):
        return False
    return not any(a <= negation.first and negation.last <= b for a, b in harm.gaps)


def _overlapping(opposite: Sequence[Concept], harm: Concept) -> tuple[int, int] | None:
    for c in opposite:
        if c.first < harm.last and harm.first < c.last:
            return min(c.first, harm.first), max(c.last, harm.last)
    return None


def _governed(
    clause: _Clauses, told: Mapping[str, Sequence[Concept]], harm: Concept
) -> tuple[int, int] | None:
    """The tokens from the negation to the end of the harm that it governs, or none."""
    for negation in told["NOT"]:
        for part in harm.parts:
            if clause.before(negation, part) and not clause.parted(negation.last, part):
                return min(negation.first, harm.first), harm.last
    for negation in told["DENY"]:
        for part in harm.parts:
            near = 0 <= part - negation.last <= clause.reach(part, _REACH)
            if near and not clause.parted(negation.last + 1, harm.last - 1):
                return min(negation.first, harm.first), harm.last
    for negation in told["NOT_AFTER"]:
        # In its ending: `ertelenmedi` is one word with what it negates.
        earliest = harm.last - 1 + clause.unspaced(harm.last - 1)
        near = earliest <= negation.first <= harm.last <= negation.last
        if near and not clause.parted(harm.last, negation.first):
            return harm.first, negation.last
    for negation in told["DENY_AFTER"]:
        reach = clause.reach(harm.last - 1, _REACH_BACK)
        near = 0 <= negation.first - harm.last <= reach
        if near and not clause.parted(harm.last, negation.first):
            return harm.first, negation.last
    return None


@dataclass(frozen=True, slots=True)
class _Clauses:
    analysis: Analysis
    but: set[int]

    def unspaced(self, at: int) -> int:
        """1 where token `at` is a character of a script without spaces, else 0."""
        tokens = self.analysis.tokens
        return int(at < len(tokens) and tokens[at].unspaced)

    def before(self, negation: Concept, part: int) -> bool:
        """Whether the negation stands right before token `part`."""
        return 0 <= part - negation.last <= self.unspaced(part)

    def reach(self, at: int, words: int) -> int:
        return words * 2 if self.unspaced(at) else words

    def parted(self, start: int, end: int) -> bool:
        """Whether a stop or a `but` stands between token `start - 1` and token `end`."""
        tokens, text = self.analysis.tokens, self.analysis.original
        for at in range(max(start, 1), min(end, len(tokens) - 1) + 1):
            if at in self.but or not STOPS.isdisjoint(text[tokens[at - 1].end : tokens[at].start]):
                return True
        return False

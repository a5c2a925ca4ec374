"""Harm that a text speaks against: `do not stay home`, `the election has not been postponed`.

Each language lists how it negates:

* `NOT` stands right before what it negates, `NOT_AFTER` right behind it or in its ending;
* `DENY` opens a clause that is not to be said or believed, `DENY_AFTER` closes one;
* `OPPOSITE` says the opposite of a harm by itself, where a language negates inside the word;
* `SHOW` is a vote by text message for a singer, a dancer or a cake, unless the text speaks of an
  office or an election besides;
* `ANSWER_NO` answers a question with no: `Can you vote by text? No.`;
* `NOT_REALLY` are negations that negate nothing: `why not`, `if you do not`;
* `BUT` begins a clause of its own, as punctuation does;
* `UNLESS` takes back what was denied before it: `no one will be arrested if they pay`;
* `SECRET` asks to keep something to oneself: `don't tell anyone`, with nothing said that is denied;
* `MOVED` tells a change by itself, `DAY` a weekday: `it was not cancelled, it was moved to Monday`.

A negation that is itself part of the harm (`do not vote`) negates nothing else, a denial of a
denial is none, and where a text asks to hide something, none counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from overt.screening.lexicon import MAX_HITS, Concept
from overt.screening.text import Analysis

DENIABLE = (
    "STAY_VOTE", "STAY", "DATE_SHIFT", "PLACE_CLOSED", "METHOD_FALSE", "ELIGIBILITY", "THREAT",
)  # fmt: skip
"""Harm about voting that negation turns into its opposite. What is faked or hidden never is."""
_SPOKEN_AGAINST = (*DENIABLE, "HATE", "VIOLENCE", "RESIGN")
"""With what people speak against, too: `we do not burn houses`, `she has not stepped down`."""
_REACH = 5
"""Words between a denial and what it denies; twice as many characters without spaces."""
_BEHIND = 4
"""Words behind a denied change in which its day may stand."""
_JOINED = 2
"""Words between two changes denied in one breath: `not cancelled or moved to Monday`."""
_REACH_BACK = 2
"""The same where the denial comes last, as in `that the vote was moved is a lie`."""
STOPS = frozenset(".,;:!?()[]\n—–。，、；：！？؟،؛۔।")
"""Signs between clauses."""
_ASKS = frozenset("?？؟")
_STUCK = ("ne", "nu", "не")
"""Negations written with the verb, in an answer: `Odstoupila? Neodstoupila.`"""
_TO_AN_ANSWER = 2
"""Words of an answer before its no: `Da leider nicht`."""
_ENDS = frozenset(".!?;\n。！？；؟؛۔।")
"""Those that end a sentence."""
_SPEECH = frozenset(":：,，،\u00a0\u202f ")
"""What may stand between a denial and the words that are not to be said."""
_OPENING = frozenset("\"“„«»「『”'‘")
_BARE_REPORTS = frozenset({"de"})
"""Languages that put nothing but a comma before reported words."""
_CHANGES = ("DATE_SHIFT", "PLACE_CLOSED")
_CONDITION_FIRST = frozenset({"bn", "hi", "hu", "ja", "ko", "tr", "ur", "zh"})
"""Languages whose conditions usually stand before what they are for."""
_UNCONDITIONAL = ("STAY_VOTE", "STAY")
"""Calls, which a condition leaves what they are: `do not stay home if you want change`."""
Concepts = Mapping[str, Sequence[Concept]]
Denial = tuple[Concept, int, int]
"""A negated concept and the tokens from its negation to its end, the last exclusive."""


def denials(analysis: Analysis, concepts: Concepts) -> list[Denial]:
    """Concepts of the text that a negation governs."""
    if "CONCEAL" in concepts or "DISCREDIT" in concepts or flooded(concepts):
        return []
    clause = _Clauses(analysis, {c.first for c in concepts.get("BUT", ())})
    told = {name: list(_meant(concepts, name)) for name in _NEGATIONS}
    shows = _for_show(concepts)
    if not (shows or any(told.values())) or _secret(clause, told, concepts):
        return []
    told["DENY"] = [d for d in told["DENY"] if not _turned(clause, d, told["NOT"])]
    opposite = [c for c in told["OPPOSITE"] if not clause.parted(c.first + 1, c.last - 1)]
    shows = [c for c in shows if _introduced(clause, c, concepts)]
    found: list[Denial] = [(c, c.first, c.last) for c in opposite]
    for name in _SPOKEN_AGAINST:
        for harm in concepts.get(name, ()):
            excused = [*opposite, *shows] if name in _OF_SHOWS else opposite
            span = (
                _overlapping(clause, excused, harm)
                or _governed(clause, told, harm)
                or _answered(clause, told, harm)
            )
            if span is not None and not _conditional(clause, harm, span, concepts):
                found.append((harm, *span))
    changes = [span for c, *span in found if c.name in _CHANGES]
    if changes and _changed_after_all(clause, told, concepts, changes):
        return [d for d in found if d[0].name not in _CHANGES]
    return found


def flooded(concepts: Concepts) -> bool:
    """Whether so many are there that not all were found: what was missed may be no denial."""
    names = (*_SPOKEN_AGAINST, "NOT_REALLY", "BUT", "UNLESS", "SECRET", "MOVED", "DAY")
    return any(len(concepts.get(name, ())) >= MAX_HITS for name in names)


_OF_SHOWS = ("DATE_SHIFT", "PLACE_CLOSED", "METHOD_FALSE", "ELIGIBILITY")
"""What is true of a show's or a club's vote; nobody has to be kept away from one."""
_OF_STATE = ("OFFICE", "AUTHORITY", "POLLPLACE")


def _for_show(concepts: Concepts) -> list[Concept]:
    """Votes of shows and contests, where nothing else in the text speaks of an election."""
    votes = {(c.first, c.last) for c in concepts.get("VOTE", ())}
    elections = [c for c in concepts.get("ELECTION", ()) if (c.first, c.last) not in votes]
    if elections or any(name in concepts for name in _OF_STATE):
        return []
    return list(concepts.get("SHOW", ()))


def _introduced(clause: _Clauses, show: Concept, concepts: Concepts) -> bool:
    """Whether a show and its vote are in one clause, or the show comes first: `Idol: text now`.

    A show in a clause behind may be an excuse: `text your vote, for the class`.
    """
    if clause.ended(show.first + 1, show.last - 1):
        return False
    votes = [v for v in concepts.get("VOTE", ()) if show.first <= v.first < show.last]
    return all(not clause.parted(v.last, show.last - 1) for v in votes[:1])


_NEGATIVE = ("STAY_VOTE", "STAY", "ELIGIBILITY", "HATE")
"""Harms that negations are among the words of: `do not vote`, `they are not human`."""
_NEGATIONS = ("NOT", "NOT_AFTER", "DENY", "DENY_AFTER", "OPPOSITE", "ANSWER_NO")


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


def _overlapping(
    clause: _Clauses, opposite: Sequence[Concept], harm: Concept
) -> tuple[int, int] | None:
    for c in opposite:
        overlaps = c.first < harm.last and harm.first < c.last
        # A change may be told in the next clause: `nem törölték, hétfőre halasztották`.
        told_after = harm.name in _CHANGES and clause.parted(c.last, harm.last - 1)
        if overlaps and not told_after:
            return min(c.first, harm.first), max(c.last, harm.last)
    return None


def _secret(clause: _Clauses, told: Mapping[str, Sequence[Concept]], concepts: Concepts) -> bool:
    """Whether the text asks for secrecy, not merely to leave something unsaid."""
    for wish in concepts.get("SECRET", ()):
        goes_on = any(d.first < wish.last < d.last for d in told["DENY"])
        if not goes_on and not clause.speaks(wish.last):
            return True
    return False


def _turned(clause: _Clauses, denial: Concept, negations: Sequence[Concept]) -> bool:
    """Whether a denial that has no negation of its own is negated: `do not ignore calls that`."""
    if any(_made_of(denial, n) for n in negations):
        return False  # a second one strengthens it in many languages: `no digas nunca que`
    return any(
        clause.before(n, denial.first) or any(a <= n.first and n.last <= b for a, b in denial.gaps)
        for n in negations
    )


def _conditional(
    clause: _Clauses, harm: Concept, span: tuple[int, int], concepts: Concepts
) -> bool:
    """Whether a condition or an exception behind it, in its sentence, takes a denial back."""
    return harm.name not in _UNCONDITIONAL and any(
        c.language == harm.language
        and (span[0] < c.first or c.language in _CONDITION_FIRST)
        and not clause.ended(min(c.last, span[1]), max(c.first, span[0]))
        for c in concepts.get("UNLESS", ())
    )


def _changed_after_all(
    clause: _Clauses,
    told: Mapping[str, Sequence[Concept]],
    concepts: Concepts,
    denied: Sequence[Sequence[int]],
) -> bool:
    """Whether the text tells another change than the denied ones, or names their day once more."""

    def said(concept: Concept) -> bool:
        for first, last in denied:
            if first < concept.last and concept.first < last:
                return False
            joined = 0 <= concept.first - last <= clause.reach(last, _JOINED)
            if joined and not clause.parted(last, concept.first):
                return False
        return _governed(clause, told, concept) is None

    if any(said(c) for c in concepts.get("MOVED", ())):
        return True
    days = concepts.get("DAY", ())
    of_denied = [d for d in days if any(_day_of(clause, d, a, b) for a, b in denied)]
    others = [d for d in days if d not in of_denied and said(d)]
    return any(clause.same(d, other) for d in of_denied for other in others)


def _day_of(clause: _Clauses, day: Concept, first: int, last: int) -> bool:
    """Whether the day belongs to the change denied from token `first` to `last`."""
    if first <= day.first < last:
        return True
    near = 0 <= day.first - last <= clause.reach(day.first, _BEHIND)
    return near and not clause.parted(last, day.first)


def _governed(
    clause: _Clauses, told: Mapping[str, Sequence[Concept]], harm: Concept
) -> tuple[int, int] | None:
    """The tokens from the negation to the end of the harm that it governs, or none.

    What is negated within a clause that is denied is not denied: the two cancel out.
    """
    inner = _negating(clause, told, harm)
    outer = _denying(clause, told, harm)
    if inner and outer and (inner.last <= outer.first or outer.last <= inner.first):
        return None
    negation = inner or outer
    if negation is None:
        return None
    return min(negation.first, harm.first), max(negation.last, harm.last)


def _answered(
    clause: _Clauses, told: Mapping[str, Sequence[Concept]], harm: Concept
) -> tuple[int, int] | None:
    """The tokens from a harm that is asked about to the no that answers, or none."""
    answer = clause.asked(harm.last)
    if answer is None:
        return None
    for no in told["ANSWER_NO"]:
        near = 0 <= no.first - answer <= clause.reach(answer, _TO_AN_ANSWER)
        whole = no.last - no.first > 1 + clause.unspaced(no.first) or clause.ends(no.last)
        if near and whole and not clause.parted(answer + 1, no.first):
            return harm.first, no.last
    word = clause.word(answer)
    about = {clause.word(at) for at in range(harm.first, harm.last)}
    if any(word.startswith(no) and word[len(no) :] in about for no in _STUCK):
        return harm.first, answer + 1
    return None


def _negating(
    clause: _Clauses, told: Mapping[str, Sequence[Concept]], harm: Concept
) -> Concept | None:
    """What negates the harm in its own clause."""
    for negation in told["NOT"]:
        for part in harm.parts:
            if clause.before(negation, part) and not clause.parted(negation.last, part):
                return negation
    for negation in told["NOT_AFTER"]:
        # In its ending: `ertelenmedi` is one word with what it negates.
        earliest = harm.last - 1 + clause.unspaced(harm.last - 1)
        near = earliest <= negation.first <= harm.last <= negation.last
        if near and not clause.parted(harm.last, negation.first):
            return negation
    return None


def _denying(
    clause: _Clauses, told: Mapping[str, Sequence[Concept]], harm: Concept
) -> Concept | None:
    """What denies the clause of the harm."""
    for negation in told["DENY"]:
        start = negation.last + clause.leads_on(negation)
        for part in harm.parts:
            near = 0 <= part - negation.last <= clause.reach(part, _REACH)
            if near and not clause.parted(start, harm.last - 1):
                return negation
    for negation in told["DENY_AFTER"]:
        reach = clause.reach(harm.last - 1, _REACH_BACK)
        near = 0 <= negation.first - harm.last <= reach
        if near and not clause.parted(harm.last, negation.first):
            return negation
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

    def speaks(self, at: int) -> bool:
        """Whether a colon or a quotation mark opens what is said from token `at` on."""
        gap = self._gap(at)
        if not _SPEECH.issuperset(set(gap) - _OPENING):
            return False
        return ":" in gap or "：" in gap or gap[-1:] in _OPENING or gap.rstrip()[-1:] == "«"

    def leads_on(self, negation: Concept) -> bool:
        """Whether a sign right behind the negation leads on to what it denies."""
        bare = negation.language in _BARE_REPORTS and self._gap(negation.last).strip() == ","
        return negation.last not in self.but and (bare or self.speaks(negation.last))

    def asked(self, at: int) -> int | None:
        """The token behind the question that token `at - 1` is part of, or none."""
        for after in range(at, min(at + _REACH * 2, len(self.analysis.tokens))):
            gap = self._gap(after)
            if not _ASKS.isdisjoint(gap):
                return after
            if not _ENDS.isdisjoint(gap):
                return None
        return None

    def ends(self, at: int) -> bool:
        """Whether the text or a clause ends before token `at`."""
        return at >= len(self.analysis.tokens) or not STOPS.isdisjoint(self._gap(at))

    def word(self, at: int) -> str:
        return self.analysis.tokens[at].text

    def same(self, one: Concept, other: Concept) -> bool:
        """Whether two concepts are the same word, but for a short ending."""
        short, long = sorted((self._text(one), self._text(other)), key=len)
        stem = len(short) - (not self.unspaced(one.first))
        return len(long) - len(short) <= 2 and short[:stem] == long[:stem]

    def _text(self, concept: Concept) -> str:
        return "".join(t.text for t in self.analysis.tokens[concept.first : concept.last])

    def _gap(self, at: int) -> str:
        """What stands before token `at`."""
        tokens, text = self.analysis.tokens, self.analysis.original
        return text[tokens[at - 1].end : tokens[at].start] if 0 < at < len(tokens) else ""

    def ended(self, start: int, end: int) -> bool:
        """Whether a sentence ends between token `start - 1` and token `end`."""
        return any(not _ENDS.isdisjoint(self._gap(at)) for at in range(start, end + 1))

    def parted(self, start: int, end: int) -> bool:
        """Whether a stop or a `but` stands between token `start - 1` and token `end`."""
        end = min(end, len(self.analysis.tokens) - 1)
        return any(
            at in self.but or not STOPS.isdisjoint(self._gap(at))
            for at in range(max(start, 1), end + 1)
        )

"""Whom an office means: its holder, an earlier one, or nobody whom the registry knows.

The registry names who holds an office today. Words beside it may say that somebody else is meant:
`former`, `the 3rd`, `in 2010`, `US president Joe Biden`. They are in `data/figures/roles.yaml`,
and who held which office when in `data/figures/terms.tsv`. An office with a number in its own name
(`the 46th president`) means one person whatever stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import replace
from functools import cache
from itertools import dropwhile, takewhile
from typing import NamedTuple

from overt.errors import ConfigError
from overt.screening import index as ix
from overt.screening.gazetteer import Hit
from overt.screening.index import Index
from overt.screening.text import Analysis, Token, fold, words
from overt.tables import data_path

_REACH = 5
"""Words between an office and a year, or between an office and whose wife somebody is."""
_ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th|er|eme|e|re|a|o|os|as|y|и|я|го|му|м)")
_BREAK = re.compile(r"[.!?;:\n]\s")
_YEARS = range(1000, 2200)


class _Beside(NamedTuple):
    """Words of all languages, folded, by what they say; see `roles.yaml`."""

    before: re.Pattern[str]
    unless: frozenset[str]
    nth: frozenset[str]
    after: frozenset[str]
    over: frozenset[str]
    kin: frozenset[str]
    of: frozenset[str]
    has: frozenset[str]
    when: frozenset[str]


class _Term(NamedTuple):
    office: str
    person: str
    since: str
    until: str


@cache
def _beside() -> _Beside:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    path = data_path("figures", "roles.yaml")
    try:
        with path.open("rb") as stream:
            table = next(iter(yaml.load_all(stream, loader)))
        said: dict[str, list[str]] = {}
        for parts in table.values():
            for name, listed in parts.items():
                said.setdefault(name, []).extend(str(listed).split())
    except (yaml.YAMLError, AttributeError, StopIteration) as cause:
        raise ConfigError(
            "screening.roles", "the table of offices cannot be read", type(cause).__name__
        ) from None

    def folded(name: str) -> frozenset[str]:
        return frozenset("".join(words(entry)) for entry in said.get(name, ()))

    patterns = [re.escape(fold(entry)).replace(r"\*", r"\w*") for entry in said["not"]]
    return _Beside(
        re.compile("|".join(sorted(patterns, key=len, reverse=True))),
        folded("unless"), folded("nth"), folded("after") | folded("instead"), folded("over"),
        folded("kin"), folded("of"), folded("has"), folded("when"),
    )  # fmt: skip


@cache
def _terms() -> dict[str, list[_Term]]:
    """Times in an office, by office, first to last."""
    found: dict[str, list[_Term]] = {}
    path = data_path("figures", "terms.tsv")
    for line in path.read_text("utf-8").splitlines():
        fields = line.split("\t")
        if len(fields) != 4:
            raise ConfigError(
                "screening.terms", "the terms of offices cannot be read", f"{len(fields)} fields"
            )
        found.setdefault(fields[0], []).append(_Term(*fields))
    return found


@cache
def _held() -> dict[str, list[str]]:
    """Offices that a person holds now, by id."""
    found: dict[str, list[str]] = {}
    for office, terms in _terms().items():
        found.setdefault(terms[-1].person, []).append(office)
    return found


def as_said(
    analysis: Analysis,
    hits: Iterable[tuple[int, Hit]],
    index: Index,
    left_out: Container[int] = (),
) -> list[tuple[int, Hit]]:
    """The hits, each office given to whom it means here, or taken out.

    Args:
        analysis: The text.
        hits: Names found, each with the number of the index it is from; 0 is `index`.
        index: The registry.
        left_out: People of the registry who are not to be found.
    """
    listed = list(hits)
    if all(hit.tier != ix.ROLE for _, hit in listed):
        return listed
    named = [hit for _, hit in listed if hit.tier != ix.ROLE]
    kept = []
    for source, hit in listed:
        meant: Hit | None = hit
        if hit.tier == ix.ROLE and not _numbered(analysis, hit):
            meant = _meant(analysis, hit, named, index if source == 0 else None)
        if meant is not None and not (source == 0 and meant.person in left_out):
            kept.append((source, meant))
    return kept


def is_of_another(analysis: Analysis, hit: Hit) -> bool:
    """Whether the office only says whose wife, spokesman or palace the text is about."""
    said, tokens = _beside(), analysis.tokens
    before = tokens[max(0, hit.first - _REACH) : hit.first][::-1]
    after = tokens[hit.last : hit.last + _REACH]
    if _after_all(before, said.of, said.kin) or _after_all(after, said.has, said.kin):
        return True
    run = _run(after)
    if run and run[0] in said.has:
        run = run[1:]
    return _begins(run, said.kin)


def _meant(analysis: Analysis, hit: Hit, named: list[Hit], index: Index | None) -> Hit | None:
    if _of_nobody_known(analysis, hit) or _of_another_place(analysis, hit, index):
        return None
    if any(_apposed(analysis, hit, other) for other in named):
        return None
    year = _year(analysis, hit)
    if year is None or index is None:
        return hit
    person = index.row(hit.person)["id"]
    offices = _held().get(person)
    if offices is None:
        return hit
    then = [t for office in offices for t in _terms()[office] if _covers(t, year)]
    if any(term.person == person for term in then):
        return hit
    longest = max(then, key=lambda t: _share(t, year), default=None)
    number = index.find(longest.person) if longest else None
    return None if number is None else replace(hit, person=number, others=())


def _numbered(analysis: Analysis, hit: Hit) -> bool:
    return any(t.text[0].isdigit() for t in analysis.tokens[hit.first : hit.last])


def _of_nobody_known(analysis: Analysis, hit: Hit) -> bool:
    """Whether a word beside the office says that it is not the holder's, or another office."""
    tokens = analysis.tokens
    if hit.first and _not_the_holder(analysis, hit.first):
        return True
    if hit.last == len(tokens) or _parted(analysis, hit.last - 1):
        return False
    said, after = _beside(), tokens[hit.last : hit.last + _REACH]
    if after[0].text in said.after or _begins(_run(after), said.after):
        return True
    own = {t.text for t in tokens[hit.first : hit.last]}
    named = [t for t in after[1:3] if t.text not in said.of][:1]
    return after[0].text in said.over - own and bool(named) and named[0].capital


def _not_the_holder(analysis: Analysis, first: int) -> bool:
    """Whether `former`, `the 3rd` or the like stands before token `first`."""
    said, tokens = _beside(), analysis.tokens
    before, earlier = tokens[first - 1], tokens[max(0, first - _REACH) : first - 1]
    if before.text.isdecimal() and len(before.text) < 4:  # `44. prezident`, and no item of a list
        dot = analysis.original[before.end : tokens[first].start].startswith(".")
        line = analysis.original[: before.start].rpartition("\n")[2]
        return dot and (bool(line.strip()) or "\n" not in analysis.original)
    if _parted(analysis, first - 1):
        return False
    if not before.unspaced:
        return bool(said.before.fullmatch(before.text) or _ORDINAL.fullmatch(before.text))
    if before.text in said.nth and earlier and earlier[-1].text.isdecimal():
        return True
    run = _run((before, *earlier[::-1]))[::-1]
    ends = {"".join(run[at:]) for at in range(len(run))}
    return ends.isdisjoint(said.unless) and any(said.before.fullmatch(end) for end in ends)


def _apposed(analysis: Analysis, hit: Hit, other: Hit) -> bool:
    """Whether somebody's name stands right beside the office: `US president Joe Biden`.

    Behind a comma only the office follows: `Joe Biden, president of the United States`.
    """
    if other.person == hit.person or other.tier in (ix.CATCHPHRASE, ix.WORD):
        return False
    before = other.last == hit.first
    if not before and other.first != hit.last:
        return False
    tokens, at = analysis.tokens, hit.first if before else hit.last
    gap = analysis.original[tokens[at - 1].end : tokens[at].start].strip()
    return not gap or (before and gap == ",")


def _of_another_place(analysis: Analysis, hit: Hit, index: Index | None) -> bool:
    """Whether a guess found a place's name without its first letter: `Prussia` is not Russia."""
    if index is None or "fuzzy" not in hit.how:
        return False
    read = [t.text for t in analysis.tokens[hit.first : hit.last]]
    return any(not index.knows(word) and index.knows(word[1:]) for word in read)


def _year(analysis: Analysis, hit: Hit) -> int | None:
    """The year that the text gives with the office."""
    said, tokens = _beside(), analysis.tokens
    for step, start in ((1, hit.last), (-1, hit.first - 1)):
        for at in range(start, start + step * _REACH, step):
            if not 0 <= at < len(tokens) or _parted(analysis, at - 1 if step > 0 else at):
                break
            text = tokens[at].text
            if text.isdecimal() and int(text) in _YEARS:
                return int(text)
            if text not in said.when:
                break
    return None


def _covers(term: _Term, year: int) -> bool:
    return int(term.since[:4]) <= year and (not term.until or year <= int(term.until[:4]))


def _share(term: _Term, year: int) -> int:
    """How many days of the year, about, somebody was in office."""
    first, last = f"{year}-01-01", f"{year}-12-31"
    since, until = max(first, term.since), min(last, term.until or last)
    return _days(until) - _days(since)


def _days(date: str) -> int:
    year, month, day = (int(part) for part in (date + "-01-01")[:10].split("-"))
    return year * 365 + month * 30 + day


def _parted(analysis: Analysis, at: int) -> bool:
    """Whether a sentence ends between token `at` and the next."""
    tokens = analysis.tokens
    if not 0 <= at < len(tokens) - 1:
        return False
    return _BREAK.search(analysis.original[tokens[at].end : tokens[at + 1].start]) is not None


def _after_all(tokens: tuple[Token, ...], between: frozenset[str], wanted: frozenset[str]) -> bool:
    """Whether one of the wanted words comes first, but for what may stand between."""
    rest = list(dropwhile(lambda text: text in between, (t.text for t in tokens)))
    return any("".join(rest[:many][::-1]) in wanted for many in range(1, min(3, len(rest)) + 1))


def _run(tokens: tuple[Token, ...]) -> list[str]:
    """The characters that come first, of a script without spaces."""
    return [t.text for t in takewhile(lambda t: t.unspaced, tokens)]


def _begins(run: list[str], wanted: frozenset[str]) -> bool:
    """Whether one of the wanted words begins the characters of a script without spaces."""
    return any("".join(run[:at]) in wanted for at in range(1, len(run) + 1))

"""Concept lexicons: readable files of phrases, one a language, matched in one pass.

A phrase is words between spaces. `stem*` stands for any ending, `a|b` for either, `~` for up to
four words between, and `_` joins the words of one alternative (`don't|do_not`). Words are folded
exactly as prompts are, so accents, width and letter forms do not matter. Phrases in scripts without
spaces match inside longer text.

All languages are matched together: prompts mix languages, and a rule needs several concepts to
agree, so a word that means something else in another language does no harm by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Any

from overt.errors import ConfigError
from overt.screening.text import Analysis, Token, words

GAP = 4
"""Words that `~` may stand for; twice as many characters in scripts without spaces."""
_MAX_VARIANTS = 4096
MAX_HITS = 64
"""Occurrences of a concept in a language beyond which none is looked for."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept found over tokens `first` to `last` (exclusive).

    `gaps` are the tokens that a `~` stands for, from the first to the one where the phrase goes on.
    """

    name: str
    language: str
    first: int
    last: int
    gaps: tuple[tuple[int, int], ...] = ()

    @property
    def parts(self) -> tuple[int, ...]:
        """Where the phrase begins, and where it goes on after each gap."""
        return self.first, *(end for _, end in self.gaps)


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    prefix: bool = False
    gap: bool = False


@dataclass(frozen=True, slots=True)
class _Pattern:
    concept: str
    language: str
    rest: tuple[_Piece, ...]


class _Starting:
    """Patterns with one beginning, by their second word where that is a whole one.

    A sentence is full of words such as "the" that begin hundreds of phrases; its next word tells
    nearly all of them apart.
    """

    __slots__ = ("_by_second", "_others")

    def __init__(self) -> None:
        self._by_second: dict[str, list[_Pattern]] = {}
        self._others: list[_Pattern] = []

    def add(self, pattern: _Pattern) -> None:
        second = pattern.rest[0] if pattern.rest else None
        if second is None or second.gap or second.prefix:
            self._others.append(pattern)
        else:
            self._by_second.setdefault(second.text, []).append(pattern)

    def before(self, following: Sequence[tuple[str, int]]) -> Iterable[_Pattern]:
        """Those that may go on with one of the `following` texts."""
        if not self._by_second:
            return self._others
        return chain(self._others, *(self._by_second.get(text, ()) for text, _ in following))


class Lexicon:
    """Compiled phrases of some languages.

    Args:
        tables: Parsed files: `{"language": ..., "concepts": {name: [phrase, ...]}}`. How the
            language negates is under `negation`, see `screening.negation`; what claims a harmless
            purpose under `softening`, see `screening.claims`; how an office speaks for itself
            under `speakers`.

    Raises:
        ConfigError: A file or phrase cannot be read.
    """

    def __init__(self, tables: Iterable[dict[str, Any]]) -> None:
        self._exact: dict[str, _Starting] = {}
        self._prefix: dict[str, _Starting] = {}
        self.languages: set[str] = set()
        self.concepts: frozenset[str] = frozenset()
        for table in tables:
            language = str(table.get("language", "und"))
            self.languages.add(language)
            concepts = table.get("concepts", {})
            self.concepts |= {name for name, phrases in concepts.items() if phrases}
            others = (table.get(section, {}) for section in ("negation", "softening", "speakers"))
            for name, phrases in chain(concepts.items(), *(other.items() for other in others)):
                for phrase in phrases or ():
                    self._add(name, language, str(phrase))
        self._lengths = sorted({len(p) for p in self._prefix})

    @classmethod
    def load(cls, folder: Path) -> Lexicon:
        """Read every `*.yaml` of a folder."""
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        tables = []
        for path in sorted(folder.glob("*.yaml")):
            try:
                tables.append(yaml.load(path.read_bytes(), loader))  # noqa: S506 - safe loaders
            except yaml.YAMLError as cause:
                raise ConfigError(
                    "screening.lexicon", f"the lexicon {path.name} cannot be read", str(cause)
                ) from None
        return cls(tables)

    def _add(self, concept: str, language: str, phrase: str) -> None:
        variants = [_alternatives(element) for element in phrase.split()]
        total = 1
        for options in variants:
            total *= max(1, len(options))
        if not variants or total > _MAX_VARIANTS:
            raise ConfigError(
                "screening.lexicon",
                f"a phrase of {concept} ({language}) is empty or has too many variants",
                f"{total} variants",
            )
        for choice in product(*variants):
            pieces = tuple(piece for option in choice for piece in option)
            if not pieces or pieces[0].gap:
                continue
            first = pieces[0]
            table = self._prefix if first.prefix else self._exact
            table.setdefault(first.text, _Starting()).add(_Pattern(concept, language, pieces[1:]))

    def match(self, analysis: Analysis) -> list[Concept]:
        """Concepts in the text, in order; of each, the first some dozens in a language.

        The bound is on each by itself, so that a flood of one hides no other.
        """
        tokens = _with_readings(analysis)
        found: dict[tuple[str, int, str], Concept] = {}
        counts: Counter[tuple[str, str]] = Counter()
        for at in range(len(analysis.tokens)):
            for text, until in tokens[at]:
                following = tokens[until] if until < len(tokens) else ()
                for pattern in self._starting(text, following):
                    kind = (pattern.concept, pattern.language)
                    if counts[kind] >= MAX_HITS:
                        continue
                    rest = _rest(pattern.rest, analysis.tokens, tokens, until)
                    if rest is not None:
                        last, gaps = rest
                        key = (pattern.concept, at, pattern.language)
                        held = found.get(key)
                        counts[kind] += held is None
                        if held is None or held.last < last:
                            found[key] = Concept(*kind, at, last, gaps)
        if found.keys() and all(name in _GRAMMAR for name, _, _ in found):
            return []  # nothing here for them to negate or to soften
        return list(found.values())

    def _starting(self, text: str, following: Sequence[tuple[str, int]]) -> Iterable[_Pattern]:
        """Patterns that begin with `text` and may go on with one of the `following` texts."""
        held = self._exact.get(text)
        if held is not None:
            yield from held.before(following)
        for length in self._lengths:
            if length > len(text):
                break
            held = self._prefix.get(text[:length])
            if held is not None:
                yield from held.before(following)


_LATIN_FAMILIES = (
    frozenset({"cs", "sk", "pl"}),
    frozenset({"es", "pt", "it", "fr", "ro"}),
    frozenset({"hi", "ur"}),
    frozenset({"ru", "uk"}),
)
NEGATIONS = frozenset({"NOT", "NOT_AFTER", "DENY", "DENY_AFTER", "NOT_REALLY", "BUT", "OPPOSITE"})
"""Names under `negation`: words of grammar, which tell nothing about the language of a text."""
_GRAMMAR = NEGATIONS - {"OPPOSITE"} | {"CLAIM", "SPREAD"}
_ENOUGH = 0.7
_OWN_CONCEPTS = 2


def in_its_language(text: str, concepts: list[Concept]) -> list[Concept]:
    """Concepts without those of other languages, where the language of the text is plain.

    A French word inside an English sentence says nothing. The language is asked for only when
    concepts of several languages were found; close languages keep each other's concepts, and a
    language with two concepts of its own stays, for prompts mix languages and an English preface
    must not hide what follows it.
    """
    if not {c.language for c in concepts if c.name not in NEGATIONS} - {"en"}:
        return concepts
    from overt.language import identify

    found = identify(text)
    language = found.language.split("-")[0].lower()
    if found.confidence < _ENOUGH or language == "und" or found.mixed:
        return concepts
    near = next((f for f in _LATIN_FAMILIES if language in f), frozenset({language}))
    near |= {"en"}
    shared = {(c.name, c.first) for c in concepts if c.language in near}
    own: dict[str, set[str]] = {}
    for c in concepts:
        foreign = c.language not in near and (c.name, c.first) not in shared
        if foreign and c.name not in NEGATIONS:
            own.setdefault(c.language, set()).add(c.name)
    kept = near | {spoken for spoken, names in own.items() if len(names) >= _OWN_CONCEPTS}
    return [c for c in concepts if c.language in kept]


def _alternatives(element: str) -> list[tuple[_Piece, ...]]:
    if element == "~":
        return [(_Piece("", gap=True),)]
    options: list[tuple[_Piece, ...]] = []
    for alternative in element.split("|"):
        prefix = alternative.endswith("*")
        parts = words(alternative.rstrip("*"))
        if parts:
            final = _Piece(parts[-1], prefix and len(parts[-1]) > 1)
            options.append((*(_Piece(p) for p in parts[:-1]), final))
    return options


def _with_readings(analysis: Analysis) -> list[list[tuple[str, int]]]:
    """At each position, the texts that may start there and where they end."""
    table: list[list[tuple[str, int]]] = [
        [(token.text, at + 1)] for at, token in enumerate(analysis.tokens)
    ]
    for reading in analysis.readings:
        table[reading.first].append((reading.text, reading.last))
    return table


def _rest(
    pieces: tuple[_Piece, ...],
    tokens: tuple[Token, ...],
    table: list[list[tuple[str, int]]],
    at: int,
) -> tuple[int, tuple[tuple[int, int], ...]] | None:
    """Where the phrase ends when `pieces` match from token `at`, and its gaps, or none."""
    if not pieces:
        return at, ()
    piece, rest = pieces[0], pieces[1:]
    if piece.gap:
        limit = GAP * 2 if at < len(tokens) and tokens[at].unspaced else GAP
        for start in range(at, min(at + limit, len(tokens) - 1) + 1):
            found = _rest(rest, tokens, table, start)
            if found is not None:
                return found[0], ((at, start), *found[1])
        return None
    if at >= len(table):
        return None
    for text, until in table[at]:
        if text == piece.text or (piece.prefix and text.startswith(piece.text)):
            found = _rest(rest, tokens, table, until)
            if found is not None:
                return found
    return None

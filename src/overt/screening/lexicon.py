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
from functools import lru_cache
from itertools import chain
from math import prod
from pathlib import Path
from typing import Any

from overt.errors import ConfigError
from overt.screening.forms import without_arabic_particles
from overt.screening.phrases import End, Node, Rest
from overt.screening.text import Analysis

_Reached = tuple[int, tuple[tuple[int, int], ...]]
"""Where a phrase ends, and its gaps."""
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
        self._root = Node()
        self._phrases = 0
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
        self._root.open()
        self._begun = lru_cache(maxsize=65536)(self._begun_uncached)

    def _begun_uncached(self, word: str) -> tuple[Node, ...]:
        """Where phrases lead that begin with a word; nowhere, for most words."""
        return tuple(node for node, _ in self._root.after(((word, 0),)))

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
        elements = tuple(phrase.split())
        if not elements or prod(e.count("|") + 1 for e in elements) > _MAX_VARIANTS:
            raise ConfigError(
                "screening.lexicon",
                f"a phrase of {concept} ({language}) is empty or has too many variants",
                f"the phrase is {phrase!r}",
            )
        self._root.pending.append(Rest(elements, (self._phrases,), concept, language))
        self._phrases += 1

    def match(self, analysis: Analysis) -> list[Concept]:
        """Concepts in the text, in order; of each, the first some dozens in a language.

        The bound is on each by itself, so that a flood of one hides no other.
        """
        table = _Texts(analysis)
        found: dict[tuple[str, int, str], Concept] = {}
        counts: Counter[tuple[str, str]] = Counter()
        for at, token in enumerate(analysis.tokens):
            begun: Iterable[tuple[Node, int]]
            if table.plain(at):
                nodes = self._begun(token.text)
                if not nodes:
                    continue
                begun = ((node, at + 1) for node in nodes)
            else:
                begun = self._root.after(table.at(at))
            ends: dict[End, _Reached] = {}
            seen: set[tuple[Node, int]] = set()
            for node, until in begun:
                _walk(node, until, (), table, ends, seen)
            for end in sorted(ends) if len(ends) > 1 else ends:
                kind = (end.concept, end.language)
                if counts[kind] >= MAX_HITS:
                    continue
                last, gaps = ends[end]
                key = (end.concept, at, end.language)
                held = found.get(key)
                counts[kind] += held is None
                if held is None or held.last < last:
                    found[key] = Concept(*kind, at, last, gaps)
        return list(found.values())


_CLOSE = (
    frozenset({"cs", "sk", "pl"}),
    frozenset({"es", "pt", "it", "fr"}),
    frozenset({"hi", "ur"}),
    frozenset({"ru", "uk"}),
)
"""Languages so close that a short text may be taken for another, and that people mix. Romanian is
none: its `nu` is a French nude."""
NEGATIONS = frozenset(
    {
        "NOT", "NOT_AFTER", "DENY", "DENY_AFTER", "NOT_REALLY", "BUT", "OPPOSITE", "SHOW", "UNLESS",
        "SECRET", "MOVED", "DAY", "ANSWER_NO",
    }
)  # fmt: skip
"""Names under `negation`: words of grammar, which tell nothing about the language of a text."""
_GRAMMAR = NEGATIONS - {"OPPOSITE", "SHOW"} | {"CLAIM", "SPREAD", "REUSE"}
_OF_A_NAME = frozenset({"AS", "DAILY", "MENTION", "MENTION_AFTER"})
"""Concepts that say in which part somebody is named, `a statue of`, or what anybody does."""
_ENOUGH = 0.7
_OWN_CONCEPTS = 2


def telling(analysis: Analysis, concepts: list[Concept], named: bool) -> list[Concept]:
    """Concepts that say something in this text.

    Words of grammar need something to negate or to soften, words of a name's part a name, and
    words of other languages do not count, see `in_its_language`.

    Args:
        analysis: The text.
        concepts: All that was found in it.
        named: Whether names were found, too.
    """
    idle = _GRAMMAR if named else _GRAMMAR | _OF_A_NAME
    if all(c.name in idle for c in concepts):
        return []
    concepts = in_its_language(analysis, concepts)
    return [] if all(c.name in idle for c in concepts) else concepts


def in_its_language(analysis: Analysis, concepts: list[Concept]) -> list[Concept]:
    """Concepts without those of other languages, where the language of the text is plain.

    A French word inside an English sentence says nothing. The language is asked for only when
    concepts of several languages were found; close languages keep each other's concepts, and a
    language with two concepts of its own stays, for prompts mix languages and an English preface
    must not hide what follows it.
    """
    if not {c.language for c in concepts if c.name not in NEGATIONS} - {"en"}:
        return concepts
    found = analysis.identified
    language = found.language.split("-")[0].lower()
    if found.confidence < _ENOUGH or language == "und" or found.mixed:
        return concepts
    near = next((f for f in _CLOSE if language in f), frozenset({language}))
    near |= {"en"}
    shared = {(c.name, c.first) for c in concepts if c.language in near}
    own: dict[str, set[str]] = {}
    for c in concepts:
        foreign = c.language not in near and (c.name, c.first) not in shared
        if foreign and c.name not in NEGATIONS:
            own.setdefault(c.language, set()).add(c.name)
    kept = near | {spoken for spoken, names in own.items() if len(names) >= _OWN_CONCEPTS}
    return [c for c in concepts if c.language in kept]


class _Texts:
    """At each position, the texts that may start there and where they end.

    Made when they are asked for: of a long text, a tuple each would cost more than the search.
    """

    __slots__ = ("_more", "tokens")

    def __init__(self, analysis: Analysis) -> None:
        self.tokens = analysis.tokens
        self._more: dict[int, list[tuple[str, int]]] = {}
        for reading in analysis.readings:
            self._more.setdefault(reading.first, []).append((reading.text, reading.last))

    def plain(self, at: int) -> bool:
        """Whether nothing but the token itself starts there."""
        return at not in self._more and not "\u0621" <= self.tokens[at].text[0] <= "\u064a"

    def at(self, at: int) -> Sequence[tuple[str, int]]:
        """The token there, without its particles, its other readings; nothing behind the end."""
        if at >= len(self.tokens):
            return ()
        text = self.tokens[at].text
        more = self._more.get(at)
        if "\u0621" <= text[0] <= "\u064a":
            bare = [(form, at + 1) for form in without_arabic_particles(text)]
            more = bare if more is None else [*bare, *more]
        return ((text, at + 1),) if more is None else ((text, at + 1), *more)


def _walk(
    node: Node,
    at: int,
    gaps: tuple[tuple[int, int], ...],
    table: _Texts,
    ends: dict[End, _Reached],
    seen: set[tuple[Node, int]],
) -> None:
    """Follow the phrases of `node` from token `at`, and keep where each ends first, and its gaps.

    Readings come in their order and short gaps before long ones. Whoever comes to the same node
    and token later finds nothing new there, so the work is bounded by the tree and the gap.
    """
    if (node, at) in seen:
        return
    seen.add((node, at))
    node.open()
    for end in node.ends:
        ends.setdefault(end, (at, gaps))
    tokens = table.tokens
    if node.gap is not None and at < len(tokens):
        node.gap.open()
        limit = GAP * 2 if tokens[at].unspaced else GAP
        for end in node.gap.ends:
            ends.setdefault(end, (at, (*gaps, (at, at))))
        for start in range(at, min(at + limit, len(tokens) - 1) + 1):
            for after, until in node.gap.after(table.at(start)):
                _walk(after, until, (*gaps, (at, start)), table, ends, seen)
    for after, until in node.after(table.at(at)):
        _walk(after, until, gaps, table, ends, seen)

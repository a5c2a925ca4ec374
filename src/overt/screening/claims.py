"""Words that claim a harmless purpose or a permission, and change nothing.

`Satire:`, `for educational purposes` and `she agreed` cost nothing to write. A screen reads a text
with them and without them, and the graver reading counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from overt.screening.lexicon import Concept
from overt.screening.negation import STOPS
from overt.screening.text import Analysis

CLAIMS = ("CLAIM", "CONSENT", "EDU", "SATIRE")
_ANYWHERE = ("CLAIM", "CONSENT")
"""Claims wherever they stand; the others make one in a clause of their own."""
_SUBSTANCE = (
    "ELECTION", "VOTE", "VOTER", "CANDIDATE", "POLLPLACE", "STAY_VOTE", "STAY", "DATE_SHIFT",
    "METHOD_FALSE", "PLACE_CLOSED", "ELIGIBILITY", "THREAT", "RESULT", "RIGGING", "BRIBE",
    "SCANDAL", "CONFESS", "RESIGN", "GRAVE", "VOICE", "CALL", "LEAK", "REAL", "CONCEAL", "FAKE",
    "STYLISED", "STAGED", "FICTION", "IMAGE", "NEWS", "REPORT", "DEBUNK", "CIVIC", "ENDORSE",
    "FINANCE", "MONEY", "INTIMATE", "HATE", "GROUP", "VIOLENCE", "DISCREDIT", "PRIVATE",
    "FACESWAP", "TEXTMAKE", "AS_PERSON", "ACCESS", "HISTORIC",
)  # fmt: skip
"""Concepts that make a clause more than a claim."""
_LONGEST = 7
"""Words of a clause that is nothing but a claim; twice as many characters without spaces."""
Span = tuple[int, int]


def claims(
    analysis: Analysis, concepts: Mapping[str, Sequence[Concept]], people: Sequence[Span] = ()
) -> list[Span]:
    """Tokens of what is only claimed.

    Args:
        analysis: The text.
        concepts: What is in it.
        people: Tokens of the figures in it; a clause with one is more than a claim.
    """
    spoken = [c for name in CLAIMS for c in concepts.get(name, ())]
    if not spoken:
        return []
    found = {(c.first, c.last) for name in _ANYWHERE for c in concepts.get(name, ())}
    held = [c for name in _SUBSTANCE for c in concepts.get(name, ())]
    solid = [*((c.first, c.last) for c in held), *people]
    for clause in dict.fromkeys(_clause(analysis, c) for c in spoken):
        if clause is not None and not any(a < clause[1] and clause[0] < b for a, b in solid):
            found.add(clause)
    return sorted(found)


def _clause(analysis: Analysis, concept: Concept) -> Span | None:
    """Tokens between the stops around a concept, where they are few and not the whole text.

    Looks no farther than a clause may reach: a text may have a million.
    """
    tokens, first, last = analysis.tokens, concept.first, concept.first + 1
    most = 2 * _LONGEST
    while first > 0 and last - first <= most and not _parted(analysis, first):
        first -= 1
    while last < len(tokens) and last - first <= most and not _parted(analysis, last):
        last += 1
    longest = _LONGEST * (1 + tokens[first].unspaced)
    if last < concept.last or last - first > longest or last - first == len(tokens):
        return None
    return first, last


def _parted(analysis: Analysis, at: int) -> bool:
    """Whether a stop stands before token `at`."""
    tokens = analysis.tokens
    return not STOPS.isdisjoint(analysis.original[tokens[at - 1].end : tokens[at].start])

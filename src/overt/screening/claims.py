"""Words that claim a harmless purpose or a permission, and change nothing.

`Satire:`, `for educational purposes` and `she agreed` cost nothing to write. A screen reads a text
with them and without them, and the graver reading counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
    clauses = list(_clauses(analysis))
    for first, last in clauses if len(clauses) > 1 else ():
        longest = _LONGEST * (1 + analysis.tokens[first].unspaced)
        claimed = any(first <= c.first and c.last <= last for c in spoken)
        if not claimed or last - first > longest:
            continue
        if not any(first < end and start < last for start, end in solid):
            found.add((first, last))
    return sorted(found)


def _clauses(analysis: Analysis) -> Iterator[Span]:
    """Tokens between stops."""
    tokens, text, start = analysis.tokens, analysis.original, 0
    for at in range(1, len(tokens)):
        if not STOPS.isdisjoint(text[tokens[at - 1].end : tokens[at].start]):
            yield start, at
            start = at
    if tokens:
        yield start, len(tokens)

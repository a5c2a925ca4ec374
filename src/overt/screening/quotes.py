"""Harm that a text quotes in order to refute it, as teachers and fact-checkers do.

The words between the marks are an example only where the words around them explain what is false in
them; where they also ask to hide something, to call people, to speak as somebody, to tell voters or
to rewrite it, the quoted words are a script. Whether the frame is honest is for the intent model to
say, which reads all of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from overt.screening.lexicon import Concept
from overt.screening.negation import DENIABLE, flooded
from overt.screening.text import Analysis

_QUOTED = re.compile(
    r'"[^"\n]*"|“[^“”\n]*”|„[^„“”"\n]*[“”"]|«[^«»\n]*»|»[^«»\n]*«|「[^「」\n]*」|『[^『』\n]*』'
    r"|”[^“”\n]*“"
)
_SCRIPT = (
    "CONCEAL",
    "CALL",
    "VOICE",
    "SELF_INTRO",
    "AS_PERSON",
    "LEAK",
    "DISCREDIT",
    "SPREAD",
    "REUSE",
    "VOTER",
)
Concepts = Mapping[str, Sequence[Concept]]


def examples(analysis: Analysis, concepts: Concepts) -> list[Concept]:
    """Harm about voting that stands in quotation marks as an example of a falsehood."""
    harms = [c for name in DENIABLE for c in concepts.get(name, ())]
    if not harms or flooded(concepts):
        return []
    spans = [match.span() for match in _QUOTED.finditer(analysis.original)]
    if not spans:
        return []

    def quoted(concept: Concept) -> bool:
        start, end = analysis.span(concept.first, concept.last)
        return any(a <= start and end <= b for a, b in spans)

    outside = {n for n, held in concepts.items() if any(not quoted(c) for c in held)}
    refutes = "REPORT" in outside and not outside.isdisjoint(_FALSE)
    if not refutes or not outside.isdisjoint(_SCRIPT):
        return []
    return [c for c in harms if quoted(c)]


_FALSE = ("DEBUNK", "EDU", "FAKE")
"""What an explanation is about, or for whom, when it refutes. `Fact check` alone is a costume."""

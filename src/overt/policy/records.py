"""What the consent store's answers are worth to the policy.

A valid record can still be worth too little: an assumed one never counts, a public figure's has
to be countersigned or better, and somebody who cannot be reached
needs an evidenced mandate once an election is near. Such a record counts as `weak`, which the
rules treat like none, so that a poor record never makes an outcome worse than no record.
"""

from __future__ import annotations

from collections.abc import Sequence

from overt.models import Assurance, ConsentState, Purpose, Request
from overt.policy.subjects import Person

_RANKS = list(Assurance)
_PUBLIC_MINIMUM = _RANKS.index(Assurance.COUNTERSIGNED)


def consent_of(person: Person, states: Sequence[ConsentState], *, strict: bool) -> str:
    """What the answers for one act come to: `unasked`, `missing`, `weak` or `valid`.

    Args:
        person: Whose record it is.
        states: All answers for the act.
        strict: An election is near or meant: who cannot be reached needs a mandate.
    """
    if not states:
        return "unasked"
    if not all(state.valid for state in states):
        return "missing"
    enough = all(_worth(person, state, strict=strict) for state in states)
    return "valid" if enough else "weak"


def _worth(person: Person, state: ConsentState, *, strict: bool) -> bool:
    assurance = state.assurance or Assurance.ASSUMED
    if assurance is Assurance.ASSUMED or (state.unreachable and strict and not state.mandate):
        return False
    # A private person's own word is enough; anybody may claim to be somebody well known.
    return person.kind == "private" or _RANKS.index(assurance) >= _PUBLIC_MINIMUM


def notice_mandate(request: Request, consents: Sequence[ConsentState]) -> bool:
    """Whether records for a public notice cover a declared body or person, well enough."""
    ids = {subject.id for subject in request.subjects}
    states = [
        state
        for state in consents
        if state.need.subject_id in ids and state.need.purpose is Purpose.PUBLIC_NOTICE
    ]
    return bool(states) and all(
        state.valid and state.assurance and _RANKS.index(state.assurance) >= _PUBLIC_MINIMUM
        for state in states
    )


def least(states: Sequence[ConsentState]) -> str:
    """The poorest assurance among the valid answers, `none` without any."""
    assured = [state.assurance for state in states if state.valid and state.assurance]
    return min(assured, key=_RANKS.index).value if assured else "none"

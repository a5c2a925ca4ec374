"""What a cleared tool made is screened like what it was asked for, before it is disclosed.

A clearance is for what was asked. Words that come out may say something else, and an edit may have
changed more than was claimed of it. What is found counts as if it had been asked for: what is not
cleared is refused, held or lacks a consent, and what is cleared owes what its own words owe.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from overt import deciding, recording
from overt.clearance import Clearance, words_digest
from overt.errors import Refused
from overt.models import Act, ConsentState, Decision, Extent, Media, Modality, Outcome, Request

if TYPE_CHECKING:
    from overt.parts import Parts

_T = TypeVar("_T")


def screen(parts: Parts, clearance: Clearance, media: Media) -> Clearance:
    """Text that comes out is looked at like text that goes in, and pixels at what was claimed.

    Returns:
        The clearance as it counts for this output: its decision has the duties, reasons, findings
        and consents of the output's own words as well. It is for disclosing and signing; what is
        claimed and closed is the clearance that came in.

    Raises:
        NotCleared: The policy does not clear it; the run is closed as `quarantined`.
        StageError: Its text is too long to be looked at, or a screen failed.
    """
    request, counted = clearance.request, clearance
    text = text_of(media)
    if text and text.strip():
        said = _look_again(parts, clearance, request.model_copy(update={"prompt": text}), text)
        counted = _joined(counted, _without_spans(said))
    measured = _measured_change(request, media)
    if measured is not None:
        understood = request.model_copy(update={"measured_change": measured})
        counted = _joined(counted, _look_again(parts, clearance, understood))
    return counted


def text_of(media: Media) -> str | None:
    """What an output says, for screening and for its language: its text, or its transcript."""
    if media.modality is not Modality.TEXT:
        return media.transcript
    if media.media_type == "application/pdf":
        from overt.disclosure.pdf import text_in

        return "\n".join((media.transcript or "", text_in(media.read()))).strip()
    return media.read().decode("utf-8", "replace")


def _measured_change(request: Request, media: Media) -> float | None:
    """Share of the picture that an edit changed, where it claims little and was not measured yet.

    Raises:
        StageError: The plate or the output cannot be decoded.
    """
    little = request.act is Act.ALTER and request.extent in (Extent.NONE, Extent.MINOR)
    if not little or request.measured_change is not None or not request.inputs:
        return None
    plate = request.inputs[0]
    if plate == media:
        return None
    from overt.effects.change import changed_share

    return changed_share(plate, media)


def _look_again(
    parts: Parts, clearance: Clearance, request: Request, words: str | None = None
) -> Decision:
    """Decide on what came out; an approval that cleared the run covers the same rules here.

    Args:
        parts: Of the guard.
        clearance: Of the run.
        request: As it would have been asked, had the output been known.
        words: What came out, where its words are looked at.
    """
    view = parts.judge.look(request, of="prompt" if words is None else "output")
    relied = tuple(state for state in clearance.decision.consents if state.valid)
    approved = clearance.approved if _approves(clearance, words) else frozenset()
    decision, ruling, case = parts.database.read(
        lambda tx: deciding.decide(
            parts, tx, view, stage="output", approved=approved, relied=relied
        )
    )
    if decision.outcome.clears:
        _rely(parts, clearance, relied, decision)
        return decision
    if decision.outcome is Outcome.REVIEW:
        raise parts.database.write(
            lambda tx: recording.hold_output(parts, tx, decision, ruling, case, clearance, words)
        )
    if decision.outcome is Outcome.CONSENT:
        raise deciding.owed(decision, ruling)
    raise Refused(decision)


def _approves(clearance: Clearance, words: str | None) -> bool:
    """Whether the run's approval covers these words: one that was about words covers no others."""
    if words is None or clearance.approved_words is None:
        return True
    digest, salt = clearance.approved_words
    return hmac.compare_digest(digest, words_digest(words, salt))


def _rely(
    parts: Parts, clearance: Clearance, relied: Iterable[ConsentState], decision: Decision
) -> None:
    """Hold the records that only the output relies on until the closing entry (I6)."""
    asked = {_question(state) for state in relied}
    new = [one for one in decision.consents if one.valid and _question(one) not in asked]
    if new:
        parts.database.write(lambda tx: recording.rely_on(parts, tx, clearance, new))


def _without_spans(decision: Decision) -> Decision:
    """The same, its findings without places: a decision's places are in the prompt."""
    findings = tuple(one.model_copy(update={"span": None}) for one in decision.findings)
    return decision.model_copy(update={"findings": findings})


def _joined(clearance: Clearance, found: Decision) -> Clearance:
    """The clearance with what was found on its output: the graver outcome, and all that is owed."""
    from overt.policy.decide import obligation_order

    asked = clearance.decision
    graver, milder = (found, asked) if found.outcome > asked.outcome else (asked, found)
    duties = _each(
        (*asked.obligations, *found.obligations),
        lambda one: (one.kind, one.strength, one.wording, one.modes, one.subject, one.act),
    )
    decision = asked.model_copy(
        update={
            "outcome": graver.outcome,
            "reasons": _each((*graver.reasons, *milder.reasons), lambda one: one.code),
            "obligations": tuple(sorted(duties, key=obligation_order)),
            "rules": tuple(sorted({*asked.rules, *found.rules})),
            "findings": _each((*asked.findings, *found.findings), lambda one: one),
            "consents": _each(
                (*(one for one in asked.consents if one.valid), *found.consents, *asked.consents),
                _question,
            ),
        }
    )
    return replace(clearance, decision=decision)


def _question(state: ConsentState) -> str:
    return state.need.model_dump_json()


def _each(values: Iterable[_T], key: Callable[[_T], Hashable]) -> tuple[_T, ...]:
    """The first of each, in order."""
    first: dict[Hashable, _T] = {}
    for value in values:
        first.setdefault(key(value), value)
    return tuple(first.values())

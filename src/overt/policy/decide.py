"""The decision: a pure function from a case and a bundle to a ruling.

Every rule in force looks at every row it is about. The outcome is the maximum over what fired and
the obligations are their union, so the order of rules and of findings is irrelevant. Three steps
may change what one firing comes to, in this order, and each is bounded:

1. a *relaxation* lowers rules of the same row that are marked relaxable, to `allow` or `label`;
2. a *raise* (the silence period) lifts what is left of the same row;
3. an *approval* by a reviewer takes firings of the rules it names down to `label`, and discharges
   a row's consents only through a rule that waives them (I7). A refusal cannot be approved.

A rule that cannot be evaluated fires as `review`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from overt.models import Act, Modality, Obligation, Outcome, Reason, Strength
from overt.policy.bundle import Bundle, Groups, Plan
from overt.policy.case import Case
from overt.policy.messages import message
from overt.policy.rules import STANDARD, Rule
from overt.policy.schema import DEFAULTS, INDEX, Row

RULE_ERROR = "policy.rule_error"
_STANDARD_WORDING = {
    Modality.IMAGE.value: "label_visual",
    Modality.VIDEO.value: "label_video",
    Modality.AUDIO.value: "label_audio_spoken",
    Modality.TEXT.value: "label_text",
}
_MAX_PLANS = 4096
_MODALITY, _ACT = INDEX["request.modality"], INDEX["request.act"]
_CONSENT, _REPLICA = INDEX["subject.consent"], INDEX["subject.replica_consent"]
_ERROR_MESSAGE = {"en": "A rule could not be evaluated, so a person decides."}


@dataclass(frozen=True, slots=True)
class Firing:
    """One rule that fired on one row.

    Args:
        row: 0 for the request, then the subjects in order.
        outcome: What it comes to after relaxation, raise and approval.
        by: Ids of the rules an approval must name to take this firing down.
        owes: Acts whose record is missing for the row's subject.
    """

    rule: Rule
    row: int
    outcome: Outcome
    by: frozenset[str]
    owes: tuple[Act, ...] = ()
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the policy says.

    Args:
        rules: Ids of all rules that fired, sorted.
        owed: (subject id, act) pairs whose record is missing.
        held_by: Ids that an approval has to name; empty unless the outcome is `review`.
        firings: Every firing, for `explain` and for shadow comparison.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    obligations: tuple[Obligation, ...]
    rules: tuple[str, ...]
    owed: tuple[tuple[str, Act], ...] = ()
    held_by: tuple[str, ...] = ()
    firings: tuple[Firing, ...] = ()


def decide(case: Case, bundle: Bundle, *, approved: Collection[str] = ()) -> Ruling:
    """Rule on a case.

    Args:
        case: The policy input.
        bundle: The rules.
        approved: Ids of the rules that a reviewer's approval names.
    """
    fired = evaluate(case, bundle)
    settled = _approve(_raise(_relax(fired)), frozenset(approved))
    outcome = max((firing.outcome for firing in settled), default=Outcome.ALLOW, key=_rank)
    held = {rule for f in settled if f.outcome is Outcome.REVIEW for rule in f.by}
    return Ruling(
        outcome=outcome,
        reasons=_reasons(settled, outcome, case),
        obligations=_obligations(settled, case),
        rules=tuple(sorted({firing.rule.id for firing in settled})),
        owed=_owed(settled, case),
        held_by=tuple(sorted(held)) if outcome is Outcome.REVIEW else (),
        firings=tuple(settled),
    )


def outcome_of(case: Case, bundle: Bundle) -> tuple[Outcome, tuple[str, ...]]:
    """Outcome and rule ids alone: what a replay of very many cases compares."""
    settled = _raise(_relax(evaluate(case, bundle)))
    outcome = max((firing.outcome for firing in settled), default=Outcome.ALLOW, key=_rank)
    return outcome, tuple(sorted({firing.rule.id for firing in settled}))


def evaluate(case: Case, bundle: Bundle) -> list[Firing]:
    """The bare firings of a case, before anything is relaxed, raised or approved."""
    plan = _plan(bundle, case.day)
    fired: list[Firing] = []
    for place, row in enumerate(case.rows):
        for field, rules in plan["subject" if place else "request"]:
            if field is not None and row[field] == DEFAULTS[field]:
                continue  # none of these can fire
            for rule in rules:
                try:
                    if rule.test(row):
                        fired.append(_firing(rule, place, row))
                except Exception:  # a rule that errors is a question for a person, never a pass
                    ids = frozenset({rule.id})
                    fired.append(Firing(rule, place, Outcome.REVIEW, ids, (), RULE_ERROR))
    return fired


def _plan(bundle: Bundle, day: date) -> Plan:
    """Rules in force on a day, by the rows they look at and by what they wait for."""
    plan = bundle.plans.get(day)
    if plan is None:
        if len(bundle.plans) > _MAX_PLANS:
            bundle.plans.clear()
        active = [rule for rule in bundle.rules.values() if rule.in_force(day)]
        plan = bundle.plans[day] = {
            kind: _grouped(rule for rule in active if kind in rule.each)
            for kind in ("request", "subject")
        }
    return plan


def _grouped(rules: Iterable[Rule]) -> Groups:
    groups: dict[int | None, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(rule.guard, []).append(rule)
    return tuple((field, tuple(members)) for field, members in groups.items())


def _firing(rule: Rule, place: int, row: Row) -> Firing:
    owes: list[Act] = []
    if rule.effect.owes and place:
        if "act" in rule.effect.owes and row[_CONSENT] != "valid":
            owes.append(Act(str(row[_ACT])))
        if "replica_create" in rule.effect.owes and row[_REPLICA] != "valid":
            owes.append(Act.REPLICA_CREATE)
    return Firing(
        rule, place, rule.effect.outcome, frozenset({rule.id}), tuple(owes), rule.effect.code
    )


def _relax(fired: list[Firing]) -> list[Firing]:
    lowered: dict[tuple[int, str], Outcome] = {}
    for firing in fired:
        for name in firing.rule.relaxes:
            key, to = (firing.row, name), firing.rule.relaxes_to
            lowered[key] = max(to, lowered.get(key, to), key=_rank)
    return [_lowered(firing, lowered) for firing in fired] if lowered else fired


def _lowered(firing: Firing, lowered: Mapping[tuple[int, str], Outcome]) -> Firing:
    to = lowered.get((firing.row, firing.rule.id))
    if to is None or firing.code == RULE_ERROR:
        return firing
    return replace(firing, outcome=min(firing.outcome, to, key=_rank), owes=())


def _raise(fired: list[Firing]) -> list[Firing]:
    raising: dict[int, list[Firing]] = {}
    for firing in fired:
        if firing.rule.effect.raises:
            raising.setdefault(firing.row, []).append(firing)
    return [_lifted(f, raising.get(f.row, ())) for f in fired] if raising else fired


def _lifted(firing: Firing, raising: Iterable[Firing]) -> Firing:
    for lift in raising:
        raised = lift.rule.effect.raises.get(firing.outcome)
        if raised is not None and lift is not firing:
            # An approval of the lifted rule alone does not answer the reason for the lift.
            firing = replace(firing, outcome=raised, by=firing.by | lift.by)
    return firing


def _approve(fired: list[Firing], approved: frozenset[str]) -> list[Firing]:
    if not approved:
        return fired
    waived = {
        firing.row
        for firing in fired
        if firing.rule.effect.waives_consent
        and firing.outcome is Outcome.REVIEW
        and firing.by <= approved
    }
    settled = []
    for firing in fired:
        if firing.outcome is Outcome.REVIEW and firing.by <= approved:
            kept = () if firing.row in waived else firing.owes
            firing = replace(firing, outcome=Outcome.CONSENT if kept else Outcome.LABEL, owes=kept)
        elif firing.outcome is Outcome.CONSENT and firing.row in waived:
            firing = replace(firing, outcome=Outcome.LABEL, owes=())
        settled.append(firing)
    return settled


def _rank(outcome: Outcome) -> int:
    return _RANKS[outcome]


_RANKS = {outcome: outcome.rank for outcome in Outcome}


def _reasons(settled: Sequence[Firing], outcome: Outcome, case: Case) -> tuple[Reason, ...]:
    """One reason for each code: first what gave the outcome, then what else holds."""
    decisive = [firing for firing in settled if firing.outcome is outcome]
    lifting = {rule for firing in decisive for rule in firing.by - {firing.rule.id}}

    def order(firing: Firing) -> tuple[int, int, str]:
        if firing.outcome is outcome:
            place = 2 if _is_lifted(firing) else 0
        else:
            place = 1 if firing.rule.id in lifting else 3
        return place, -_RANKS[firing.outcome], firing.rule.id

    told: dict[str, Reason] = {}
    for firing in sorted((f for f in settled if _holds(f, outcome)), key=order):
        code = firing.code
        if code is None or code in told:
            continue
        messages = _ERROR_MESSAGE if code == RULE_ERROR else firing.rule.messages
        sentence = message(messages, case.language, case.facts)
        told[code] = Reason(code=code, message=sentence, rule=firing.rule.id)
    return tuple(told.values())


def _holds(firing: Firing, outcome: Outcome) -> bool:
    """Whether the sentence of a firing's rule is true of the outcome.

    What a rule only notices always is: that a silence period is in force. What was relaxed or
    approved says that a person decides first, or that a record is needed, and that is over. Once
    a request is refused, no label, record or reviewer changes that, so milder rules say nothing.
    """
    if firing.outcome is Outcome.ALLOW and firing.rule.effect.outcome is Outcome.ALLOW:
        return True
    asked = Outcome.REVIEW if firing.code == RULE_ERROR else firing.rule.effect.outcome
    overtaken = outcome is Outcome.REFUSE and firing.outcome is not outcome
    return _RANKS[firing.outcome] >= _RANKS[asked] and not overtaken


def _is_lifted(firing: Firing) -> bool:
    asked = firing.rule.effect.outcome
    return firing.code != RULE_ERROR and _RANKS[firing.outcome] > _RANKS[asked]


def _obligations(settled: Iterable[Firing], case: Case) -> tuple[Obligation, ...]:
    owed: dict[tuple[object, ...], Obligation] = {}
    modality = str(case.rows[0][_MODALITY])
    for firing in settled:
        subject = case.subjects[firing.row - 1] if firing.row else None
        for duty in firing.rule.effect.obligations:
            disclosed = duty.kind == "disclose"
            wording = _STANDARD_WORDING[modality] if duty.wording == STANDARD else duty.wording
            whose = subject if disclosed and duty.strength is Strength.STRONG else None
            key = (duty.kind, duty.strength, wording, duty.modes, whose)
            if key not in owed:
                owed[key] = duty.model_copy(
                    update={
                        "wording": wording,
                        "language": case.language if disclosed else None,
                        "subject": whose,
                    }
                )
    for subject_id, act in _owed(settled, case):
        owed[("consent", subject_id, act)] = Obligation(
            kind="consent", strength=Strength.STRONG, subject=subject_id, act=act
        )
    return tuple(sorted(owed.values(), key=obligation_order))


def obligation_order(duty: Obligation) -> tuple[object, ...]:
    """Where a duty stands among others: by kind, the strong ones first."""
    return (
        duty.kind,
        duty.strength is Strength.WEAK,
        duty.wording or "",
        duty.subject or "",
        duty.act or "",
        duty.modes,
    )


def _owed(settled: Iterable[Firing], case: Case) -> tuple[tuple[str, Act], ...]:
    pairs = {(case.subjects[f.row - 1], act) for f in settled if f.row for act in f.owes}
    return tuple(sorted(pairs))

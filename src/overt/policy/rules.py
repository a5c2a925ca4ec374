"""One rule: who it is about, when it fires, what it asks for, and how it explains itself.

A rule file is a YAML mapping of the keys in `KEYS`. A rule looks at the request row, at each
subject row, or at both (`each`). When it fires it asks for at least an outcome, adds obligations,
may owe consents, may lower rules that are marked `relaxable` (`relaxes`), and may raise the
outcomes of other rules on the same row (`raises`: the silence rule).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from overt.models import Obligation, Outcome, Strength
from overt.policy.conditions import Test, compile_condition, fail, guard_of
from overt.policy.expression import ExpressionError, compile_expression
from overt.policy.schema import INDEX, Row, make_row

KEYS: Final = frozenset(
    {
        "id", "title", "status", "severity", "owner", "effective_from", "effective_until",
        "review_by", "each", "when", "when_cel", "effect", "relaxable", "relaxes", "messages",
        "rationale", "guidance", "examples", "references", "disarm", "dsa_category",
    }
)  # fmt: skip
STATUSES: Final = ("draft", "shadow", "active", "retired")
SEVERITIES: Final = ("info", "low", "medium", "high", "critical")
OWES: Final = ("act", "replica_create")
STANDARD: Final = "standard"
"""Wording that depends on what is made: `label_visual` for a picture, `label_text` for text."""
_EFFECT_KEYS: Final = frozenset(
    {"outcome", "code", "obligations", "owes", "raises", "waives_consent"}
)
_WORDINGS: Final = frozenset(
    {
        STANDARD, "label_short", "label_visual", "label_video", "label_audio_spoken",
        "label_altered", "public_figure_label", "authorized_voice_label", "satire_label",
        "creator_labeled", "label_text",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule asks for when it fires.

    Args:
        outcome: The least that the decision comes to.
        code: Reason code; without one the rule gives no reason (plain disclosure rules).
        owes: `act` for a record for the requested act, `replica_create` for a replica.
        raises: What the other rules of the row come to instead.
        waives_consent: A reviewer who approves this rule discharges the consents of its row.
    """

    outcome: Outcome
    code: str | None = None
    obligations: tuple[Obligation, ...] = ()
    owes: tuple[str, ...] = ()
    raises: Mapping[Outcome, Outcome] = field(default_factory=dict)
    waives_consent: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule with everything that its file says."""

    id: str
    title: str
    status: str
    severity: str
    owner: str
    effective_from: date
    effective_until: date | None
    review_by: date | None
    each: tuple[str, ...]
    when: Mapping[str, Any]
    when_cel: str | None
    test: Test = field(repr=False, compare=False)
    effect: Effect
    relaxable: bool
    relaxes: tuple[str, ...]
    relaxes_to: Outcome
    messages: Mapping[str, str]
    rationale: str
    guidance: str
    match: tuple[Mapping[str, Any], ...]
    no_match: tuple[Mapping[str, Any], ...]
    references: tuple[str, ...]
    disarm: tuple[str, ...]
    dsa_category: str | None
    guard: int | None = None
    """Place of a field that has to differ from its default; see `conditions.guard_of`."""

    def in_force(self, day: date) -> bool:
        """Whether the rule counts on that day; drafts, shadows and retired rules never do."""
        return (
            self.status == "active"
            and self.effective_from <= day
            and (self.effective_until is None or day <= self.effective_until)
        )


def parse_rule(data: object) -> Rule:
    """A rule from the content of its file.

    Raises:
        ConfigError: A key is unknown or missing, or a value is not allowed; see the codes of
            `overt.policy.conditions`, and `policy.key`, `policy.effect`, `policy.messages`.
    """
    if not isinstance(data, Mapping):
        raise fail("key", "a rule file holds one mapping")
    unknown = sorted(str(key) for key in data.keys() - KEYS)
    if unknown:
        raise fail(
            "key",
            f"unknown key {unknown[0][:60]!r}",
            f"known: {', '.join(sorted(KEYS))}",
            word=unknown[0],
        )
    effect = _effect(data.get("effect"))
    relaxes, to = _relaxes(data.get("relaxes"))
    match, no_match = _examples(data.get("examples"))
    expression = data.get("when_cel")
    rule = Rule(
        id=_text(data, "id"),
        title=_text(data, "title"),
        status=_choice(data, "status", STATUSES),
        severity=_choice(data, "severity", SEVERITIES),
        owner=_text(data, "owner"),
        effective_from=_day(data, "effective_from") or date.min,
        effective_until=_day(data, "effective_until"),
        review_by=_day(data, "review_by"),
        each=_each(data.get("each", "request")),
        when=data.get("when") or {},
        when_cel=expression,
        test=_test(data.get("when"), expression),
        effect=effect,
        relaxable=_flag(data, "relaxable"),
        relaxes=relaxes,
        relaxes_to=to,
        messages=_messages(data.get("messages"), needed=effect.code is not None),
        rationale=_text(data, "rationale"),
        guidance=_text(data, "guidance"),
        match=match,
        no_match=no_match,
        references=_texts(data, "references"),
        disarm=_texts(data, "disarm"),
        dsa_category=data.get("dsa_category"),
        guard=guard_of(data.get("when")),
    )
    _prove(rule)
    return rule


def example_row(rule: Rule, example: Mapping[str, Any]) -> Row:
    """The row that an example of a rule stands for.

    Raises:
        ConfigError: `policy.input_path`, `policy.input_value`.
    """
    return make_row({"row": rule.each[0], **example})


def _prove(rule: Rule) -> None:
    """Run the examples: a rule that does not do what its author says is not loaded."""
    for wanted, examples in ((True, rule.match), (False, rule.no_match)):
        for place, example in enumerate(examples, start=1):
            row = example_row(rule, example)
            kind = row[INDEX["row"]]
            if kind not in rule.each:
                raise fail("example_row", f"examples of {rule.id} are about {kind} rows")
            try:
                fired = rule.test(row)
            except ExpressionError:
                raise fail("example", f"an example of {rule.id} cannot be evaluated") from None
            if fired is not wanted:
                word = "match" if wanted else "no_match"
                raise fail("example", f"{rule.id}: {word} example {place} does not hold")


def _test(when: object, expression: object) -> Test:
    if expression is None:
        return compile_condition(when)
    cel = compile_expression(expression)
    if when is None:
        return cel
    plain = compile_condition(when)
    return lambda row: plain(row) and cel(row)


def _effect(data: object) -> Effect:
    if not isinstance(data, Mapping) or not {"outcome"} <= data.keys() <= _EFFECT_KEYS:
        raise fail("effect", f"effect takes {', '.join(sorted(_EFFECT_KEYS))}; outcome is needed")
    owes = tuple(data.get("owes", ()))
    raises = data.get("raises", {})
    if not set(owes) <= set(OWES) or not isinstance(raises, Mapping):
        raise fail("effect", f"owes takes {', '.join(OWES)}; raises takes outcomes")
    raised = {_outcome(low): _outcome(high) for low, high in raises.items()}
    if any(high < low for low, high in raised.items()):
        raise fail("effect", "raises may not lower an outcome")
    outcome = _outcome(data["outcome"])
    if owes and outcome < Outcome.CONSENT:
        raise fail("effect", "a rule that owes a consent comes to consent at least")
    waives = _flag(data, "waives_consent")
    if waives and outcome is not Outcome.REVIEW:
        raise fail("effect", "waives_consent belongs to a rule whose outcome is review")
    code = data.get("code")
    if code is not None and (not isinstance(code, str) or "." not in code):
        raise fail("effect", "a reason code is dotted: elections.voter_suppression")
    obligations = tuple(_obligation(entry) for entry in data.get("obligations", ()))
    return Effect(outcome, code, obligations, owes, raised, waives)


def _obligation(data: object) -> Obligation:
    allowed = {"kind", "strength", "wording", "modes"}
    if not isinstance(data, Mapping) or not data.keys() <= allowed:
        raise fail("effect", f"an obligation takes {', '.join(sorted(allowed))}")
    kind, wording = data.get("kind"), data.get("wording")
    if kind not in ("disclose", "manifest", "review") or wording not in (None, *_WORDINGS):
        raise fail("effect", "an obligation has a kind of disclose, manifest, review and a wording "
                   "of the disclosure catalogue")  # fmt: skip
    try:
        strength = Strength(data.get("strength", "weak"))
    except ValueError:
        raise fail("effect", "strength is weak or strong") from None
    modes = tuple(str(mode) for mode in data.get("modes", ()))
    return Obligation(kind=str(kind), strength=strength, wording=wording, modes=modes)


def _outcome(value: object) -> Outcome:
    try:
        return Outcome(value)
    except ValueError:
        raise fail(
            "effect",
            "an outcome is allow, label, consent, review or refuse",
            word="outcome",
        ) from None


def _relaxes(data: object) -> tuple[tuple[str, ...], Outcome]:
    if data is None:
        return (), Outcome.LABEL
    match data:
        case {"rules": [*rules], "to": to, **rest} if rules and not rest:
            lowered = _outcome(to)
            if lowered not in (Outcome.ALLOW, Outcome.LABEL):
                raise fail("relaxes", "a relaxation lowers to allow or label")
            return tuple(str(rule) for rule in rules), lowered
    raise fail("relaxes", "relaxes takes rules (a list of ids) and to (allow or label)")


def _examples(data: object) -> tuple[tuple[Mapping[str, Any], ...], ...]:
    match data:
        case {"match": [*match], "no_match": [*no_match]} if match and no_match:
            if all(isinstance(example, Mapping) for example in (*match, *no_match)):
                return tuple(match), tuple(no_match)
    raise fail("examples", "examples needs match and no_match, each with one row of paths at least")


def _messages(data: object, *, needed: bool) -> Mapping[str, str]:
    if data is None and not needed:
        return {}
    if not isinstance(data, Mapping) or not isinstance(data.get("en"), str):
        raise fail("messages", "messages takes a sentence per language, English among them")
    return {str(language): str(text) for language, text in data.items()}


def _each(value: object) -> tuple[str, ...]:
    rows = {"request": ("request",), "subject": ("subject",), "both": ("request", "subject")}
    if not isinstance(value, str) or value not in rows:
        raise fail("value", "each is request, subject or both")
    return rows[value]


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.strip():
        raise fail("key", f"{key} is missing or is not a text", word=key)
    return value.strip()


def _texts(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise fail("key", f"{key} is a list of texts", word=key)
    return tuple(value)


def _choice(data: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    if data.get(key) not in allowed:
        raise fail("value", f"{key} is one of {', '.join(allowed)}", word=key)
    return str(data[key])


def _flag(data: Mapping[str, Any], key: str) -> bool:
    if not isinstance(value := data.get(key, False), bool):
        raise fail("value", f"{key} is true or false", word=key)
    return value


def _day(data: Mapping[str, Any], key: str) -> date | None:
    value = data.get(key)
    if value is not None and type(value) is not date:
        raise fail("value", f"{key} is a date: 2026-11-01", word=key)
    return value

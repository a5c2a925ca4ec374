"""What `overt policy check` looks for beyond what loading a bundle already refuses.

Loading refuses wrong paths, values, examples, relaxations and cycles. This finds rules that can
never fire, rules that contradict each other, messages that no case can fill, and reviews that are
overdue. An `error` keeps a bundle from being taken into service; a `warning` does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from overt.models import Outcome
from overt.policy.bundle import Bundle
from overt.policy.conditions import paths_of
from overt.policy.messages import unknown_fields
from overt.policy.rules import Rule, example_row
from overt.policy.schema import FIELDS, INDEX


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a bundle.

    Args:
        level: `error` or `warning`.
        code: Stable and dotted.
        rule: Id of the rule, or of several, joined by commas.
    """

    level: str
    code: str
    rule: str
    message: str


def check(bundle: Bundle, today: date) -> tuple[Problem, ...]:
    """Everything that is wrong, errors first, by rule."""
    rules = [rule for rule in bundle.rules.values() if rule.status != "retired"]
    found: list[Problem] = []
    for rule in rules:
        found.extend(_unreachable(rule))
        found.extend(_messages(rule))
        found.extend(_dates(rule, today))
        found.extend(_never_counts(rule, bundle))
    for one, other in combinations(rules, 2):
        found.extend(_conflict(one, other))
    if not any(rule.status == "active" for rule in rules):
        found.append(Problem("error", "policy.nothing_active", "", "no rule is active"))
    return tuple(sorted(found, key=lambda p: (p.level, p.rule, p.code)))


def _unreachable(rule: Rule) -> Iterator[Problem]:
    """Subject facts on a request row keep their defaults, so a test of them never changes."""
    if rule.each == ("request",):
        for path, _ in paths_of(rule.when):
            if path in INDEX and FIELDS[INDEX[path]].per_subject:
                yield Problem(
                    "error",
                    "policy.unreachable",
                    rule.id,
                    f"it looks at {path}, which request rows do not have; say each: subject",
                )
    if rule.effective_until is not None and rule.effective_until < rule.effective_from:
        yield Problem("error", "policy.unreachable", rule.id, "it ends before it begins")


def _messages(rule: Rule) -> Iterator[Problem]:
    for language, text in rule.messages.items():
        unknown = unknown_fields(text)
        if unknown:
            names = ", ".join(sorted(unknown))
            yield Problem(
                "error", "policy.message_field", rule.id, f"its {language} message names {names}"
            )


def _dates(rule: Rule, today: date) -> Iterator[Problem]:
    if rule.review_by is not None and rule.review_by < today:
        yield Problem("warning", "policy.review_due", rule.id, f"due since {rule.review_by}")
    if rule.effective_until is not None and rule.effective_until < today:
        yield Problem("warning", "policy.ended", rule.id, f"ended on {rule.effective_until}")


def _never_counts(rule: Rule, bundle: Bundle) -> Iterator[Problem]:
    """A rule whose every example is relaxed by the same other rule has no effect."""
    if not rule.relaxable or rule.effect.outcome is Outcome.ALLOW:
        return
    rows = [example_row(rule, example) for example in rule.match]
    for other in bundle.rules.values():
        if rule.id in other.relaxes and all(other.test(row) for row in rows):
            yield Problem(
                "error",
                "policy.always_relaxed",
                f"{rule.id},{other.id}",
                "the second relaxes the first in each of its examples",
            )


def _conflict(one: Rule, other: Rule) -> Iterator[Problem]:
    pair = f"{one.id},{other.id}"
    alike = one.when == other.when and one.when_cel == other.when_cel and one.each == other.each
    if alike and one.effect.outcome is not other.effect.outcome:
        yield Problem("error", "policy.conflict", pair, "the same condition asks for two outcomes")
    elif alike:
        yield Problem("warning", "policy.duplicate", pair, "the same condition stands twice")
    code = one.effect.code
    outcomes_differ = one.effect.outcome is not other.effect.outcome
    if code is not None and code == other.effect.code and outcomes_differ:
        yield Problem("error", "policy.code_conflict", pair, f"{code} has two outcomes")

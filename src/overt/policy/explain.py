"""Why a decision came out as it did: every rule that fired, and the facts that made it fire."""

from __future__ import annotations

from dataclasses import dataclass

from overt.models import Outcome
from overt.policy.bundle import Bundle
from overt.policy.case import Case
from overt.policy.conditions import paths_of
from overt.policy.decide import Firing, decide
from overt.policy.schema import INDEX, Cell


@dataclass(frozen=True, slots=True)
class Step:
    """One firing.

    Args:
        about: `request`, or `subject 1` and so on.
        asked: Outcome of the rule by itself.
        came_to: Outcome after relaxations and raises.
        because: Paths the rule looks at, with what the row holds.
    """

    rule: str
    title: str
    about: str
    asked: Outcome
    came_to: Outcome
    because: tuple[tuple[str, str], ...]
    rationale: str
    guidance: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A whole decision, gravest step first."""

    outcome: Outcome
    policy: str
    steps: tuple[Step, ...]


def explain(case: Case, bundle: Bundle) -> Explanation:
    """Decide a recorded case again and say why.

    The bundle should be the one of the decision; with another, this tells what that one would
    say, and `policy` names it.
    """
    ruling = decide(case, bundle)
    steps = sorted(
        (_step(firing, case) for firing in ruling.firings),
        key=lambda step: (-step.came_to.rank, step.rule, step.about),
    )
    return Explanation(ruling.outcome, bundle.digest, tuple(steps))


def _step(firing: Firing, case: Case) -> Step:
    rule, row = firing.rule, case.rows[firing.row]
    looked = dict.fromkeys(path for path, _ in paths_of(rule.when))
    return Step(
        rule=rule.id,
        title=rule.title,
        about=f"subject {firing.row}" if firing.row else "request",
        asked=rule.effect.outcome,
        came_to=firing.outcome,
        because=tuple((path, shown(row[INDEX[path]])) for path in looked),
        rationale=rule.rationale,
        guidance=rule.guidance,
        references=rule.references,
    )


def shown(cell: Cell) -> str:
    """A fact as text."""
    if isinstance(cell, frozenset):
        return ", ".join(sorted(cell)) or "none"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "unknown" if cell is None else str(cell)

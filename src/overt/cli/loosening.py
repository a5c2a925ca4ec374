"""What a builder's bundle takes away from the packaged rules, for `overt policy check`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from overt.policy import Bundle, Rule


@dataclass(frozen=True, slots=True)
class Change:
    """A packaged rule that is not in force here, or asks for less.

    Args:
        change: `off`, or `lowered`.
        before: Outcome of the packaged rule.
        after: Outcome of the rule that is there now; none when it is off.
        relaxes: Rules that the packaged rule lowered: without it, decisions about these tighten.
    """

    rule: str
    title: str
    change: str
    before: str
    after: str | None
    relaxes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """For `overt policy check --json`."""
        return {
            "rule": self.rule,
            "title": self.title,
            "change": self.change,
            "from": self.before,
            "to": self.after,
        }

    def line(self) -> str:
        """For people."""
        if self.after is not None:
            return f"lowered {self.rule} from {self.before} to {self.after}: {self.title}"
        lowered = f" (it lowered {', '.join(self.relaxes)})" if self.relaxes else ""
        return f"off {self.rule}, {self.before}: {self.title}{lowered}"


def loosened(bundle: Bundle, packaged: Bundle, day: date) -> list[Change]:
    """Packaged rules that the bundle leaves out, does not have in force, or lowers, by id.

    A rule of the bundle's own that takes the place of a packaged one is held against it by its
    outcome; that it fires on fewer requests does not show here, `overt policy replay` tells it.
    """
    changes = []
    for name, ours in packaged.rules.items():
        if not ours.in_force(day):
            continue
        theirs = bundle.rules.get(name)
        if theirs is None or not theirs.in_force(day):
            changes.append(_change(ours, None))
        elif theirs.effect.outcome < ours.effect.outcome:
            changes.append(_change(ours, theirs))
    return changes


def _change(ours: Rule, theirs: Rule | None) -> Change:
    return Change(
        rule=ours.id,
        title=ours.title,
        change="off" if theirs is None else "lowered",
        before=ours.effect.outcome.value,
        after=None if theirs is None else theirs.effect.outcome.value,
        relaxes=ours.relaxes,
    )

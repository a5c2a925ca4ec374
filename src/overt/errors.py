"""The error tree: every exception that overt raises on purpose.

::

    OvertError                      .code  .what  .why  .todo
      ConfigError                   raised while a guard is built, never during a run     exit 1
      NotCleared                    .decision: an answer, not a fault
        Refused                     not made                                              exit 3
        ConsentRequired             .subjects  .acts: a consent record is missing         exit 4
        HeldForReview               .ticket_id: a person decides first                    exit 5
      StageError                    .stage: a step failed; nothing was released           exit 2
      VerificationError             the asset does not verify                             exit 6

Messages say what happened, why, and what to do, and never contain text from a prompt, a name of a
person or the content of a consent document. The wrapped tool's own exceptions pass through
unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from overt.models import Act, Decision


class OvertError(Exception):
    """Base of every error here.

    Args:
        code: Stable and dotted, for programs: `config.unknown_key`.
        what: What happened, one clause.
        why: The cause, one clause.
        todo: What the reader can do about it.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, code: str, what: str, why: str = "", todo: str = "") -> None:
        self.code, self.what, self.why, self.todo = code, what, why, todo
        super().__init__(self._line())

    def _line(self) -> str:
        text = self.what
        if self.why:
            text += f": {self.why}"
        if self.todo:
            text += f"; {self.todo}"
        return f"{text} [{self.code}]"


class ConfigError(OvertError):
    """The configuration, the data or the environment cannot carry a guard."""

    exit_code = 1


class NotCleared(OvertError):
    """The guard's answer was not yes. `decision` has the reasons; no media exists.

    Attributes:
        elapsed_ms: Time until a request's answer, by stage; empty where an output was not cleared.
    """

    exit_code = 3

    def __init__(self, decision: Decision, code: str, what: str, todo: str = "") -> None:
        self.decision = decision
        self.elapsed_ms: dict[str, float] = {}
        why = ", ".join(reason.code for reason in decision.reasons)
        super().__init__(code, what, why, todo)


class Refused(NotCleared):
    """The policy refuses the request: it is not made."""

    exit_code = 3

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision, "decision.refused", "refused")


class ConsentRequired(NotCleared):
    """An act needs a consent record that is not there.

    Attributes:
        subjects: Opaque ids of those who must be asked; `guard.reveal(id)` gives the name.
        acts: The acts that are not covered.
    """

    exit_code = 4

    def __init__(self, decision: Decision, subjects: tuple[str, ...], acts: tuple[Act, ...]):
        self.subjects, self.acts = subjects, acts
        super().__init__(
            decision, "decision.consent_required", "consent needed", "see `overt consent request`"
        )


class HeldForReview(NotCleared):
    """A person decides first. Nothing is generated; `ticket_id` names the open question."""

    exit_code = 5

    def __init__(self, decision: Decision, ticket_id: str) -> None:
        self.ticket_id = ticket_id
        super().__init__(decision, "decision.held", "held for review", f"ticket {ticket_id}")


class StageError(OvertError):
    """A stage of the line failed, so nothing was released (fail closed).

    Attributes:
        stage: `screen`, `consent`, `decide`, `tool`, `disclose`, `sign`, `record` or `clearance`.
    """

    exit_code = 2

    def __init__(self, stage: str, code: str, what: str, why: str = "", todo: str = "") -> None:
        self.stage = stage
        super().__init__(code, what, why, todo)


class VerificationError(OvertError):
    """An asset, a proof or a record does not verify."""

    exit_code = 6

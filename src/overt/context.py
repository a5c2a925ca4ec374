"""What `guard.context()` gives: a way for a tool to show a prompt that it has rewritten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from overt import ambient
from overt.errors import StageError
from overt.models import Decision, Request

if TYPE_CHECKING:
    from overt.guard import Guard


@dataclass(frozen=True, slots=True)
class Context:
    """What `guard.context()` gives."""

    _guard: Guard

    def screen(self, revised: str, media_type: str = "text/plain", **fields: Any) -> Decision:
        """Decide on a prompt that the tool has rewritten, and record it.

        Raises:
            NotCleared: The rewritten prompt is not cleared; the tool should stop.
        """
        clearance = self._guard.prepare(Request(prompt=revised, media_type=media_type, **fields))
        self._guard.abandon(clearance, StageError("tool", "tool.prompt_rewritten", "screened only"))
        return clearance.decision


@contextmanager
def entered(guard: Guard, fields: ambient.Ambient) -> Iterator[Context]:
    """Make `fields` hold for the calls inside, of this task or thread."""
    with ambient.entered(fields):
        yield Context(guard)

"""What a builder says once for many calls: `guard.session(…)` and `guard.context(…)`.

Context variables carry it, so it follows tasks and worker threads and never leaks to another call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from overt.models import Request, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambient:
    """Fields that a request takes over where it has none of its own; lists are joined."""

    subjects: tuple[Subject, ...] = ()
    consents: tuple[str, ...] = ()
    country: str | None = None
    actor: str | None = field(default=None, repr=False)
    context: Mapping[str, str] = field(default_factory=dict)

    def over(self, outer: Ambient) -> Ambient:
        """This one inside `outer`."""
        return Ambient(
            subjects=outer.subjects + self.subjects,
            consents=outer.consents + self.consents,
            country=self.country or outer.country,
            actor=self.actor or outer.actor,
            context={**outer.context, **self.context},
        )


_NOTHING = Ambient()
_current: ContextVar[Ambient] = ContextVar("overt_ambient", default=_NOTHING)


@contextmanager
def entered(ambient: Ambient) -> Iterator[None]:
    """Make `ambient` current, inside what is current already."""
    token = _current.set(ambient.over(_current.get()))
    try:
        yield
    finally:
        _current.reset(token)


def applied(request: Request) -> Request:
    """`request` with what is current added."""
    now = _current.get()
    if now is _NOTHING:
        return request
    return request.model_copy(
        update={
            "subjects": now.subjects + request.subjects,
            "consents": now.consents + request.consents,
            "country": request.country or now.country,
            "actor": request.actor or now.actor,
            "context": {**now.context, **request.context},
        }
    )

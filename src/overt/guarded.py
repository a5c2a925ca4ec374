"""A tool behind its guard: a call of it is one run of the line.

The bare function is not kept as an attribute: it is not one dot away. (In one process a builder can
always go around the guard; this is about accidents.)
"""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any

from overt.arguments import Place, flat, redirected
from overt.coerce import drained, is_stream, like, to_list
from overt.errors import ConfigError, HeldForReview
from overt.models import Decision, Media, Request, Result

if TYPE_CHECKING:
    from overt.wrap import Wrapper

_HELD = 1000
"""Held calls that one guarded tool remembers for `resume()`."""


class Guarded:
    """A tool behind its guard: call it like the tool, or `check()` it, or `resume()` a ticket.

    Works on functions, coroutine functions, generator functions (buffered) and methods.
    """

    def __init__(self, how: Wrapper, tool: Callable[..., Any]) -> None:
        signature = inspect.signature(tool)
        how.check_names(signature)
        self._how, self._signature = how, signature
        self._asynchronous = inspect.iscoroutinefunction(tool) or inspect.isasyncgenfunction(tool)
        self._held: OrderedDict[str, inspect.BoundArguments] = OrderedDict()
        update_wrapper(self, tool)
        del self.__dict__["__wrapped__"]
        # A closure, not an attribute: the bare tool is not one dot away.
        self._invoke: Callable[[inspect.BoundArguments], Any] = lambda bound: tool(
            *bound.args, **bound.kwargs
        )

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """Bind like a function does, so that methods can be wrapped."""
        return self if instance is None else _Bound(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the tool through the line; a coroutine when the tool is one.

        Raises:
            NotCleared: The tool was not run.
            StageError: It ran, and nothing was released.
        """
        bound = self._bind(args, kwargs)
        request = self._how.request(flat(bound))
        return self._arun(bound, request) if self._asynchronous else self._run(bound, request)

    def check(self, *args: Any, **kwargs: Any) -> Decision:
        """What would be decided on this call; nothing runs and nothing is recorded."""
        return self._how.guard.check(self._how.request(flat(self._bind(args, kwargs))))

    def resume(self, ticket: str, *args: Any, **kwargs: Any) -> Any:
        """Run a call that a person has approved, with the same arguments as when it was held.

        Args:
            ticket: From `HeldForReview`.
            args: The call's arguments; left out, those of the held call are used where this
                process still has them.
            kwargs: Likewise.

        Raises:
            ConfigError: `resume.arguments`: the held call is not remembered; pass its arguments.
            StageError: The ticket is not approved, was used, or is for other arguments.
            NotCleared: Decided again, the request is not cleared any more.
        """
        if args or kwargs:
            bound = self._bind(args, kwargs)
        elif ticket in self._held:
            bound = self._held[ticket]
        else:
            raise ConfigError(
                "resume.arguments", "the held call is not remembered", todo="pass its arguments"
            )
        request = self._how.request(flat(bound))
        call = self._arun if self._asynchronous else self._run
        return call(bound, request, ticket)

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> inspect.BoundArguments:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return bound

    def _run(
        self, bound: inspect.BoundArguments, request: Request, ticket: str | None = None
    ) -> Any:
        guard, returned = self._how.guard, _Returned()
        with redirected(bound, self._how.names["output"]) as (place, hidden):

            def tool(_: Request) -> list[Media]:
                returned.value = self._invoke(hidden)
                return self._media(returned.value, request.media_type, place)

            targets = [place.destination] if place else None
            with self._remembering(bound):
                results = guard.run_all(request, tool, destinations=targets, ticket=ticket)
        return self._shaped(results, returned.value)

    async def _arun(
        self, bound: inspect.BoundArguments, request: Request, ticket: str | None = None
    ) -> Any:
        guard, returned = self._how.guard, _Returned()
        with redirected(bound, self._how.names["output"]) as (place, hidden):

            async def tool(_: Request) -> list[Media]:
                value = self._invoke(hidden)
                limit = guard.output_limit
                value = await drained(value, limit) if is_stream(value) else await value
                returned.value = value
                return self._media(value, request.media_type, place)

            targets = [place.destination] if place else None
            with self._remembering(bound):
                results = await guard.arun(request, tool, destinations=targets, ticket=ticket)
        return self._shaped(results, returned.value)

    @contextmanager
    def _remembering(self, bound: inspect.BoundArguments) -> Iterator[None]:
        """Keep the arguments of a call that is held, for `resume()`, as long as there is room."""
        try:
            yield
        except HeldForReview as held:
            self._held[held.ticket_id] = bound
            while len(self._held) > _HELD:
                self._held.popitem(last=False)
            raise

    def _media(self, value: Any, media_type: str, place: Place | None) -> list[Media]:
        if place is not None and place.hidden.is_file():
            return [Media(media_type=media_type, path=place.hidden)]
        return to_list(value, media_type, many=self._how.many, limit=self._how.guard.output_limit)

    def _shaped(self, results: list[Result], value: Any) -> Any:
        if self._how.returns == "media":
            shaped = [like(value, one) for one in results]
        else:
            shaped = list(results)
        return shaped if self._how.many else shaped[0]


class _Bound:
    """A guarded method of one object."""

    def __init__(self, guarded: Guarded, instance: object) -> None:
        self._guarded = guarded
        self._call = partial(guarded, instance)
        self.check = partial(guarded.check, instance)
        self.resume = guarded.resume

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)


class _Returned:
    """What the tool itself returned, kept for `returns="media"`."""

    value: Any = None

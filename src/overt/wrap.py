"""Three spellings of `Guard.run()`: a decorator, a guarded method, and their dry run.

The wrapped callable keeps its parameters; its return type becomes `Result` unless the builder asks
for `returns="media"`. The bare function is not kept as an attribute: it is not one dot away. (In
one process a builder can always go around the guard; this is about accidents.)
"""

from __future__ import annotations

import copy
import inspect
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from overt.asking import ingredients, known_media_type, media_type_of_name, request_of
from overt.coerce import to_list
from overt.errors import ConfigError, HeldForReview, StageError
from overt.models import Act, Decision, Media, Modality, Request, Result

if TYPE_CHECKING:
    from overt.guard import Guard

_HELD = 1000
"""Held calls that one guarded tool remembers for `resume()`."""


class Wrapper:
    """How a tool's parameters map to a request. `guard.wrap(…)` makes it; it is the decorator.

    Args:
        guard: The guard whose line the calls run through.
        media_type: What the tool returns; left out, the suffix of the output path tells.
        prompt: Name of the parameter with the prompt, or names, whose values are joined by
            newlines (a negative prompt reaches the tool as well).
        language: Parameter with the BCP 47 tag of the content.
        voice: Parameter with the voice id, looked up in `[voices]`.
        stock_voice: The builder vouches that the tool's one voice is nobody's.
        references: Parameter with a reference voice or face: bytes, a path, or several.
        guides: Parameter with what only guides the tool: a mood board, a depth map.
        inputs: Parameter with the plate or picture that is edited.
        elements: Parameter with what is put into the plate.
        output: Parameter with the path the tool writes to. The tool gets a hidden path in the same
            folder; the real one appears only when the result is released.
        metadata: Read what production metadata declares of the output's path (`overt.yaml`), as
            `overt mark` does; what is said in code goes before it.
        many: The tool returns a list of outputs.
        returns: `result` for `Result`; `media` for what the tool itself returns (bytes stay bytes,
            a path stays a path).
        request: Further fields of `Request` that hold for every call.

    Raises:
        ConfigError: `media_type` is unknown, or an audio tool names no voice.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        media_type: str | None = None,
        prompt: str | tuple[str, ...],
        language: str | None = None,
        voice: str | None = None,
        stock_voice: bool = False,
        references: str | None = None,
        guides: str | None = None,
        inputs: str | None = None,
        elements: str | None = None,
        output: str | None = None,
        metadata: bool = False,
        many: bool = False,
        returns: Literal["result", "media"] = "result",
        **request: Any,
    ) -> None:
        unknown = request.keys() - Request.model_fields.keys()
        if unknown:
            raise ConfigError("wrap.argument", f"unknown arguments {sorted(unknown)}")
        if media_type is None and output is None:
            raise ConfigError("wrap.media_type", "no media type", todo="say media_type=")
        if (elements and not inputs) or (metadata and not output):
            raise ConfigError(
                "wrap.argument",
                "elements need a plate, and metadata a path",
                todo="name the parameter with `inputs=` or `output=`",
            )
        granted = stock_voice or voice or request.get("voice") or request.get("subjects")
        media_type = known_media_type(media_type) if media_type else None
        if media_type and Modality.of(media_type) is Modality.AUDIO and not granted:
            raise ConfigError(
                "wrap.voice",
                "an audio tool must say whose voice it has",
                "the script alone never tells",
                "name the voice parameter, or say stock_voice=True",
            )
        self.guard, self.media_type, self.many, self.returns = guard, media_type, many, returns
        self.prompts = (prompt,) if isinstance(prompt, str) else tuple(prompt)
        self.names = {
            "language": language,
            "voice": voice,
            "references": references,
            "guides": guides,
            "inputs": inputs,
            "elements": elements,
            "output": output,
        }
        self.metadata = metadata
        self.fixed: dict[str, Any] = {"stock_voice": stock_voice, **request}

    def __call__(self, tool: Callable[..., Any]) -> Guarded:
        """Decorate `tool`.

        Raises:
            ConfigError: A named parameter is none of the tool's.
        """
        return Guarded(self, tool)

    def check_names(self, signature: inspect.Signature) -> None:
        """Fail at decoration, not at the first call.

        Raises:
            ConfigError: A named parameter does not exist.
        """
        parameters = signature.parameters.values()
        if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters):
            return
        for name in (*self.prompts, *(n for n in self.names.values() if n)):
            if name not in signature.parameters:
                raise ConfigError(
                    "wrap.parameter",
                    f"the tool has no parameter {name!r}",
                    f"it has {list(signature.parameters)}",
                    "name one of these",
                )

    def request(self, arguments: Mapping[str, Any]) -> Request:
        """The request that a call with these arguments makes."""
        media_type = self.media_type or media_type_of_name(arguments[str(self.names["output"])])
        fields: dict[str, Any] = {"media_type": media_type, **self._declared(arguments)}
        fields |= self.fixed
        fields["prompt"] = "\n".join(str(arguments[n]) for n in self.prompts if arguments.get(n))
        for field in ("language", "voice"):
            if value := self._argument(arguments, field):
                fields[field] = str(value)
        for field in ("references", "guides", "inputs"):
            if (value := self._argument(arguments, field)) is not None:
                fields[field] = ingredients(value)
        if (value := self._argument(arguments, "elements")) is not None:
            fields["inputs"] = (*fields.get("inputs", ()), *ingredients(value))
        if fields.get("inputs") and "act" not in self.fixed:
            # A tool that is given a picture to change makes an edit, not a thing of its own.
            fields["act"] = Act.ALTER
        return request_of(fields)

    def _declared(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What production metadata says of the output, where the builder wants it read."""
        path = self._argument(arguments, "output") if self.metadata else None
        if path is None:
            return {}
        from overt.effects.marking import fields_for

        return fields_for(self.guard, Path(path))

    def _argument(self, arguments: Mapping[str, Any], field: str) -> Any:
        name = self.names[field]
        return arguments.get(name) if name else None


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
        request = self._how.request(_flat(bound))
        return self._arun(bound, request) if self._asynchronous else self._run(bound, request)

    def check(self, *args: Any, **kwargs: Any) -> Decision:
        """What would be decided on this call; nothing runs and nothing is recorded."""
        return self._how.guard.check(self._how.request(_flat(self._bind(args, kwargs))))

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
        request = self._how.request(_flat(bound))
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
        with _redirected(self._how, bound) as (place, redirected):

            def tool(_: Request) -> list[Media]:
                returned.value = self._invoke(redirected)
                return self._media(returned.value, request.media_type, place)

            targets = [place.destination] if place else None
            with self._remembering(bound):
                results = guard.run_all(request, tool, destinations=targets, ticket=ticket)
        return self._shaped(results, returned.value)

    async def _arun(
        self, bound: inspect.BoundArguments, request: Request, ticket: str | None = None
    ) -> Any:
        guard, returned = self._how.guard, _Returned()
        with _redirected(self._how, bound) as (place, redirected):

            async def tool(_: Request) -> list[Media]:
                value = self._invoke(redirected)
                limit = guard.output_limit
                value = await _drained(value, limit) if _is_stream(value) else await value
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

    def _media(self, value: Any, media_type: str, place: _Place | None) -> list[Media]:
        if place is not None and place.hidden.is_file():
            return [Media(media_type=media_type, path=place.hidden)]
        return to_list(value, media_type, many=self._how.many, limit=self._how.guard.output_limit)

    def _shaped(self, results: list[Result], value: Any) -> Any:
        if self._how.returns == "media":
            shaped = [_like(value, one) for one in results]
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


class Attached:
    """An object with one method guarded; everything else is the object's own.

    Args:
        call: Name of the method that generates.
        how: As for `Wrapper`.

    Raises:
        ConfigError: The object has no such method, or an argument is wrong.
    """

    def __init__(self, guard: Guard, target: object, *, call: str, **how: Any) -> None:
        method = getattr(target, call, None)
        if not callable(method):
            raise ConfigError("attach.method", f"the object has no method {call!r}")
        self.__dict__[call] = Wrapper(guard, **how)(method)
        self.__dict__["_other"] = partial(getattr, target)

    def __getattr__(self, name: str) -> Any:
        return self._other(name)


class _Returned:
    """What the tool itself returned, kept for `returns="media"`."""

    value: Any = None


class _Place:
    """Where the tool is told to write, and where the result goes when it is released."""

    def __init__(self, hidden: Path, destination: Path) -> None:
        self.hidden, self.destination = hidden, destination


@contextmanager
def _redirected(
    how: Wrapper, bound: inspect.BoundArguments
) -> Iterator[tuple[_Place | None, inspect.BoundArguments]]:
    """Give the tool a hidden path in the folder of the real one."""
    name = how.names["output"]
    if name is None or _flat(bound).get(name) is None:
        yield None, bound
        return
    wanted = _flat(bound)[name]
    destination = Path(wanted)
    if not destination.parent.is_dir():
        raise StageError(
            "deliver", "output.folder", f"no folder {destination.parent}", todo="make it first"
        )
    with tempfile.TemporaryDirectory(prefix=".overt-", dir=destination.parent) as folder:
        hidden = Path(folder) / destination.name
        redirected = copy.copy(bound)
        redirected.arguments = dict(bound.arguments)
        _set(redirected, name, type(wanted)(hidden))
        yield _Place(hidden, destination), redirected


def _flat(bound: inspect.BoundArguments) -> dict[str, Any]:
    """All arguments by name, those in `**kwargs` too."""
    flat = dict(bound.arguments)
    for name, parameter in bound.signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            flat.update(flat.pop(name, {}))
    return flat


def _set(bound: inspect.BoundArguments, name: str, value: Any) -> None:
    if name in bound.arguments:
        bound.arguments[name] = value
        return
    for key, parameter in bound.signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            bound.arguments[key] = {**bound.arguments[key], name: value}


def _is_stream(value: Any) -> bool:
    return hasattr(value, "__aiter__")


async def _drained(chunks: AsyncIterator[Any], limit: int) -> bytes:
    buffer = bytearray()
    async for chunk in chunks:
        buffer += chunk.encode() if isinstance(chunk, str) else chunk
        if len(buffer) > limit:
            raise StageError(
                "tool",
                "tool.output_too_large",
                "the tool's stream is too long",
                f"over {limit} bytes",
            )
    return bytes(buffer)


def _like(value: Any, result: Result) -> Any:
    """The released asset in the shape the tool itself returned."""
    if isinstance(value, str) and result.media.modality is Modality.TEXT:
        return result.media.read().decode()
    if isinstance(value, bytes | bytearray):
        return result.media.read()
    if result.media.path is not None:
        return (
            type(value)(result.media.path) if isinstance(value, str | Path) else result.media.path
        )
    if hasattr(value, "save") and hasattr(value, "mode"):
        from overt.disclosure.arrays import opened

        return opened(result.media.read())
    return result.media

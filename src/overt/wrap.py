"""How a tool's parameters become a request: a decorator, and the same for one method of an object.

The wrapped callable keeps its parameters; its return type becomes `Result` unless the builder asks
for `returns="media"`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from overt.asking import ingredients, known_media_type, media_type_of_name, request_of
from overt.errors import ConfigError
from overt.guarded import Guarded
from overt.models import Act, Modality, Request

if TYPE_CHECKING:
    from overt.guard import Guard


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
        self.guard, self.many, self.returns = guard, many, returns
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
        self._check_arguments(media_type)
        self.media_type = known_media_type(media_type) if media_type else None
        self._check_voice()

    def _check_arguments(self, media_type: str | None) -> None:
        unknown = self.fixed.keys() - Request.model_fields.keys()
        if unknown:
            raise ConfigError("wrap.argument", f"unknown arguments {sorted(unknown)}")
        names = self.names
        if media_type is None and names["output"] is None:
            raise ConfigError("wrap.media_type", "no media type", todo="say media_type=")
        if (names["elements"] and not names["inputs"]) or (self.metadata and not names["output"]):
            raise ConfigError(
                "wrap.argument",
                "elements need a plate, and metadata a path",
                todo="name the parameter with `inputs=` or `output=`",
            )

    def _check_voice(self) -> None:
        granted = self.names["voice"] or self.fixed["stock_voice"] or self.fixed.get("subjects")
        sound = self.media_type is not None and Modality.of(self.media_type) is Modality.AUDIO
        if sound and not granted:
            raise ConfigError(
                "wrap.voice",
                "an audio tool must say whose voice it has",
                "the script alone never tells",
                "name the voice parameter, or say stock_voice=True",
            )

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

"""A call's arguments: all of them by name, and the output path replaced by a hidden one."""

from __future__ import annotations

import copy
import inspect
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overt.errors import StageError


@dataclass(frozen=True, slots=True)
class Place:
    """Where the tool is told to write, and where the result goes when it is released."""

    hidden: Path
    destination: Path


def flat(bound: inspect.BoundArguments) -> dict[str, Any]:
    """All arguments by name, those in `**kwargs` too."""
    named = dict(bound.arguments)
    for name, parameter in bound.signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            named.update(named.pop(name, {}))
    return named


@contextmanager
def redirected(
    bound: inspect.BoundArguments, name: str | None
) -> Iterator[tuple[Place | None, inspect.BoundArguments]]:
    """Give the tool a hidden path in the folder of the real one.

    Args:
        bound: The call's arguments, which stay as they are.
        name: Of the one with the output path; none where the tool takes none.

    Raises:
        StageError: The folder of the real path is not there.
    """
    wanted = flat(bound).get(name) if name is not None else None
    if name is None or wanted is None:
        yield None, bound
        return
    destination = Path(wanted)
    if not destination.parent.is_dir():
        raise StageError(
            "deliver", "output.folder", f"no folder {destination.parent}", todo="make it first"
        )
    with tempfile.TemporaryDirectory(prefix=".overt-", dir=destination.parent) as folder:
        hidden = Path(folder) / destination.name
        changed = copy.copy(bound)
        changed.arguments = dict(bound.arguments)
        _set(changed, name, type(wanted)(hidden))
        yield Place(hidden, destination), changed


def _set(bound: inspect.BoundArguments, name: str, value: Any) -> None:
    if name in bound.arguments:
        bound.arguments[name] = value
        return
    for key, parameter in bound.signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            bound.arguments[key] = {**bound.arguments[key], name: value}

"""A stand-in for Nuke's Python module, for tests: it is NOT Nuke and renders nothing.

Nuke is not free to install here. This knows just what `nuke_hook.py` uses, by the names that the
Nuke Python API gives them: callbacks around a render, the current node, knobs, and `execute`, which
"renders" by copying a picture, or numbered ones, to the Write node's file.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

_before: list[Callable[[], None]] = []
_after: list[Callable[[], None]] = []
_current: Node | None = None
_root: dict[str, str] = {"name": "P1/sh0010_comp.nk"}


class Knob:
    """A value on a node."""

    def __init__(self, value: object) -> None:
        self._value = value

    def value(self) -> object:
        """What it is set to."""
        return self._value

    def setValue(self, value: object) -> None:  # noqa: N802  Nuke's name
        """Set it."""
        self._value = value


class Node(dict[str, Knob]):
    """A Write node: `file` and whatever a house adds, such as `overt_plate`."""

    def __init__(self, source: str, **knobs: object) -> None:
        super().__init__({name: Knob(value) for name, value in knobs.items()})
        self.source = source


def addBeforeRender(call: Callable[[], None], nodeClass: str = "Write") -> None:  # noqa: N802, N803
    """Have a function called before a Write node renders."""
    _before.append(call)


def addAfterRender(call: Callable[[], None], nodeClass: str = "Write") -> None:  # noqa: N802, N803
    """Have a function called after a Write node has rendered."""
    _after.append(call)


def thisNode() -> Node:  # noqa: N802
    """The node that a callback is about."""
    assert _current is not None
    return _current


def execute(node: Node) -> None:
    """Render: call what was registered around a file-out step."""
    global _current
    _current = node
    try:
        for call in _before:
            call()
        _render(Path(node.source), str(node["file"].value()))
        for call in _after:
            call()
    finally:
        _current = None


def _render(source: Path, file: str) -> None:
    """A picture, or where the source is a folder, each of its files under a number from 1001."""
    if not source.is_dir():
        shutil.copyfile(source, file)
        return
    for number, path in enumerate(sorted(source.iterdir()), 1001):
        shutil.copyfile(path, file % number)


def reset() -> None:
    """Forget all callbacks."""
    _before.clear()
    _after.clear()

"""A guard around Nuke's file-out step, for `menu.py`: `import nuke_hook; nuke_hook.install()`.

Before a Write node renders, its `file` points to a hidden folder beside the real place. Afterwards
the render goes through overt's line: a still as a labelled deliverable, frames (`s.%04d.exr`) as a
master. Knobs on the Write node declare the shot: `overt_extent`, `overt_plate`, `overt_effect`,
`overt_shot`; `overt.yaml` beside the output fills the rest.

The tests run it against a stand-in module (`standins/nuke.py`), not against Nuke.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from file_out import FileOut
from overt import Guard

KNOBS = ("extent", "realism", "plate", "effect", "shot", "scene", "production")


class Hook:
    """The two callbacks. One render at a time, as Nuke does it."""

    def __init__(self, nuke: Any, guard: Guard) -> None:
        self._nuke, self._out = nuke, FileOut(guard)
        self._wanted = ""

    def before(self) -> None:
        """Send the render to a hidden folder."""
        knob = self._nuke.thisNode()["file"]
        self._wanted = self._out.meant(str(knob.value()))
        knob.setValue(str(self._out.redirect(Path(self._wanted))))

    def after(self) -> None:
        """Release the render, or raise and leave nothing."""
        node = self._nuke.thisNode()
        try:
            self._out.release(said(node))
        finally:
            node["file"].setValue(self._wanted)


def said(node: Any) -> dict[str, str]:
    """What the node's knobs declare."""
    names = {name: f"overt_{name}" for name in KNOBS}
    return {name: str(node[knob].value()) for name, knob in names.items() if knob in node}


def install(guard: Guard | None = None) -> Hook:
    """Register the callbacks with the Nuke that runs this."""
    nuke = importlib.import_module("nuke")
    hook = Hook(nuke, guard or Guard.open("overt.toml"))
    nuke.addBeforeRender(hook.before, nodeClass="Write")
    nuke.addAfterRender(hook.after, nodeClass="Write")
    return hook

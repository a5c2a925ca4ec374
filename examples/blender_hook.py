"""A guard around Blender's render, for a startup script: `blender_hook.install()`.

The render is sent to a hidden folder, and appears at `scene.render.filepath` only when it was
cleared, signed and recorded: a still with its label, the frames of an animation as a master. Custom
properties of the scene declare it: `overt_extent`, `overt_plate`, `overt_effect`, `overt_shot`.
Wholly modelled pictures are `wholly_generated` only where a model made them; a scene without
`overt_extent` counts as a significant edit.

The tests run it against a stand-in module (`standins/bpy.py`), not against Blender.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from file_out import FileOut
from overt import Guard

PROPERTIES = ("extent", "realism", "plate", "effect", "shot", "scene", "production")


class Hook:
    """The handlers of one Blender session."""

    def __init__(self, guard: Guard) -> None:
        self._out = FileOut(guard)
        self._wanted = ""

    def begin(self, scene: Any, *_: object) -> None:
        """Send the render to a hidden folder."""
        self._wanted = self._out.meant(str(scene.render.filepath))
        scene.render.filepath = str(self._out.redirect(Path(self._wanted)))

    def complete(self, scene: Any, *_: object) -> None:
        """Release the render, or raise and leave nothing."""
        keys = {name: f"overt_{name}" for name in PROPERTIES}
        try:
            self._out.release({name: str(scene[key]) for name, key in keys.items() if key in scene})
        finally:
            self.cancel(scene)

    def cancel(self, scene: Any, *_: object) -> None:
        """Put the path back and leave nothing hidden."""
        scene.render.filepath = self._wanted
        self._out.abandon()


def install(guard: Guard | None = None) -> Hook:
    """Register the handlers with the Blender that runs this."""
    bpy = importlib.import_module("bpy")
    hook = Hook(guard or Guard.open("overt.toml"))
    bpy.app.handlers.render_init.append(hook.begin)
    bpy.app.handlers.render_complete.append(hook.complete)
    bpy.app.handlers.render_cancel.append(hook.cancel)
    return hook

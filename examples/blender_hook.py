"""A guard around Blender's still render, for a startup script: `blender_hook.install()`.

The render is sent to a hidden folder, and appears at `scene.render.filepath` only when it was
cleared, labelled, signed and recorded. Custom properties of the scene declare it: `overt_extent`,
`overt_plate`, `overt_effect`, `overt_shot`. Wholly modelled pictures are `wholly_generated` only
where a model made them; a scene without `overt_extent` counts as a significant edit.

The tests run it against a stand-in module (`standins/bpy.py`), not against Blender.
"""

from __future__ import annotations

import importlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from overt import Guard
from overt.asking import media_type_of_name
from overt.effects.declaration import declaration_of
from overt.effects.marking import mark
from overt.effects.metadata import declared_for
from overt.models import Media

PROPERTIES = ("extent", "realism", "plate", "effect", "shot", "scene", "production")


class Hook:
    """The handlers of one Blender session."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._wanted: Path | None = None
        self._folder: Path | None = None

    def begin(self, scene: Any, *_: object) -> None:
        """Send the render to a hidden folder."""
        self._wanted = Path(scene.render.filepath)
        self._folder = Path(tempfile.mkdtemp(prefix=".overt-", dir=self._wanted.parent))
        scene.render.filepath = str(self._folder / self._wanted.name)

    def complete(self, scene: Any, *_: object) -> None:
        """Release the render, or raise and leave nothing."""
        assert self._wanted is not None
        assert self._folder is not None
        rendered = self._folder / self._wanted.name
        try:
            if rendered.is_file():  # a preview writes no file
                keys = {name: f"overt_{name}" for name in PROPERTIES}
                said = {name: str(scene[key]) for name, key in keys.items() if key in scene}
                fields = {**declared_for(self._wanted), **said}
                media = Media(media_type=media_type_of_name(rendered), path=rendered)
                declared = declaration_of(fields, "the scene")
                mark(self._guard, media, declared, destination=self._wanted)
        finally:
            self.cancel(scene)

    def cancel(self, scene: Any, *_: object) -> None:
        """Put the path back and leave nothing hidden."""
        scene.render.filepath = str(self._wanted)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def install(guard: Guard | None = None) -> Hook:
    """Register the handlers with the Blender that runs this."""
    bpy = importlib.import_module("bpy")
    hook = Hook(guard or Guard.open("overt.toml"))
    bpy.app.handlers.render_init.append(hook.begin)
    bpy.app.handlers.render_complete.append(hook.complete)
    bpy.app.handlers.render_cancel.append(hook.cancel)
    return hook

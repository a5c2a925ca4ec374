"""A stand-in for Blender's `bpy`, for tests: it is NOT Blender and renders nothing.

It knows just what `blender_hook.py` uses, by the names of Blender's API: the render handlers, a
scene with `render.filepath`, custom properties, and `ops.render.render(write_still=True)` or
`(animation=True)`, which numbers its files after the path.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace


class Scene(dict[str, object]):
    """A scene; custom properties are its items, as in Blender."""

    def __init__(self, source: str, filepath: str, **properties: object) -> None:
        super().__init__(properties)
        self.source = source
        self.render = SimpleNamespace(filepath=filepath)


Handler = Callable[[Scene], None]
app = SimpleNamespace(
    handlers=SimpleNamespace(
        render_init=list[Handler](), render_complete=list[Handler](), render_cancel=list[Handler]()
    )
)
context = SimpleNamespace(scene=None)


def _render(*, write_still: bool = False, animation: bool = False) -> None:
    scene = context.scene
    for call in list(app.handlers.render_init):
        call(scene)
    if write_still:
        shutil.copyfile(scene.source, scene.render.filepath)
    if animation:
        for number, path in enumerate(sorted(Path(scene.source).iterdir()), 1):
            shutil.copyfile(path, f"{scene.render.filepath}{number:04d}{path.suffix}")
    for call in list(app.handlers.render_complete):
        call(scene)


ops = SimpleNamespace(render=SimpleNamespace(render=_render))


def reset(scene: Scene) -> None:
    """Forget all handlers and take a scene."""
    for name in ("render_init", "render_complete", "render_cancel"):
        getattr(app.handlers, name).clear()
    context.scene = scene

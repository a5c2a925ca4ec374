"""A guard around Nuke's file-out step, for `menu.py`: `import nuke_hook; nuke_hook.install()`.

Before a Write node renders, its `file` points to a hidden folder beside the real place. Afterwards
the picture goes through overt's line, and only what is cleared, labelled, signed and recorded
appears where the artist wanted it. Knobs on the Write node declare the shot: `overt_extent`,
`overt_plate`, `overt_effect`, `overt_shot`; `overt.yaml` beside the output fills the rest.

The tests run it against a stand-in module (`standins/nuke.py`), not against Nuke.
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

KNOBS = ("extent", "realism", "plate", "effect", "shot", "scene", "production")


class Hook:
    """The two callbacks. One render at a time, as Nuke does it."""

    def __init__(self, nuke: Any, guard: Guard) -> None:
        self._nuke, self._guard = nuke, guard
        self._wanted: Path | None = None
        self._folder: Path | None = None

    def before(self) -> None:
        """Send the render to a hidden folder."""
        knob = self._nuke.thisNode()["file"]
        self._wanted = Path(str(knob.value()))
        self._folder = Path(tempfile.mkdtemp(prefix=".overt-", dir=self._wanted.parent))
        knob.setValue(str(self._folder / self._wanted.name))

    def after(self) -> None:
        """Release the render, or raise and leave nothing."""
        node, wanted, folder = self._nuke.thisNode(), self._wanted, self._folder
        assert wanted is not None
        assert folder is not None
        try:
            rendered = folder / wanted.name
            declared = declaration_of({**declared_for(wanted), **said(node)}, "the Write node")
            media = Media(media_type=media_type_of_name(rendered), path=rendered)
            mark(self._guard, media, declared, destination=wanted)
        finally:
            node["file"].setValue(str(wanted))
            shutil.rmtree(folder, ignore_errors=True)


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

"""The part that the Nuke and Blender hooks share: a hidden folder between a render and its place.

A render goes into a hidden folder beside the real place. A still is labelled, signed and recorded
as a deliverable; frames, and a still in EXR or DPX, are signed as a master, which keeps their
pixels. Only then they appear where the artist wanted them. What is not cleared appears nowhere.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from overt import Guard
from overt.asking import media_type_of_name
from overt.effects.declaration import declaration_of
from overt.effects.marking import mark
from overt.effects.master import sign
from overt.effects.metadata import declared_for
from overt.effects.sequence import FORMATS, Sequence, sequences, still
from overt.models import Media

LIGHT = (".exr", ".dpx")
"""Files of scene-linear or film light, on which no label is put."""


class FileOut:
    """One render at a time, as both programs do it."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._wanted: Path | None = None
        self._folder: Path | None = None

    def meant(self, path: str) -> str:
        """Where a render goes: after one that broke off, the program still has the hidden path."""
        left = self._folder is not None and Path(path).parent == self._folder
        return str(self._wanted) if left else path

    def redirect(self, wanted: Path) -> Path:
        """Where to render to instead of `wanted`."""
        self.abandon()  # of a render that broke off
        self._wanted = wanted
        self._folder = Path(tempfile.mkdtemp(prefix=".overt-", dir=wanted.parent))
        return self._folder / wanted.name

    def release(self, said: Mapping[str, str]) -> None:
        """Let out what was rendered, declared by `said` over what `overt.yaml` says; or raise."""
        wanted, folder = self._wanted, self._folder
        assert wanted is not None
        assert folder is not None
        try:
            for one in sequences(folder):
                self._frames(one, wanted.parent, said)
            rendered = folder / wanted.name
            for path in sorted(folder.iterdir()):  # what is left: a still, or a range of one frame
                suffix = path.suffix.lower()
                if suffix in LIGHT or (suffix in FORMATS and path != rendered):
                    self._frames(still(path), wanted.parent, said)
            if rendered.is_file():  # a preview writes no file
                declared = declaration_of(declared_for(wanted, said), "the render")
                media = Media(media_type=media_type_of_name(rendered), path=rendered)
                mark(self._guard, media, declared, destination=wanted)
        finally:
            self.abandon()

    def _frames(self, one: Sequence, place: Path, said: Mapping[str, str]) -> None:
        first = place / one.frames[0][1].name
        declared = declaration_of(declared_for(first, said), "the render")
        manifest = sign(self._guard, one, declared).media.path
        assert manifest is not None
        # The manifest last: where it is, its frames are.
        for path in (*(path for _, path in one.frames), _sidecar(manifest), manifest):
            path.replace(place / path.name)

    def abandon(self) -> Path | None:
        """Leave nothing hidden; where the last render was wanted."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder, wanted = None, self._wanted
        return wanted


def _sidecar(manifest: Path) -> Path:
    return manifest.with_name(manifest.name + ".c2pa")

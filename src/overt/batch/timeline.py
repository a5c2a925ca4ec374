"""A batch of an OpenTimelineIO project: every clip's file is an input, and the clip declares it.

What lies beside a file (`overt.yaml`) and in its own header holds too, and the clip goes before it:
it says what this cut does with the footage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from overt.batch.sources import Found, beside, named
from overt.effects.declaration import Declaration, declaration_of
from overt.effects.metadata import clips, declared_for


class Timeline:
    """The clips of a project, each file once, in the order of the timeline.

    Args:
        file: The `.otio` file; media is looked for from its folder.
        defaults: What holds for every clip that has nothing of its own.

    Raises:
        ConfigError: `effects.timeline`: it is no project.
    """

    def __init__(self, file: Path, defaults: Mapping[str, Any]) -> None:
        self.root = file.resolve().parent
        self._defaults = dict(defaults)
        self._clips = list(clips(file.resolve()).items())

    def found(self) -> Iterator[Found]:
        """Every file that a clip shows."""
        for place, (path, _) in enumerate(self._clips):
            yield named(self, path, place)

    def declaration(self, path: Path, place: int) -> Declaration:
        """What the clip says, over what lies beside its file, over the defaults."""
        fields = {**self._defaults, **declared_for(beside(path), self._clips[place][1])}
        return declaration_of(fields, "a clip of the timeline")

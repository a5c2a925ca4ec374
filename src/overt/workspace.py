"""Files on their way out: a hidden folder beside the destination, one rename each at the end.

A reader never sees half a file, and a crash leaves at most a hidden folder.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from overt.errors import StageError
from overt.models import Media, write_whole

if TYPE_CHECKING:
    from overt.release import Signed


def check_writable(destinations: Sequence[Path] | None) -> None:
    """Fail before the tool runs when its output could not be delivered.

    Raises:
        StageError: A folder is missing or not writable.
    """
    for path in destinations or ():
        folder = path.parent
        try:
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".overt-"):
                pass
        except OSError as error:
            raise StageError(
                "deliver",
                "output.folder",
                f"cannot write into {folder}",
                error.strerror or "",
                "choose another output folder",
            ) from None
        if path.is_dir():
            raise StageError(
                "deliver", "output.is_folder", f"{path} is a folder", todo="name a file"
            )


class Workspace:
    """A hidden folder beside the destinations, so that delivery is one rename each."""

    def __init__(self, folder: Path, destinations: Sequence[Path] | None) -> None:
        self.folder, self._destinations = folder, destinations
        self._count = 0

    def next_path(self) -> Path | None:
        """Where the next signed file goes; none for results that stay in memory."""
        if self._destinations is None:
            return None
        self._count += 1
        return self.folder / f"{self._count:04d}{self._destinations[self._count - 1].suffix}"

    def deliver(self, signed: Sequence[Signed]) -> list[Media]:
        """Rename every file to its destination, each sidecar before its asset."""
        if self._destinations is None:
            return [one.media for one in signed]
        delivered = []
        for one, target in zip(signed, self._destinations, strict=True):
            assert one.media.path is not None
            if one.sidecar is not None:
                write_whole(target.with_name(target.name + ".c2pa"), one.sidecar)
            one.media.path.replace(target)
            delivered.append(one.media.model_copy(update={"path": target}))
        return delivered


@contextmanager
def workspace(outputs: Sequence[Media], destinations: Sequence[Path] | None) -> Iterator[Workspace]:
    """Where the files of one run are worked on; gone afterwards, whatever happened.

    Outputs that are files and have no destination are replaced where they are.
    """
    if destinations is None and outputs and all(one.path is not None for one in outputs):
        destinations = [one.path for one in outputs if one.path is not None]
    beside = destinations[0].parent if destinations else None
    folder = Path(tempfile.mkdtemp(prefix=".overt-", dir=beside))
    try:
        yield Workspace(folder, destinations)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

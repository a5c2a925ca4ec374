"""Files on their way out: a hidden folder beside the destination, one rename each at the end.

A reader never sees half a file, and a crash leaves at most a hidden folder.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from overt.errors import StageError
from overt.models import Media, write_whole

if TYPE_CHECKING:
    from overt.signing import Signed


def check_writable(destinations: Sequence[Path] | None) -> None:
    """Fail before the tool runs when its output could not be delivered.

    Raises:
        StageError: A folder is missing or not writable.
    """
    for path in destinations or ():
        folder = path.parent
        try:
            _try(folder)
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


def _try(folder: Path) -> None:
    """Make a file and take it away again."""
    path = folder / f".overt-{secrets.token_hex(8)}"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    path.unlink()


class Workspace:
    """A hidden folder beside the destinations, so that delivery is one rename each."""

    def __init__(self, destinations: Sequence[Path] | None) -> None:
        self._destinations = destinations
        self._count = 0
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder, made when it is first wanted: what stays in memory needs none."""
        if self._folder is None:
            beside = self._destinations[0].parent if self._destinations else None
            self._folder = Path(tempfile.mkdtemp(prefix=".overt-", dir=beside))
        return self._folder

    def clear(self) -> None:
        """Remove the folder with whatever was not delivered."""
        if self._folder is None:
            return
        try:
            for one in self._folder.iterdir():  # a file or two: what came before signing
                one.unlink()
            self._folder.rmdir()
        except OSError:
            shutil.rmtree(self._folder, ignore_errors=True)

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
    work = Workspace(destinations)
    try:
        yield work
    finally:
        work.clear()

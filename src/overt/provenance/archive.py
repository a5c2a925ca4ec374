"""Keeps manifest stores, so that a file that was stripped of its own can have it back.

A folder with one file for each manifest label. Nothing in a manifest is secret; a recovered one
still has to verify against the bytes it is put beside, and does so only where those are unchanged.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from overt.errors import StageError
from overt.models import write_whole


class ManifestArchive:
    """Manifest stores by label, in a folder that is made when needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, label: str, store: bytes) -> None:
        """Keep a manifest store.

        Raises:
            StageError: `archive.io`: the folder cannot be written.
        """
        path = self._path(label)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, store)
        except OSError as cause:
            raise StageError(
                "record", "archive.io", "the manifest was not kept", cause.strerror or "", ""
            ) from cause

    def get(self, label: str) -> bytes | None:
        """The manifest store of a label; none when it was not kept."""
        path = self._path(label)
        return path.read_bytes() if path.is_file() else None

    def _path(self, label: str) -> Path:
        # Labels come from manifests: never let one choose a path.
        name = hashlib.sha256(label.encode()).hexdigest()
        return self._folder / name[:2] / f"{name}.c2pa"

"""Files as workers see them: told apart, opened without following links, copied with a digest."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING

from overt.batch.tasks import Mark
from overt.errors import OvertError
from overt.sniff import HEAD_BYTES, media_type_of

if TYPE_CHECKING:
    from overt.effects.sequence import Sequence

_BLOCK = 1 << 20


def what(task: Mark) -> Sequence | Path:
    """What a master is: its frames, or the movie."""
    from overt.effects.footage import is_pattern, matching

    return matching(task.source) if is_pattern(task.source) else task.source


def _frames(pattern: Path) -> tuple[str, str, int, str]:
    """`identity` of numbered frames: the digest over all of them."""
    from overt.effects.footage import matching
    from overt.effects.sequence import describe

    try:
        found = matching(pattern)
        size = sum(path.stat().st_size for _, path in found.frames)
        return ("ok", describe(found)["digest"], size, found.media_type)
    except OvertError as error:
        return ("failed", error.code, 0, "")


def identity(path: Path) -> tuple[str, str, int, str]:
    """`("ok", digest, size, media type)` of a file, or an outcome, a code and nothing."""
    from overt.effects import movie, sequence
    from overt.effects.footage import is_pattern

    try:
        if is_pattern(path):
            return _frames(path)
        with opened(path) as stream:
            head = stream.read(HEAD_BYTES)
            media_type = media_type_of(head, path) or movie.type_of(path) or sequence.type_of(path)
            if media_type is None:
                code = "input.unknown_type" if head else "input.empty"
                return ("skipped", code, len(head), "")
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            return ("ok", digest, stream.tell(), media_type)
    except OSError as error:
        return ("failed", code_of(error), 0, "")


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """A regular file for reading: no link, and no pipe that would make us wait."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "no regular file")
        yield stream


def copy(source: Path, target: Path) -> str:
    """Copy a file and return the digest of what was copied."""
    digest = hashlib.sha256()
    with opened(source) as reader, target.open("xb") as writer:
        while block := reader.read(_BLOCK):
            digest.update(block)
            writer.write(block)
    return digest.hexdigest()


def digest_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def code_of(error: OSError) -> str:
    """What the report says of a file that could not be read or written."""
    known = {
        errno.ENOENT: "batch.source_gone",
        errno.ELOOP: "batch.link",
        errno.EACCES: "batch.unreadable",
        errno.EPERM: "batch.unreadable",
        errno.EINVAL: "batch.not_a_file",
        errno.ENOSPC: "batch.disk_full",
        errno.ENAMETOOLONG: "batch.name_too_long",
    }
    return known.get(error.errno or 0, "batch.io")

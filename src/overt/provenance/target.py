"""Where signed bytes go: memory, or a temporary file that nobody takes for a finished one.

Whatever happens, a target that was not taken leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from overt import writeout
from overt.beside import beside
from overt.errors import StageError
from overt.models import Media

_SMALL = 1 << 20
"""Bytes up to which a file is hashed and flushed sooner than a thread would cost."""


class Target:
    """Where the signed bytes go: memory, or a temporary file beside the destination."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.kept = False
        self.stream: IO[bytes] = io.BytesIO() if path is None else path.open("x+b")

    def copy(self, source: IO[bytes]) -> None:
        """Take all bytes of a stream."""
        source.seek(0)
        while piece := source.read(1 << 20):
            self.stream.write(piece)

    def clear(self) -> None:
        """Forget what was written."""
        self.stream.seek(0)
        self.stream.truncate()

    def size(self) -> int:
        """Bytes written so far."""
        return self.stream.seek(0, os.SEEK_END)

    def begin(self) -> None:
        """Let the system begin to bring it to the disk."""
        self.stream.flush()
        if self.path is not None:
            writeout.begin(self.stream.fileno())

    def sync(self) -> None:
        """Bring what was flushed to the disk."""
        if self.path is not None:
            os.fsync(self.stream.fileno())

    def reopened(self) -> IO[bytes]:
        """The stream, at its start."""
        self.stream.seek(0)
        return self.stream

    def digest(self) -> str:
        """SHA-256 of what was written, in hexadecimal."""
        if self.path is None:
            assert isinstance(self.stream, io.BytesIO)
            with self.stream.getbuffer() as view:
                return hashlib.sha256(view).hexdigest()
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def shown(self, media_type: str) -> Media:
        """All that was written. It is gone in the end unless `kept` is set."""
        self.stream.flush()
        if self.path is not None:
            return Media(media_type=media_type, path=self.path)
        assert isinstance(self.stream, io.BytesIO)
        return Media(media_type=media_type, data=self.stream.getvalue())


@contextmanager
def open_target(media: Media, destination: Path | None, folder: Path | None) -> Iterator[Target]:
    """A target for signing `media`, gone at the end unless it was taken.

    Raises:
        StageError: `sign.io`.
    """
    final = destination or media.path
    path = None
    if final is not None:
        name = f".{final.stem[:60]}.{secrets.token_hex(4)}{final.suffix}"
        path = (folder or final.parent) / name
    try:
        target = Target(path)
    except OSError as cause:
        raise failure(cause) from cause
    try:
        yield target
    except OSError as cause:
        raise failure(cause) from cause
    finally:
        with contextlib.suppress(OSError):  # flushing what a full disk refused
            target.stream.close()
        if path is not None and not target.kept:
            path.unlink(missing_ok=True)


@contextmanager
def settling(target: Target) -> Iterator[Callable[[], str]]:
    """Bring the target to the disk and hash it while the block runs.

    Both are waiting, for the disk and for a library that lets other threads run. The disk begins at
    once; a thread beside is worth its price only for a large file.

    Yields:
        Gives the digest when it is called, once everything is on the disk.

    Raises:
        OSError: It could not be written.
    """
    target.begin()

    def settle() -> str:
        digest = target.digest()
        target.sync()
        return digest

    if target.size() <= _SMALL:
        yield settle
        return
    with beside(settle) as settled:
        yield settled


class SignerFailedError(Exception):
    """The signer raised; its own exception is the cause of this one."""


def failure(cause: Exception) -> StageError:
    """One error of ours for whatever went wrong below; the cause stays attached."""
    if isinstance(cause, StageError):
        return cause
    if isinstance(cause, OSError):
        return StageError(
            "sign",
            "sign.io",
            "the signed file was not written",
            os.strerror(cause.errno) if cause.errno else type(cause).__name__,
            "check space and permissions of the output folder",
        )
    if isinstance(cause, SignerFailedError):
        return StageError(
            "sign",
            "sign.signer",
            "the signer failed",
            type(cause.__cause__).__name__,
            "see the cause; check the key service or token",
        )
    return StageError(
        "sign", "sign.failed", "the asset was not signed", str(cause)[:200], "check the file"
    )

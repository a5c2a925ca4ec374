"""Assets: bytes in memory, or a file that is read when it is needed."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import shutil
from pathlib import Path
from typing import IO, Self

from pydantic import Field, model_validator

from overt.value import Value
from overt.words import Modality


class Media(Value):
    """One asset: bytes in memory or a file that is read when needed.

    Args:
        media_type: IANA media type, such as `image/png`.
        data: The whole asset; exclusive with `path`.
        path: A file, which must stay unchanged while overt uses it; exclusive with `data`.
        language: BCP 47 tag of what is spoken or written in it, when the builder knows.
        transcript: What is said in it, when the builder knows; screened like a prompt.
    """

    media_type: str = Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")
    data: bytes | None = Field(default=None, repr=False)
    path: Path | None = None
    language: str | None = None
    transcript: str | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.data is None) == (self.path is None):
            raise ValueError("give either data or path")
        return self

    @property
    def modality(self) -> Modality:
        """Modality of the media type."""
        return Modality.of(self.media_type)

    def read(self) -> bytes:
        """The bytes, read from the file when the asset is one."""
        if self.data is not None:
            return self.data
        assert self.path is not None
        return self.path.read_bytes()

    def digest(self) -> str:
        """SHA-256 of the bytes, in hexadecimal; a file is read in pieces."""
        if self.data is not None:
            return hashlib.sha256(self.data).hexdigest()
        assert self.path is not None
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def open(self) -> IO[bytes]:
        """A binary stream over the bytes, to be closed by the caller."""
        if self.data is not None:
            return io.BytesIO(self.data)
        assert self.path is not None
        return self.path.open("rb")

    def size(self) -> int:
        """Length in bytes."""
        if self.data is not None:
            return len(self.data)
        assert self.path is not None
        return self.path.stat().st_size


def write_whole(path: Path, source: bytes | IO[bytes]) -> None:
    """Put all of `source` at `path` so that a reader sees the whole or nothing.

    Raises:
        OSError: The folder cannot be written; nothing is left behind.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as stream:
            shutil.copyfileobj(io.BytesIO(source) if isinstance(source, bytes) else source, stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

"""Secrets by reference: `file:PATH` or `env:NAME`, never in the configuration itself."""

from __future__ import annotations

import os
from pathlib import Path

from overt.errors import ConfigError


def read_ref(ref: str) -> bytes:
    """The bytes that a reference stands for.

    Args:
        ref: `file:PATH` (relative to the working folder) or `env:NAME`.

    Raises:
        ConfigError: `secret.reference`: neither of the two; `secret.missing`: nothing is there. It
            names the variable, or the file without the folders it is in.
    """
    scheme, _, rest = ref.partition(":")
    if scheme == "file" and rest:
        try:
            return Path(rest).read_bytes()
        except OSError as error:
            raise ConfigError(
                "secret.missing",
                "a secret cannot be read",
                f"the file {Path(rest).name}: {type(error).__name__}",
                "check the path and its permissions",
            ) from None
    if scheme == "env" and rest:
        value = os.environ.get(rest)
        if value is None:
            raise ConfigError(
                "secret.missing",
                "a secret cannot be read",
                f"the variable {rest} is not set",
                "set it",
            )
        return value.encode()
    raise ConfigError(
        "secret.reference",
        "a secret is not given by reference",
        "only file:PATH and env:NAME are known",
        "move it to a file or a variable",
    )


def write_secret(path: Path, data: bytes) -> None:
    """Write a new secret that only its owner can read.

    Raises:
        FileExistsError: Something is there; a key is never overwritten.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)

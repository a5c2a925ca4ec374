"""Checkpoints: the root of the log as a signed note that others' tools read.

Format: C2SP `tlog-checkpoint` in a C2SP `signed-note`, signature type 0x01 (Ed25519), which the Go
checksum-database packages verify. The signing key lives wherever its reference points, best not
where the writing process can read it.
"""

from __future__ import annotations

import base64
import hashlib
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from overt.errors import ConfigError
from overt.storage.refs import read_ref

_NAME = re.compile(r"[!-*,-~]{1,200}", re.ASCII)
ED25519 = b"\x01"
"""Signature type of a signed note."""


def check_origin(origin: str) -> str:
    """Give back a usable log name: ASCII without spaces and plus signs.

    Raises:
        ConfigError: `ledger.origin`.
    """
    if not _NAME.fullmatch(origin):
        raise ConfigError(
            "ledger.origin",
            "the ledger's origin cannot be used",
            "it must be ASCII without spaces or plus signs",
            "use something like log.example.org/overt",
        )
    return origin


def new_key() -> bytes:
    """A new private key, in PEM (PKCS #8), to be kept where the reference will point."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class NoteSigner:
    """Signs notes in the name of one log."""

    def __init__(self, origin: str, key_ref: str) -> None:
        """Read the key.

        Raises:
            ConfigError: `ledger.origin`, `ledger.key`, or what reading the reference says.
        """
        self.origin = check_origin(origin)
        self._key = _load(read_ref(key_ref))
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        named = self.origin.encode() + b"\n" + ED25519 + public
        self._id = hashlib.sha256(named).digest()[:4]
        self._public = ED25519 + public

    @property
    def verifier(self) -> str:
        """The public key as a note verifier key: `name+id+base64`."""
        return f"{self.origin}+{self._id.hex()}+{base64.b64encode(self._public).decode()}"

    def sign(self, text: str) -> str:
        """The note: `text`, which ends in a newline, and one signature line."""
        signature = base64.b64encode(self._id + self._key.sign(text.encode())).decode()
        return f"{text}\n— {self.origin} {signature}\n"


def body(origin: str, size: int, root: bytes) -> str:
    """The three lines of a checkpoint."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def _load(pem: bytes) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(
            "ledger.key",
            "the ledger's key cannot be used",
            "it is not an Ed25519 private key in PEM without a password",
            "make one with `overt init`",
        )
    return key

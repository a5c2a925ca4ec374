"""A signer whose key never leaves its token: PKCS#11 (hardware modules, SoftHSM, smart cards).

Needs the extra `hsm` (python-pkcs11). One session is opened per process and kept; a fork opens its
own. One call to the token per signature.
"""

from __future__ import annotations

import hashlib
import os
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from overt.errors import ConfigError

_DIGESTS = {"es256": hashlib.sha256, "es384": hashlib.sha384, "es512": hashlib.sha512}


class Pkcs11Signer:
    """Signs with a key on a PKCS#11 token.

    Args:
        library: Path of the token's PKCS#11 library.
        token: Label of the token.
        key: Label of the private key on it.
        pin: Reference to the user PIN: `env:NAME`, `file:PATH` or a path to a file with one line.
        chain_pem: Certificates in PEM, leaf first.

    Raises:
        ConfigError: The extra is not installed; library, token, key or PIN do not work; or the
            chain is unfit.
    """

    __slots__ = (
        "_algorithm",
        "_chain",
        "_key",
        "_label",
        "_library",
        "_lock",
        "_pid",
        "_pin",
        "_token",
        "warnings",
    )

    def __init__(
        self,
        *,
        library: str | Path,
        token: str,
        key: str,
        pin: str,
        chain_pem: bytes,
        at: datetime | None = None,
    ) -> None:
        from overt.provenance.signers import checked_chain, resolve

        self._algorithm, self.warnings = checked_chain(chain_pem, None, at)
        self._chain = chain_pem
        self._library, self._token, self._label = str(library), token, key
        self._pin = resolve(pin).decode("utf-8", "replace").strip()
        self._lock = threading.Lock()
        self._pid = 0
        self._key: Any = None
        with self._lock:
            self._private_key()

    def __repr__(self) -> str:
        return f"Pkcs11Signer({self._algorithm})"

    @property
    def algorithm(self) -> str:
        """Name of the algorithm, from the certificate."""
        return self._algorithm

    @property
    def chain(self) -> bytes:
        """Certificates in PEM, leaf first."""
        return self._chain

    def sign(self, data: bytes) -> bytes:
        """Signature over `data`; sessions are not safe to share, so one at a time."""
        import pkcs11

        with self._lock:
            key = self._private_key()
            if self._algorithm == "ed25519":
                return bytes(key.sign(data, mechanism=pkcs11.Mechanism.EDDSA))
            if self._algorithm == "ps256":
                parameters = (pkcs11.Mechanism.SHA256, pkcs11.MGF.SHA256, 32)
                return bytes(
                    key.sign(
                        data,
                        mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS_PSS,
                        mechanism_param=parameters,
                    )
                )
            digest = _DIGESTS[self._algorithm](data).digest()
            return bytes(key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA))

    def _private_key(self) -> Any:
        if self._key is not None and self._pid == os.getpid():
            return self._key
        try:
            import pkcs11
        except ImportError as cause:
            raise ConfigError(
                "keys.hsm_missing",
                "the token was not opened",
                "python-pkcs11 is not installed",
                "install overt[hsm]",
            ) from cause
        try:
            module = pkcs11.lib(self._library)
            if self._pid and self._pid != os.getpid():
                module.reinitialize()  # a forked library is not usable before this
            token = module.get_token(token_label=self._token)
            try:
                session = token.open(user_pin=self._pin)
            except pkcs11.exceptions.UserAlreadyLoggedIn:
                session = token.open()  # one login holds for all sessions of a process
            self._key = session.get_key(
                label=self._label, object_class=pkcs11.ObjectClass.PRIVATE_KEY
            )
        except (pkcs11.PKCS11Error, RuntimeError, OSError) as cause:
            raise ConfigError(
                "keys.token",
                "the key on the token was not opened",
                type(cause).__name__,
                "check the library's path, the token's and the key's label, and the PIN",
            ) from None  # the library's text may hold the PIN's digits
        self._pid = os.getpid()
        return self._key

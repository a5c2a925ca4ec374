"""Signers: where the private key lives, and what is asked of it.

Each is a `overt.ports.Signer`. A key is given by reference (`file:`, `env:` or a path), never in
a configuration file. Everything that can be wrong with a key or certificate is found when the
signer is built and named by `overt.provenance.certificates.lint`.

There is no default signer. Key services of cloud providers fit `CallbackSigner`: see
`docs/signing.md` for the few lines each takes. PKCS#11 tokens are in `Pkcs11Signer`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from overt.errors import ConfigError
from overt.provenance.certificates import Problem, algorithm_of, certificates, lint
from overt.provenance.identity import private_pem
from overt.provenance.pkcs11 import Pkcs11Signer

__all__ = ["CallbackSigner", "PemSigner", "Pkcs11Signer", "checked_chain", "load_key", "resolve"]

SECRET_LIMIT = 1 << 20


def resolve(reference: str | Path) -> bytes:
    """The bytes behind `file:PATH`, `env:NAME` or a plain path.

    Raises:
        ConfigError: The file or the variable is not there, or is larger than 1 MiB.
    """
    text = str(reference)
    if text.startswith("env:"):
        value = os.environ.get(text[4:])
        if value is None:
            raise ConfigError(
                "keys.env_missing",
                "a key, chain or PIN was not read",
                f"the environment variable {text[4:]} is not set",
                "set it to the PEM text, or to the PIN",
            )
        return value.encode()
    path = Path(text.removeprefix("file:"))
    try:
        with path.open("rb") as stream:
            data = stream.read(SECRET_LIMIT + 1)
    except OSError as cause:
        raise ConfigError(
            "keys.file_missing",
            f"{path.name} was not read",
            cause.strerror or "",
            "give a file that is there; `overt keys test-identity DIR` makes keys for tests",
        ) from cause
    if len(data) > SECRET_LIMIT:
        raise ConfigError("keys.file_large", f"{path.name} was not read", "it is above 1 MiB", "")
    return data


def checked_chain(
    chain_pem: bytes, key: Any = None, at: datetime | None = None
) -> tuple[str, tuple[Problem, ...]]:
    """The algorithm of a chain's leaf, and the warnings about it.

    Raises:
        ConfigError: `lint` finds an error; its code and sentence are passed on.
    """
    problems = lint(chain_pem, key, at)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        first = errors[0]
        raise ConfigError(
            first.code,
            "the signing certificate cannot be used",
            "; ".join(problem.message for problem in errors),
            "run `overt keys lint` on the chain",
        )
    algorithm = algorithm_of(certificates(chain_pem)[0].public_key())
    assert algorithm is not None  # lint refuses keys that have none
    return algorithm, tuple(problems)


class PemSigner:
    """Signs with a private key from a PEM file or an environment variable.

    Attributes:
        warnings: What `lint` warns of, such as an expiry that is near.
    """

    __slots__ = ("_algorithm", "_chain", "_key", "_pem", "warnings")

    def __init__(self, chain_pem: bytes, key_pem: bytes, *, at: datetime | None = None) -> None:
        key = load_key(key_pem)
        self._algorithm, self.warnings = checked_chain(chain_pem, key, at)
        self._chain, self._key, self._pem = chain_pem, key, private_pem(key)

    @classmethod
    def load(cls, chain_ref: str | Path, key_ref: str | Path) -> PemSigner:
        """A signer from two references: `file:PATH`, `env:NAME` or a path.

        Raises:
            ConfigError: A part is missing, unreadable, expired, mismatched or unfit; the code
                names which.
        """
        return cls(resolve(chain_ref), resolve(key_ref))

    def __repr__(self) -> str:
        return f"PemSigner({self._algorithm})"

    @property
    def algorithm(self) -> str:
        """Name of the algorithm, from the kind of key."""
        return self._algorithm

    @property
    def chain(self) -> bytes:
        """Certificates in PEM, leaf first."""
        return self._chain

    @property
    def private_pem(self) -> bytes:
        """The key as PKCS#8, for the signing library, which keeps files smaller with it."""
        return self._pem

    def sign(self, data: bytes) -> bytes:
        """Signature over `data`."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, padding

        if self._algorithm == "ed25519":
            return bytes(self._key.sign(data))
        if self._algorithm == "ps256":
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
            return bytes(self._key.sign(data, pss, hashes.SHA256()))
        digest = {"es256": hashes.SHA256(), "es384": hashes.SHA384(), "es512": hashes.SHA512()}
        return bytes(self._key.sign(data, ec.ECDSA(digest[self._algorithm])))


class CallbackSigner:
    """Signs through a function: a key service, a signing daemon, a smart card.

    Args:
        sign: Takes the bytes to be signed and returns the signature; for ECDSA either DER or the
            two numbers side by side. Whatever it raises is kept as the cause of the stage error.
        chain_pem: Certificates in PEM, leaf first.

    Raises:
        ConfigError: The chain is unfit.
    """

    __slots__ = ("_algorithm", "_chain", "_sign", "warnings")

    def __init__(
        self,
        sign: Callable[[bytes], bytes],
        chain_pem: bytes,
        *,
        at: datetime | None = None,
    ) -> None:
        self._algorithm, self.warnings = checked_chain(chain_pem, None, at)
        self._chain, self._sign = chain_pem, sign

    @property
    def algorithm(self) -> str:
        """Name of the algorithm, from the kind of key."""
        return self._algorithm

    @property
    def chain(self) -> bytes:
        """Certificates in PEM, leaf first."""
        return self._chain

    def sign(self, data: bytes) -> bytes:
        """Signature over `data`, from the function."""
        return self._sign(data)


def load_key(pem: bytes) -> Any:
    """A private key object from PEM.

    Raises:
        ConfigError: It is protected with a password, or is not a private key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(pem, password=None)
    except TypeError as cause:
        raise ConfigError(
            "keys.encrypted",
            "the private key was not read",
            "it is protected with a password",
            "give an unprotected key by reference, or a CallbackSigner",
        ) from cause
    except (ValueError, UnsupportedAlgorithm):
        # The parser's own message may quote the file, so the cause is dropped.
        raise ConfigError(
            "keys.unreadable", "the private key was not read", "it is not a PEM private key", ""
        ) from None

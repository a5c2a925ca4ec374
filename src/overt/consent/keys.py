"""Keys of people, parties and registrars: P-256, P-384 and Ed25519, as PEM, certificate or JWK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.hazmat.primitives.serialization import load_pem_private_key as load_private
from cryptography.hazmat.primitives.serialization import load_pem_public_key as load_public
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, import_key

from overt.errors import ConfigError

Key = ECKey | OKPKey

ALGORITHMS: Mapping[str, tuple[str, ...]] = {
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "Ed25519": ("Ed25519", "EdDSA"),
}
"""A key's curve to what it may sign with, the name we write first. `EdDSA` is the old name of
`Ed25519` (RFC 9864) and only ever verified."""


def load_key(data: bytes | Mapping[str, Any]) -> Key:
    """A private or public key from PEM, the key of a PEM certificate, or a JWK.

    Raises:
        ConfigError: `consent.key`: it cannot be read, or is of another kind.
    """
    try:
        if isinstance(data, Mapping):
            if data.get("kty") not in ("EC", "OKP"):
                raise bad_key("only P-256, P-384 and Ed25519 are known")
            key: Any = import_key({str(name): value for name, value in data.items()})
        elif b"BEGIN CERTIFICATE" in data:
            key = key_of(certificates(data)[0])
        else:
            private = b"PRIVATE KEY" in data
            parsed = load_private(data, None) if private else load_public(data)
            kind = OKPKey if isinstance(parsed, _OKP) else ECKey
            if not isinstance(parsed, _OKP + _EC):
                raise bad_key("only P-256, P-384 and Ed25519 are known")
            key = kind.import_key(data)
    except (JoseError, ValueError, TypeError, KeyError):
        raise bad_key("it cannot be read") from None
    if not isinstance(key, ECKey | OKPKey) or key.curve_name not in ALGORITHMS:
        raise bad_key("only P-256, P-384 and Ed25519 are known")
    return key


_OKP = (ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey)
_EC = (ec.EllipticCurvePrivateKey, ec.EllipticCurvePublicKey)


def certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM chain, in its order.

    Raises:
        ConfigError: `consent.key`: there is none, or one cannot be read.
    """
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError:
        raise bad_key("a certificate cannot be read") from None


def key_of(certificate: x509.Certificate) -> Key:
    """The public key of a certificate.

    Raises:
        ConfigError: `consent.key`: it is of another kind.
    """
    public = certificate.public_key()
    return load_key(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def public_jwk(key: Key) -> dict[str, str]:
    """The public half as a JWK, with what its thumbprint is made of and nothing else."""
    members = key.as_dict(private=False)
    return {name: str(members[name]) for name in ("kty", "crv", "x", "y") if name in members}


def new_key() -> bytes:
    """A new P-256 private key in PEM (PKCS #8)."""
    return ECKey.generate_key("P-256").as_pem(private=True)


def bad_key(why: str) -> ConfigError:
    """The error for a key that cannot be used."""
    return ConfigError("consent.key", "a key cannot be used", why, "give a P-256 key in PEM")

"""Test identities and signing requests: the two ways to get a key for the first time.

A test identity is a whole chain made on the spot (root, issuer, leaf). Its name says that nobody
trusts it, and only verifiers that are handed its root will. A signing request is what a certificate
authority wants for a real one; the key stays where it was made.

Neither function overwrites a file, and private keys are written readable by their owner only.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overt.errors import ConfigError
from overt.models import utc_now

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

TEST_NAME = "overt TEST identity, not trusted"
CLAIM_SIGNING = "1.3.6.1.4.1.62558.2.1"
"""C2PA claim signing, from the C2PA certificate profile."""
EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"
"""RFC 5280; with claim signing beside it, every verifier tried accepts the leaf."""

LEAF_DAYS = 365
ROOT_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Identity:
    """Where the parts of an identity are: `chain` has the leaf first, and no root."""

    root: Path
    chain: Path
    key: Path


def make_test_identity(
    directory: Path,
    *,
    name: str = TEST_NAME,
    algorithm: str = "es256",
    now: datetime | None = None,
) -> Identity:
    """Write `root.pem`, `chain.pem` and `key.pem` into `directory`.

    Args:
        directory: Made when it is not there.
        name: Common name of all three certificates; keep it plainly untrusted.
        algorithm: `es256`, `es384`, `es512`, `ps256` or `ed25519`.
        now: Start of validity, less an hour for clocks that differ.

    Raises:
        ConfigError: A file is already there, the folder cannot be written, or the algorithm is
            not known.
    """
    from cryptography.hazmat.primitives import serialization

    paths = Identity(directory / "root.pem", directory / "chain.pem", directory / "key.pem")
    start = (now or utc_now()) - timedelta(hours=1)
    # The authorities' keys are P-256 whatever the leaf's: every verifier knows those signatures.
    root_key, issuer_key, leaf_key = new_key("es256"), new_key("es256"), new_key(algorithm)
    root = _certificate(f"{name}: root", root_key, None, start, ROOT_DAYS)
    issuer = _certificate(f"{name}: issuer", issuer_key, (root, root_key), start, ROOT_DAYS)
    leaf = _certificate(name, leaf_key, (issuer, issuer_key), start, LEAF_DAYS, leaf=True)
    pem = serialization.Encoding.PEM
    write_new(paths.root, root.public_bytes(pem))
    write_new(paths.chain, leaf.public_bytes(pem) + issuer.public_bytes(pem))
    write_new(paths.key, private_pem(leaf_key), secret=True)
    return paths


def signing_request(common_name: str, organisation: str, key: Any) -> bytes:
    """A PKCS#10 request in PEM for a C2PA claim-signing certificate.

    Args:
        common_name: What verifiers show, such as the product.
        organisation: The legal name of whoever signs.
        key: A private key object of `cryptography`; it is used, not stored.

    Raises:
        ConfigError: A name is empty or too long for its field.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.x509.oid import NameOID

    try:
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            ]
        )
    except ValueError as cause:
        raise ConfigError(
            "keys.csr_name", "the request was not made", str(cause), "use shorter, non-empty names"
        ) from cause
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    for extension, critical in _leaf_extensions():
        builder = builder.add_extension(extension, critical=critical)
    request = builder.sign(key, _hash_for(key))
    return request.public_bytes(serialization.Encoding.PEM)


def new_key(algorithm: str) -> CertificateIssuerPrivateKeyTypes:
    """A fresh private key for a signing algorithm.

    Raises:
        ConfigError: The algorithm is not one of the five that overt signs with.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if algorithm == "ps256":
        return rsa.generate_private_key(public_exponent=65537, key_size=3072)
    if algorithm == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    curves = {"es256": ec.SECP256R1(), "es384": ec.SECP384R1(), "es512": ec.SECP521R1()}
    if algorithm not in curves:
        raise ConfigError(
            "keys.algorithm",
            "no key was made",
            "the algorithm is not known",
            "choose es256, es384, es512, ps256 or ed25519",
        )
    return ec.generate_private_key(curves[algorithm])


def private_pem(key: Any) -> bytes:
    """A private key as unencrypted PKCS#8."""
    from cryptography.hazmat.primitives import serialization

    pem: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem


def _hash_for(key: Any) -> hashes.SHA256 | None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ed25519

    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


def _leaf_extensions() -> list[tuple[x509.ExtensionType, bool]]:
    from cryptography import x509

    usage = [x509.ObjectIdentifier(CLAIM_SIGNING), x509.ObjectIdentifier(EMAIL_PROTECTION)]
    return [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_key_usage(leaf=True), True),
        (x509.ExtendedKeyUsage(usage), False),
    ]


def _key_usage(*, leaf: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=leaf,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not leaf,
        crl_sign=not leaf,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate(
    name: str,
    key: Any,
    issuer: tuple[x509.Certificate, Any] | None,
    start: datetime,
    days: int,
    *,
    leaf: bool = False,
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "overt test"),
        ]
    )
    issuer_name, issuer_key = (issuer[0].subject, issuer[1]) if issuer else (subject, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    extensions = _leaf_extensions() if leaf else _authority_extensions()
    extensions.append((x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False))
    extensions.append((authority, False))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer_key, _hash_for(issuer_key))


def _authority_extensions() -> list[tuple[x509.ExtensionType, bool]]:
    from cryptography import x509

    return [
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (_key_usage(leaf=False), True),
    ]


def write_new(path: Path, data: bytes, *, secret: bool = False) -> None:
    """Write a file that is not there yet; a secret is readable by its owner only.

    Raises:
        ConfigError: It is there, or the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, 0o600 if secret else 0o644), "wb") as stream:
            stream.write(data)
    except FileExistsError as cause:
        raise ConfigError(
            "keys.exists",
            f"{path.name} was not written",
            "a file of that name is there",
            "choose another folder or move it away",
        ) from cause
    except OSError as cause:
        raise ConfigError(
            "keys.write", f"{path.name} was not written", cause.strerror or "", "check the folder"
        ) from cause

"""Certificate chains with one thing wrong each, and what the linter should call it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

CLAIM, EMAIL, DOCUMENT = "1.3.6.1.4.1.62558.2.1", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36"
CODE, SERVER, ANY = "1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.1", "2.5.29.37.0"
STAMP, OCSP, MICROSOFT = "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9", "1.3.6.1.4.1.311.76.59.1.9"
NOW = datetime.now(UTC).replace(microsecond=0)
PEM = serialization.Encoding.PEM


@dataclass
class Leaf:
    """What the leaf is like; the defaults are right."""

    key: Callable[[], Any] = lambda: ec.generate_private_key(ec.SECP256R1())
    algorithm: str = "es256"
    purposes: tuple[str, ...] | None = (CLAIM, EMAIL)
    usage: frozenset[str] | None = frozenset({"digital_signature"})
    authority: bool | None = False
    key_id: bool = True
    start: timedelta = timedelta(days=-1)
    end: timedelta = timedelta(days=300)
    name: tuple[tuple[Any, str], ...] = (
        (NameOID.COMMON_NAME, "leaf"),
        (NameOID.ORGANIZATION_NAME, "test"),
    )
    self_signed: bool = False
    other_key: bool = False
    arrange: Callable[[list[bytes]], list[bytes]] = field(default=lambda chain: chain)


def _usage(names: frozenset[str]) -> x509.KeyUsage:
    every = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: name in names for name in every})


def _sign(builder: x509.CertificateBuilder, key: Any) -> x509.Certificate:
    edwards = isinstance(key, ed25519.Ed25519PrivateKey)
    return builder.sign(key, None if edwards else hashes.SHA256())


def _authority(name: str, issuer: Any = None) -> tuple[x509.Certificate, Any]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    above, above_key = issuer or (None, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.subject if above else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(NOW + timedelta(days=3000))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(frozenset({"key_cert_sign", "crl_sign"})), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(above_key.public_key()),
            critical=False,
        )
    )
    return _sign(builder, above_key), key


def build(leaf: Leaf) -> tuple[bytes, bytes, bytes]:
    """Root, chain and key in PEM."""
    root = _authority("root")
    issuer = _authority("issuer", root)
    key = leaf.key()
    subject = x509.Name([x509.NameAttribute(kind, value) for kind, value in leaf.name])
    above, above_key = (None, key) if leaf.self_signed else issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.subject if above else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + leaf.start)
        .not_valid_after(NOW + leaf.end)
    )
    if leaf.authority is not None:
        builder = builder.add_extension(
            x509.BasicConstraints(ca=leaf.authority, path_length=None), critical=True
        )
    if leaf.usage is not None:
        builder = builder.add_extension(_usage(leaf.usage), critical=True)
    if leaf.purposes is not None:
        oids = [x509.ObjectIdentifier(oid) for oid in leaf.purposes]
        builder = builder.add_extension(x509.ExtendedKeyUsage(oids), critical=False)
    if leaf.key_id:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(above_key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    certificate = _sign(builder, above_key)
    chain = leaf.arrange([certificate.public_bytes(PEM), issuer[0].public_bytes(PEM)])
    if leaf.other_key:
        key = leaf.key()
    private = key.private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return root[0].public_bytes(PEM), b"".join(chain), private


def _rsa(bits: int) -> Callable[[], Any]:
    return lambda: rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _curve(curve: ec.EllipticCurve) -> Callable[[], Any]:
    return lambda: ec.generate_private_key(curve)


_ORGANISATION = ((NameOID.ORGANIZATION_NAME, "test"),)
_COMMON = ((NameOID.COMMON_NAME, "leaf"),)

ROWS: dict[str, tuple[Leaf, str | None]] = {
    # name: (leaf, code of the error the linter should name; none when the chain is good)
    "good es256": (Leaf(), None),
    "good es384": (Leaf(_curve(ec.SECP384R1()), "es384"), None),
    "good es512": (Leaf(_curve(ec.SECP521R1()), "es512"), None),
    "good ps256": (Leaf(_rsa(2048), "ps256"), None),
    "good ed25519": (Leaf(ed25519.Ed25519PrivateKey.generate, "ed25519"), None),
    "claim signing only": (Leaf(purposes=(CLAIM,)), None),
    "e-mail only": (Leaf(purposes=(EMAIL,)), None),
    "document signing only": (Leaf(purposes=(DOCUMENT,)), None),
    "microsoft purpose only": (Leaf(purposes=(MICROSOFT,)), None),
    "with non-repudiation": (
        Leaf(usage=frozenset({"digital_signature", "content_commitment"})),
        None,
    ),
    "no basic constraints": (Leaf(authority=None), None),
    "no organisation": (Leaf(name=_COMMON), None),
    "no common name": (Leaf(name=_ORGANISATION), None),
    "expires soon": (Leaf(end=timedelta(days=3)), None),
    "no purpose": (Leaf(purposes=None), "cert.no_purpose"),
    "code signing": (Leaf(purposes=(CODE,)), "cert.wrong_purpose"),
    "server": (Leaf(purposes=(SERVER,)), "cert.wrong_purpose"),
    "any purpose": (Leaf(purposes=(ANY,)), "cert.forbidden_purpose"),
    "e-mail and any purpose": (Leaf(purposes=(EMAIL, ANY)), "cert.forbidden_purpose"),
    "e-mail and time-stamping": (Leaf(purposes=(EMAIL, STAMP)), "cert.forbidden_purpose"),
    "e-mail and ocsp": (Leaf(purposes=(EMAIL, OCSP)), "cert.forbidden_purpose"),
    "no key usage": (Leaf(usage=None), "cert.no_key_usage"),
    "cannot sign": (Leaf(usage=frozenset({"crl_sign"})), "cert.no_digital_signature"),
    "signs certificates": (
        Leaf(usage=frozenset({"digital_signature", "key_cert_sign"})),
        "cert.signs_certificates",
    ),
    "is an authority": (Leaf(authority=True), "cert.is_authority"),
    "no authority key id": (Leaf(key_id=False), "cert.no_authority_key_id"),
    "rsa 1024": (Leaf(_rsa(1024), "ps256"), "cert.key_short"),
    "secp256k1": (Leaf(_curve(ec.SECP256K1())), "cert.key_type"),
    "expired": (Leaf(start=timedelta(days=-9), end=timedelta(days=-1)), "cert.expired"),
    "not yet valid": (Leaf(start=timedelta(days=1)), "cert.not_yet_valid"),
    "reversed": (Leaf(arrange=lambda chain: chain[::-1]), "cert.chain_order"),
    "intermediate missing": (Leaf(arrange=lambda chain: chain[:1]), "cert.no_path"),
    "self-signed": (Leaf(self_signed=True), "cert.self_signed"),
    "another key": (Leaf(other_key=True), "cert.key_mismatch"),
    "garbage": (Leaf(arrange=lambda chain: [b"not a certificate"]), "cert.unreadable"),
    "broken base64": (
        Leaf(arrange=lambda chain: [chain[0].replace(b"MII", b"!!!", 1)]),
        "cert.unreadable",
    ),
}

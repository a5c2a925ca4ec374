"""Chains and keys: which lead to a registrar, and which only look as if."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from consents import House, a_mandate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from overt.consent import Signer, Trust, sign
from overt.consent.assurance import assess
from overt.consent.keys import load_key
from overt.errors import ConfigError, VerificationError

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ME = frozenset({"Q155164"})


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(subject: str, key, issuer: str, issuer_key, *, ca: bool, days: int = 30):
    start = NOW - timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


class Authority:
    """A root, an issuer and a leaf, with switches for what may be wrong."""

    def __init__(self, *, issuer_ca: bool = True, leaf_days: int = 30, root_days: int = 30) -> None:
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
        self.keys = keys
        self.root = certificate("root", keys[0], "root", keys[0], ca=True, days=root_days)
        self.issuer = certificate("issuer", keys[1], "root", keys[0], ca=issuer_ca)
        self.leaf = certificate("leaf", keys[2], "issuer", keys[1], ca=False, days=leaf_days)

    def signer(self, *chain: x509.Certificate) -> Signer:
        pem = self.keys[2].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return Signer(pem, b"".join(one.public_bytes(Encoding.PEM) for one in chain))

    def trust(self, folder: Path) -> Trust:
        (folder / "root").write_bytes(self.root.public_bytes(Encoding.PEM))
        return Trust.load((), [f"file:{folder}/root"])


def trusted(house: House, authority: Authority, *chain: x509.Certificate, at=NOW) -> bool:
    grant = a_mandate(house.grantor)
    data = sign(grant, house.grantor, authority.signer(*chain), at=at)
    try:
        return assess(data, authority.trust(house.folder)).trusted(ME)
    except VerificationError:
        return False  # the code is in the table of hostile records


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("leaf and issuer", True),
        ("with the root", True),
        ("no issuer", False),
        ("wrong order", None),
        ("issuer that is none", False),
        ("leaf is over", False),
        ("root is over", False),
        ("signed too early", False),
        ("another root of the same name", False),
    ],
)
def test_chains(house: House, label: str, expected: bool | None) -> None:
    a = Authority(
        issuer_ca=label != "issuer that is none",
        leaf_days=1 if label == "leaf is over" else 30,
        root_days=1 if label == "root is over" else 30,
    )
    at = NOW - timedelta(days=9) if label == "signed too early" else NOW + timedelta(hours=1)
    if label == "wrong order":
        with pytest.raises(ConfigError):
            a.signer(a.issuer, a.leaf)
    elif label == "with the root":
        assert trusted(house, a, a.leaf, a.issuer, a.root, at=at) is expected
    elif label == "no issuer":
        assert trusted(house, a, a.leaf, at=at) is expected
    elif label == "another root of the same name":
        other = Authority()
        data = sign(a_mandate(house.grantor), house.grantor, a.signer(a.leaf, a.issuer), at=at)
        with pytest.raises(VerificationError):
            assess(data, other.trust(house.folder))
    else:
        assert trusted(house, a, a.leaf, a.issuer, at=at) is expected


def test_a_registrar_may_be_a_single_key(house: House, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "public").write_bytes(public)
    signer = Signer(pem)
    assert signer.algorithm == "ES384"
    data = sign(a_mandate(house.grantor), house.grantor, signer)
    assert assess(data, Trust.load((), [f"file:{tmp_path}/public"])).trusted(ME)
    with pytest.raises(VerificationError):
        assess(data, Trust.load())


def test_ed25519_signs_too(house: House) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    signer = Signer(pem)
    assert signer.algorithm == "Ed25519"
    assert assess(sign(a_mandate(signer), signer), Trust.load()).level(ME) == "self_asserted"


def test_other_kinds_of_keys_are_refused() -> None:
    for key in (
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
        ec.generate_private_key(ec.SECP256K1()),
    ):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with pytest.raises(ConfigError) as caught:
            Signer(pem)
        assert caught.value.code == "consent.key"
    with pytest.raises(ConfigError):
        load_key({"kty": "oct", "k": "c2VjcmV0"})
    with pytest.raises(ConfigError):
        load_key(b"no key at all")

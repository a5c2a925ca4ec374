"""Names what is wrong with a signing certificate, before it is used.

The signing library answers `the certificate is invalid` to a dozen different faults. `lint` gives
each its own code and sentence. Severity `error` means that signing fails or that the result will
not verify; `warning` means that it works today and needs care: an expiry that is near, a chain
that stops short.

Source of the rules: the C2PA certificate profile, and what c2pa-python 0.38.1 was seen to accept
under the settings of `overt.provenance._c2pa`; the test of the certificate matrix holds the two
together.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from overt.models import utc_now
from overt.provenance.identity import (
    CLAIM_SIGNING,
    EMAIL_PROTECTION,
    Identity,
    make_test_identity,
    signing_request,
)

if TYPE_CHECKING:
    from cryptography import x509

__all__ = [
    "ALLOWED_PURPOSES",
    "EXPIRY_WARNING",
    "Identity",
    "Problem",
    "algorithm_of",
    "certificates",
    "lint",
    "make_test_identity",
    "signing_request",
]

ALLOWED_PURPOSES = {
    CLAIM_SIGNING: "C2PA claim signing",
    EMAIL_PROTECTION: "e-mail protection",
    "1.3.6.1.5.5.7.3.36": "document signing",
    "1.3.6.1.4.1.311.76.59.1.9": "Microsoft C2PA signing",
}
"""Extended key usages that let a leaf sign claims, by object identifier."""

FORBIDDEN_PURPOSES = {
    "2.5.29.37.0": "any purpose",
    "1.3.6.1.5.5.7.3.8": "time-stamping",
    "1.3.6.1.5.5.7.3.9": "OCSP signing",
}
"""Usages that spoil a leaf even beside an allowed one."""

EXPIRY_WARNING = timedelta(days=30)
MINIMUM_RSA_BITS = 2048
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: a stable code, a sentence, and whether it stops signing."""

    code: str
    message: str
    severity: Literal["error", "warning"] = "error"


def certificates(chain_pem: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM chain, in its order.

    Raises:
        ValueError: There is none, or one cannot be parsed.
    """
    from cryptography import x509

    return tuple(x509.load_pem_x509_certificates(chain_pem))


def algorithm_of(public_key: Any) -> str | None:
    """The signing algorithm that fits a public key, or none when overt has none for it."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(public_key, ec.EllipticCurvePublicKey):
        return _CURVES.get(public_key.curve.name)
    if isinstance(public_key, rsa.RSAPublicKey):
        return "ps256"
    return "ed25519" if isinstance(public_key, ed25519.Ed25519PublicKey) else None


def lint(
    chain_pem: bytes,
    key: Any = None,
    at: datetime | None = None,
    *,
    anchors: bytes | None = None,
) -> list[Problem]:
    """Everything wrong with a chain, worst first; an empty list means that it will sign.

    Args:
        chain_pem: Certificates in PEM, leaf first.
        key: The private key that belongs to the leaf, when it is at hand.
        at: The moment of signing; now, when not given.
        anchors: Roots in PEM that the chain should lead to.
    """
    try:
        chain = certificates(chain_pem)
        roots = certificates(anchors) if anchors is not None else None
    except ValueError:
        return [Problem("cert.unreadable", "the chain holds no certificate that can be parsed")]
    moment = at or utc_now()
    found: list[Problem] = []
    leaf = chain[0]
    found += _order(chain, roots)  # first: a chain that is reversed makes the rest wrong too
    found += _validity(chain, moment)
    found += _key_kind(leaf)
    try:
        found += _extensions(leaf)
    except ValueError:
        found.append(Problem("cert.unreadable", "an extension of the leaf cannot be parsed"))
    if key is not None and key.public_key() != leaf.public_key():
        found.append(Problem("cert.key_mismatch", "the private key belongs to another certificate"))
    return sorted(found, key=lambda problem: problem.severity)


def _validity(chain: tuple[x509.Certificate, ...], moment: datetime) -> Iterator[Problem]:
    leaf = chain[0]
    end = leaf.not_valid_after_utc
    if moment > end:
        yield Problem("cert.expired", f"the leaf expired on {end:%Y-%m-%d}")
    elif moment > end - EXPIRY_WARNING:
        days = (end - moment).days
        yield Problem("cert.expires_soon", f"the leaf expires in {days} days", "warning")
    if moment < leaf.not_valid_before_utc:
        start = leaf.not_valid_before_utc
        yield Problem("cert.not_yet_valid", f"the leaf is valid from {start:%Y-%m-%d} on")
    for issuer in chain[1:]:
        if not issuer.not_valid_before_utc <= moment <= issuer.not_valid_after_utc:
            yield Problem(
                "cert.issuer_validity", "a certificate above the leaf is outside its validity"
            )


def _key_kind(leaf: x509.Certificate) -> Iterator[Problem]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import rsa

    try:
        public = leaf.public_key()
    except (ValueError, UnsupportedAlgorithm):
        yield Problem("cert.key_type", "the key of the leaf is of an unknown kind")
        return
    if algorithm_of(public) is None:
        yield Problem(
            "cert.key_type", "the key must be EC on P-256, P-384 or P-521, RSA, or Ed25519"
        )
    if isinstance(public, rsa.RSAPublicKey) and public.key_size < MINIMUM_RSA_BITS:
        yield Problem("cert.key_short", f"an RSA key of {public.key_size} bits is below 2048")


def _extensions(leaf: x509.Certificate) -> Iterator[Problem]:
    from cryptography import x509

    if leaf.version is not x509.Version.v3:
        yield Problem("cert.version", "the leaf is not an X.509 version 3 certificate")
        return
    constraints = _extension(leaf, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        yield Problem("cert.is_authority", "the leaf is marked as a certificate authority")
    if _extension(leaf, x509.AuthorityKeyIdentifier) is None:
        yield Problem("cert.no_authority_key_id", "the leaf has no authority key identifier")
    usage = _extension(leaf, x509.KeyUsage)
    if usage is None:
        yield Problem("cert.no_key_usage", "the leaf has no key usage")
    else:
        if not usage.digital_signature:
            yield Problem("cert.no_digital_signature", "the key usage lacks digital signature")
        if usage.key_cert_sign:
            yield Problem("cert.signs_certificates", "the key usage lets the leaf sign others")
    yield from _purposes(_extension(leaf, x509.ExtendedKeyUsage))


def _purposes(purposes: x509.ExtendedKeyUsage | None) -> Iterator[Problem]:
    if purposes is None:
        yield Problem("cert.no_purpose", "the leaf has no extended key usage")
        return
    oids = {purpose.dotted_string for purpose in purposes}
    for oid in sorted(oids & FORBIDDEN_PURPOSES.keys()):
        yield Problem(
            "cert.forbidden_purpose",
            f"{FORBIDDEN_PURPOSES[oid]} may not be among the leaf's extended key usages",
        )
    if not oids & ALLOWED_PURPOSES.keys():
        wanted = ", ".join(ALLOWED_PURPOSES.values())
        yield Problem("cert.wrong_purpose", f"the extended key usage names none of: {wanted}")
    elif not {CLAIM_SIGNING, EMAIL_PROTECTION} <= oids:
        yield Problem(
            "cert.narrow_purpose",
            "some verifiers want both C2PA claim signing and e-mail protection",
            "warning",
        )


def _order(
    chain: tuple[x509.Certificate, ...], roots: tuple[x509.Certificate, ...] | None
) -> Iterator[Problem]:
    leaf = chain[0]
    if leaf.issuer == leaf.subject:
        yield Problem("cert.self_signed", "the leaf is self-signed: nobody will trust it")
        return
    for lower, upper in itertools.pairwise(chain):
        if lower.issuer != upper.subject or not _issued(lower, upper):
            yield Problem(
                "cert.chain_order", "the chain must be leaf first, each issued by the next"
            )
            return
    last = chain[-1]
    if roots is not None:
        if not any(last == root or _issued(last, root) for root in roots):
            yield Problem(
                "cert.no_path",
                "the chain does not lead to a given root: an intermediate is missing",
            )
    elif len(chain) == 1:
        yield Problem(
            "cert.chain_short",
            "only the leaf is there: verifiers that know just the root will not trust it, "
            "unless the root itself issued it",
            "warning",
        )


def _issued(lower: x509.Certificate, upper: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        lower.verify_directly_issued_by(upper)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def _extension(leaf: x509.Certificate, kind: type[Any]) -> Any:
    from cryptography import x509

    try:
        return leaf.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None

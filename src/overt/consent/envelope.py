"""Opens signed consent records: JWS (RFC 7515), general JSON, several signers.

The payload is verified exactly as it is stored; it is never serialised again. The algorithm must
be on a fixed list and fit a key that is known from elsewhere: nothing in a record chooses how it
is checked. Unknown headers, critical ones and unprotected ones are refused.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.registry import HeaderParameter
from pydantic import ValidationError

from overt.consent.keys import ALGORITHMS, Key, key_of
from overt.consent.parsing import b64, parse, unb64
from overt.consent.records import ConsentGrant
from overt.consent.refusals import refusal
from overt.errors import ConfigError

TYPE = "consent-grant+jws"
MOST_SIGNATURES = 8
MOST_CERTIFICATES = 6

_HEADERS = frozenset({"alg", "typ", "kid", "x5c", "iat"})
_NAMES = frozenset(name for names in ALGORITHMS.values() for name in names)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of a record, not verified yet. `kid` is an RFC 7638 thumbprint."""

    algorithm: str
    kid: str
    signed_at: datetime
    chain: tuple[x509.Certificate, ...]
    protected: str
    value: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed record, taken apart. `payload` is what was signed, as it is stored."""

    payload: str
    content: bytes
    signatures: tuple[Signature, ...]

    def grant(self) -> ConsentGrant:
        """The record inside.

        Raises:
            VerificationError: `consent.malformed`, or what `parsing.parse` says.
        """
        value = parse(self.content)
        try:
            return ConsentGrant.model_validate(value)
        except ValidationError:
            raise refusal("consent.malformed") from None


def open_signed(data: bytes, kind: str = TYPE) -> Envelope:
    """Take a signed record apart, strictly. Nothing is verified yet.

    Args:
        data: The file.
        kind: The `typ` that every signature must have.

    Raises:
        VerificationError: With the code of what is wrong with it.
    """
    outer = parse(data)
    if not isinstance(outer, dict) or outer.keys() != {"payload", "signatures"}:
        raise refusal("consent.malformed")
    members = outer["signatures"]
    if not isinstance(members, list) or not 0 < len(members) <= MOST_SIGNATURES:
        raise refusal("consent.malformed")
    content = unb64(outer["payload"])
    signatures = tuple(_signature(member, kind) for member in members)
    if len({signature.kid for signature in signatures}) != len(signatures):
        raise refusal("consent.malformed")
    return Envelope(outer["payload"], content, signatures)


def verify_signature(envelope: Envelope, signature: Signature, key: Key) -> None:
    """Check one signature over the stored payload.

    Args:
        envelope: The opened record.
        signature: One of its signatures.
        key: A public key known from elsewhere.

    Raises:
        VerificationError: `consent.algorithm`: the algorithm is not one for this key;
            `consent.signature`: it is not a signature of the payload by this key;
            `consent.reserialised`: it would be, had the payload not been written anew.
    """
    if signature.algorithm not in ALGORITHMS[str(key.curve_name)]:
        raise refusal("consent.algorithm")
    if _holds(envelope.payload, signature, key):
        return
    # It does not count either way; a sender whose software wrote the JSON anew should hear so.
    again = json.dumps(parse(envelope.content), ensure_ascii=False, separators=(",", ":"))
    if _holds(b64(again.encode()), signature, key):
        raise refusal("consent.reserialised", "send the file as it was signed")
    raise refusal("consent.signature")


def registry(algorithm: str) -> jws.JWSRegistry:
    """Rules for one algorithm, wide enough for a certificate chain in the header."""
    rules = jws.JWSRegistry(
        header_registry={"iat": HeaderParameter("Issued at", "int")}, algorithms=[algorithm]
    )
    rules.max_header_length = 64 * 1024
    rules.max_payload_length = 256 * 1024
    return rules


def _holds(payload: str, signature: Signature, key: Key) -> bool:
    value: Any = {
        "payload": payload,
        "protected": signature.protected,
        "signature": signature.value,
    }
    try:
        jws.deserialize_json(value, key, registry=registry(signature.algorithm))
    except (JoseError, ValueError, KeyError, TypeError):
        return False
    return True


def _signature(member: Any, kind: str) -> Signature:
    if not isinstance(member, dict) or member.keys() != {"protected", "signature"}:
        raise refusal("consent.header")
    header = parse(unb64(member["protected"]))
    if not isinstance(header, dict):
        raise refusal("consent.header")
    if "crit" in header:
        raise refusal("consent.critical_header")
    if not isinstance(header.get("alg"), str) or header["alg"] not in _NAMES:
        raise refusal("consent.algorithm")
    if header.keys() - _HEADERS or header.get("typ") != kind:
        raise refusal("consent.header")
    kid, at, chain = header.get("kid"), header.get("iat"), header.get("x5c", [])
    if not isinstance(kid, str) or type(at) is not int or not 0 <= at < 2**33:
        raise refusal("consent.header")
    if not isinstance(chain, list) or len(chain) > MOST_CERTIFICATES:
        raise refusal("consent.header")
    if not isinstance(member["signature"], str):
        raise refusal("consent.header")
    moment = datetime.fromtimestamp(at, UTC)
    found = tuple(_certificate(item) for item in chain)
    if found and _thumbprint(found[0]) != kid:
        raise refusal("consent.swapped_key")
    return Signature(header["alg"], kid, moment, found, member["protected"], member["signature"])


def _thumbprint(certificate: x509.Certificate) -> str:
    try:
        return key_of(certificate).thumbprint()
    except ConfigError:
        raise refusal("consent.algorithm") from None


def _certificate(item: Any) -> x509.Certificate:

    try:
        return x509.load_der_x509_certificate(base64.b64decode(item, validate=True))
    except (ValueError, TypeError):
        raise refusal("consent.header") from None

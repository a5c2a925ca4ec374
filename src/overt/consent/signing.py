"""Signs consent records: JWS (RFC 7515), general JSON, ES256 by default, several signers.

::

    grant = draft(...)
    data = sign(grant, grantor, registrar)      # both over the same bytes
    data = countersign(data, grantee)           # later, over the very same bytes
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jws

from overt.consent.envelope import TYPE, open_signed, registry
from overt.consent.keys import ALGORITHMS, bad_key, certificates, key_of, load_key, public_jwk
from overt.consent.parsing import b64
from overt.consent.records import ConsentGrant, PartyKey
from overt.consent.refusals import refusal
from overt.models import utc_now


class Signer:
    """A private key, with its certificate chain where it has one.

    Args:
        key: Private key in PEM: P-256, P-384 or Ed25519.
        chain: Certificates in PEM, leaf first; carried in the signature.
    """

    def __init__(self, key: bytes, chain: bytes | None = None) -> None:
        """Read key and chain.

        Raises:
            ConfigError: `consent.key`: it cannot be used, or is not the first certificate's.
        """
        self._key = load_key(key)
        if not self._key.is_private:
            raise bad_key("it is a public key")
        self.algorithm = ALGORITHMS[str(self._key.curve_name)][0]
        self.kid = self._key.thumbprint()
        self._chain: list[str] = []
        if chain is not None:
            found = certificates(chain)
            if key_of(found[0]).thumbprint() != self.kid:
                raise bad_key("it is not the key of the first certificate")
            der = [certificate.public_bytes(Encoding.DER) for certificate in found]
            self._chain = [base64.b64encode(one).decode() for one in der]

    @property
    def jwk(self) -> dict[str, str]:
        """The public key."""
        return public_jwk(self._key)

    @property
    def party_key(self) -> PartyKey:
        """The public key as a party states it in a record."""
        return PartyKey(jwk=self.jwk)

    def sign(self, content: bytes, at: datetime, kind: str = TYPE) -> dict[str, str]:
        """One member of `signatures`, over `content` as it is; `kind` is its `typ`."""
        header: dict[str, Any] = {
            "alg": self.algorithm,
            "typ": kind,
            "kid": self.kid,
            "iat": int(at.timestamp()),
        }
        if self._chain:
            header["x5c"] = self._chain
        made: Any = jws.serialize_json(
            {"protected": header}, content, self._key, registry=registry(self.algorithm)
        )
        return {"protected": made["protected"], "signature": made["signature"]}


def sign(grant: ConsentGrant, *signers: Signer, at: datetime | None = None) -> bytes:
    """The signed record, as it is stored and sent.

    Args:
        grant: What is agreed to.
        signers: At least one: the grantor first, then who countersigns.
        at: Moment of signing; now when it is left out.
    """
    return sign_value(grant.to_json(), *signers, at=at)


def sign_value(
    value: Mapping[str, Any], *signers: Signer, at: datetime | None = None, kind: str = TYPE
) -> bytes:
    """Any JSON object, signed in the same way: receipts and certificates too.

    Args:
        value: What is signed.
        signers: At least one.
        at: Moment of signing; now when it is left out.
        kind: The `typ` of the signatures.
    """
    if not signers:
        raise ValueError("nobody signs")
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    moment = at or utc_now()
    return _write(b64(content), [signer.sign(content, moment, kind) for signer in signers])


def countersign(data: bytes, signer: Signer, *, at: datetime | None = None) -> bytes:
    """The same record with one more signature over the very same bytes.

    Raises:
        VerificationError: `data` is not a signed record, or this key has signed it already.
    """
    envelope = open_signed(data)
    if any(signature.kid == signer.kid for signature in envelope.signatures):
        raise refusal("consent.replayed", "sign with another key")
    members = [{"protected": one.protected, "signature": one.value} for one in envelope.signatures]
    return _write(envelope.payload, [*members, signer.sign(envelope.content, at or utc_now())])


def _write(payload: str, signatures: Sequence[Mapping[str, str]]) -> bytes:
    return json.dumps({"payload": payload, "signatures": signatures}, indent=1).encode() + b"\n"

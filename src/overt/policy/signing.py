"""Signatures over policy files: JWS (RFC 7515), general JSON, ES256 or Ed25519, several signers.

Used for bundles (`bundle.sig.json` beside the rules signs their digest) and for overrides. Keys
are configured; nothing in a signed file chooses how it is checked, and a signature by a key that
nobody configured counts for nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overt.errors import ConfigError, VerificationError

if TYPE_CHECKING:
    from overt.policy.bundle import Bundle

SIGNATURE = "bundle.sig.json"
BUNDLE_TYPE = "policy-bundle+jws"
MAX_BYTES = 256 * 1024
_MAX_SIGNATURES = 8
_ALGORITHMS = {"P-256": "ES256", "Ed25519": "Ed25519"}


def sign(content: bytes, type_: str, keys: Sequence[bytes], earlier: bytes | None = None) -> bytes:
    """Sign bytes with private keys in PEM.

    Args:
        content: What is signed, exactly.
        type_: The `typ` of the signatures.
        keys: Each adds one signature.
        earlier: A signed file whose signatures are kept; its content has to be the same.

    Raises:
        ConfigError: `policy.key`: a key cannot be used.
        VerificationError: `policy.signed_other`: the earlier file signs something else.
    """
    from joserfc import jws

    members: list[Mapping[str, str]] = []
    if earlier is not None:
        if content_of(earlier) != content:
            raise refusal("signed_other", "the earlier signatures are for something else")
        members = list(_outer(earlier)["signatures"])
    for pem in keys:
        key = _key(pem)
        algorithm = _ALGORITHMS[str(key.curve_name)]
        header = {"alg": algorithm, "typ": type_, "kid": key.thumbprint()}
        made: Any = jws.serialize_json(
            {"protected": header}, content, key, registry=_registry(algorithm)
        )
        members.append({"protected": made["protected"], "signature": made["signature"]})
    payload = base64.urlsafe_b64encode(content).rstrip(b"=").decode()
    return json.dumps({"payload": payload, "signatures": members}, indent=2).encode()


def content_of(signed: bytes) -> bytes:
    """The signed bytes, verified by nobody yet.

    Raises:
        VerificationError: `policy.signed_malformed`.
    """
    text = str(_outer(signed)["payload"])
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise refusal("signed_malformed", "its content cannot be decoded") from None


def signers_of(signed: bytes, type_: str, trusted: Sequence[bytes]) -> tuple[str, ...]:
    """RFC 7638 thumbprints of the trusted keys whose signatures hold; empty when none does.

    Raises:
        ConfigError: `policy.key`: a trusted key cannot be used.
        VerificationError: `policy.signed_malformed`.
    """
    from joserfc import jws
    from joserfc.errors import JoseError

    outer, found = _outer(signed), set()
    for pem in trusted:
        key = _key(pem)
        algorithm = _ALGORITHMS[str(key.curve_name)]
        for member in outer["signatures"]:
            value: Any = {"payload": outer["payload"], **member}
            try:
                opened = jws.deserialize_json(value, key, registry=_registry(algorithm))
                headers = opened.headers()
            except (JoseError, ValueError, KeyError, TypeError):
                continue
            if headers.get("typ") == type_ and headers.get("alg") == algorithm:
                found.add(key.thumbprint())
    return tuple(sorted(found))


def sign_bundle(
    folder: Path, bundle: Bundle, keys: Sequence[bytes], now: datetime, *, add: bool = False
) -> Path:
    """Write the signature of a bundle beside its rules.

    Args:
        folder: The bundle's folder.
        bundle: The bundle, as it loads from there.
        keys: Private keys in PEM.
        now: Said in the signed statement.
        add: Keep the signatures that are there.

    Raises:
        ConfigError: `policy.key`.
        VerificationError: `policy.signed_other`: the rules changed since the earlier signature.
    """
    from overt.models import write_whole

    target = folder / SIGNATURE
    earlier = target.read_bytes() if add and target.exists() else None
    if earlier is not None:
        content = content_of(earlier)
        if _statement(content).get("digest") != bundle.digest:
            raise refusal("signed_other", "the rules changed since they were signed")
    else:
        statement = {"digest": bundle.digest, "version": bundle.version, "at": now.isoformat()}
        content = json.dumps(statement, sort_keys=True).encode()
    write_whole(target, sign(content, BUNDLE_TYPE, keys, earlier))
    return target


def verify_bundle(folder: Path, bundle: Bundle, trusted: Sequence[bytes]) -> tuple[str, ...]:
    """Thumbprints of the trusted keys that signed exactly this bundle.

    Raises:
        ConfigError: `policy.unsigned`, `policy.signature` or `policy.signed_other`: a bundle that
            its owners did not sign is not taken into service.
    """
    try:
        signed = (folder / SIGNATURE).read_bytes()
    except OSError:
        raise ConfigError(
            "policy.unsigned", "the bundle is not signed", todo="sign it: `overt policy sign`"
        ) from None
    try:
        found = signers_of(signed, BUNDLE_TYPE, trusted)
        same = _statement(content_of(signed)).get("digest") == bundle.digest
    except VerificationError as error:
        raise ConfigError(
            "policy.signature", "the bundle's signature is not readable", error.why
        ) from None
    if not found:
        raise ConfigError("policy.signature", "no configured key has signed the bundle")
    if not same:
        raise ConfigError("policy.signed_other", "the rules changed since they were signed")
    return found


def read_key(path: Path) -> bytes:
    """A configured key file.

    Raises:
        ConfigError: `policy.key`: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            "policy.key", "a policy key cannot be read", type(error).__name__
        ) from None


def refusal(code: str, why: str) -> VerificationError:
    """A signed policy file that does not hold."""
    return VerificationError(f"policy.{code}", "a signed policy file is not accepted", why)


def _statement(content: bytes) -> Mapping[str, Any]:
    try:
        statement = json.loads(content)
    except ValueError:
        statement = None
    if not isinstance(statement, dict):
        raise refusal("signed_malformed", "its content is not a statement")
    return statement


def _outer(data: bytes) -> dict[str, Any]:
    try:
        outer = json.loads(data) if len(data) <= MAX_BYTES else None
    except ValueError:
        outer = None
    if not isinstance(outer, dict) or not isinstance(outer.get("payload"), str):
        raise refusal("signed_malformed", "it is not a signed file")
    members = outer.get("signatures")
    if not isinstance(members, list) or not 0 < len(members) <= _MAX_SIGNATURES:
        raise refusal("signed_malformed", "it has no signatures, or too many")
    if not all(isinstance(m, dict) and m.keys() == {"protected", "signature"} for m in members):
        raise refusal("signed_malformed", "a signature is not readable")
    return outer


def _registry(algorithm: str) -> Any:
    from joserfc import jws

    rules = jws.JWSRegistry(algorithms=[algorithm])
    rules.max_payload_length = MAX_BYTES
    return rules


def _key(pem: bytes) -> Any:
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, OKPKey

    for kind in (ECKey, OKPKey):
        try:
            key = kind.import_key(pem)
        except (JoseError, ValueError, TypeError):
            continue
        if str(key.curve_name) in _ALGORITHMS:
            return key
    raise ConfigError("policy.key", "a policy key cannot be used", "it is no P-256 or Ed25519 key")

"""Whose word counts for whom (I9): keys and registrars that the configuration names.

A key in a record proves nothing about who holds it: anybody can write a record for anybody. Only
these count:

* a *key* (JWK with a member `speaks_for`: subject or figure ids) for those subjects, within its
  `nbf` and `exp`;
* a *registrar* for every subject: a certificate authority in PEM (its chains carry signatures), a
  public key in PEM, or a JWK. A JWK may narrow itself with `speaks_for`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from overt.consent.envelope import Signature
from overt.consent.keys import Key, certificates, key_of, load_key
from overt.errors import ConfigError
from overt.storage.refs import read_ref

ANYBODY = "*"
_OURS = ("speaks_for", "nbf", "exp", "name")


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key that may speak for some subjects, for a time."""

    key: Key
    speaks_for: frozenset[str]
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def covers(self, moment: datetime) -> bool:
        """Whether it was a good key at that moment."""
        if self.valid_from is not None and moment < self.valid_from:
            return False
        return self.valid_to is None or moment < self.valid_to


@dataclass(frozen=True, slots=True)
class Trust:
    """Everything that is trusted. Empty trust is possible: then no record counts.

    Args:
        keys: By thumbprint.
        roots: Certificate authorities of registrars.
    """

    keys: Mapping[str, TrustedKey]
    roots: tuple[x509.Certificate, ...] = ()

    @classmethod
    def load(cls, keys: Iterable[str] = (), registrars: Iterable[str] = ()) -> Self:
        """Read what references (`file:PATH`, `env:NAME`) stand for.

        Raises:
            ConfigError: `consent.trust`: a key without `speaks_for`, or what reading says.
        """
        found: dict[str, TrustedKey] = {}
        roots: list[x509.Certificate] = []
        for ref in keys:
            found.update(_trusted(read_ref(ref), everybody=False))
        for ref in registrars:
            data = read_ref(ref)
            if b"BEGIN CERTIFICATE" in data:
                roots.extend(certificates(data))
            else:
                found.update(_trusted(data, everybody=True))
        return cls(found, tuple(roots))

    def key_for(self, signature: Signature) -> tuple[Key, frozenset[str]] | None:
        """The key of a signature and whom it may speak for; none when it is not trusted.

        Args:
            signature: Its time of signing decides whether key or chain were good.
        """
        known = self.keys.get(signature.kid)
        if known is not None:
            return (known.key, known.speaks_for) if known.covers(signature.signed_at) else None
        if signature.chain and self._chains(signature.chain, signature.signed_at):
            return key_of(signature.chain[0]), frozenset({ANYBODY})
        return None

    def _chains(self, chain: tuple[x509.Certificate, ...], moment: datetime) -> bool:
        """Whether a chain, leaf first, leads to one of our roots at that moment."""
        if chain[0] in self.roots:
            return _within(chain[0], moment)
        for lower, upper in pairwise(chain):
            if not (_within(lower, moment) and _issues(upper, lower)):
                return False
        last = chain[-1]
        return _within(last, moment) and any(
            last == root or (_within(root, moment) and _issues(root, last)) for root in self.roots
        )


def speaks(speaks_for: Collection[str], subjects: Iterable[str]) -> bool:
    """Whether somebody who speaks for these may speak for one of the subject's ids."""
    return ANYBODY in speaks_for or any(one in speaks_for for one in subjects)


def _trusted(data: bytes, *, everybody: bool) -> dict[str, TrustedKey]:
    if not data.lstrip().startswith(b"{"):
        if not everybody:
            raise _bad("a trusted key does not say for whom it speaks")
        key = load_key(data)
        return {key.thumbprint(): TrustedKey(key, frozenset({ANYBODY}))}
    try:
        value = json.loads(data)
    except ValueError:
        raise _bad("a JWK cannot be read") from None
    members = value.get("keys", [value])
    return dict(_from_jwk(member, everybody=everybody) for member in members)


def _from_jwk(jwk: dict[str, Any], *, everybody: bool) -> tuple[str, TrustedKey]:
    speaks_for = jwk.get("speaks_for", [ANYBODY] if everybody else [])
    if not isinstance(speaks_for, list) or not speaks_for:
        raise _bad("a trusted key does not say for whom it speaks")
    key = load_key({name: value for name, value in jwk.items() if name not in _OURS})
    trusted = TrustedKey(
        key, frozenset(map(str, speaks_for)), _moment(jwk.get("nbf")), _moment(jwk.get("exp"))
    )
    return key.thumbprint(), trusted


def _moment(seconds: Any) -> datetime | None:
    if seconds is None:
        return None
    if type(seconds) is not int:
        raise _bad("nbf and exp are whole seconds")
    return datetime.fromtimestamp(seconds, UTC)


def _within(certificate: x509.Certificate, moment: datetime) -> bool:
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def _issues(upper: x509.Certificate, lower: x509.Certificate) -> bool:
    try:
        constraints = upper.extensions.get_extension_for_class(x509.BasicConstraints).value
        lower.verify_directly_issued_by(upper)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature):
        return False
    return constraints.ca


def _bad(why: str) -> ConfigError:
    return ConfigError(
        "consent.trust", "the consent trust cannot be used", why, 'add "speaks_for": ["<id>"]'
    )

"""Emergency overrides: signed, short-lived changes to the bundle in service.

An override adds rules, switches rules off, or changes the outcome of rules, for at most 72 hours.
It is a JWS (RFC 7515, general JSON) over exact bytes. Tightening needs one trusted signer,
loosening needs two different ones. Sequence numbers only rise, so an old override cannot be
played again, and it ends by itself: nobody has to remember to take it back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from overt.errors import ConfigError, VerificationError
from overt.models import Outcome
from overt.policy import signing
from overt.policy.bundle import Bundle, with_outcome, without_relaxing
from overt.policy.rules import Rule, parse_rule

MAX_LIFE = timedelta(hours=72)
TYPE = "policy-override+jws"
_KEYS = frozenset(
    {"id", "seq", "title", "reason", "ticket", "starts_at", "expires_at", "add", "disable", "set"}
)


@dataclass(frozen=True, slots=True)
class Override:
    """A verified override.

    Args:
        add: Rules that apply beside the bundle's.
        disable: Ids of rules that do not apply.
        outcomes: Other outcomes for rules, by id.
        signers: RFC 7638 thumbprints of the trusted keys that signed.
        digest: SHA-256 of the signed bytes.
    """

    id: str
    seq: int
    title: str
    reason: str
    ticket: str
    starts_at: datetime
    expires_at: datetime
    add: tuple[Rule, ...]
    disable: tuple[str, ...]
    outcomes: Mapping[str, Outcome]
    signers: tuple[str, ...]
    digest: str

    def in_force(self, now: datetime) -> bool:
        """Whether it counts at that moment."""
        return self.starts_at <= now < self.expires_at


def sign_override(body: Mapping[str, Any], *keys: bytes, add_to: bytes | None = None) -> bytes:
    """Sign an override with private keys in PEM (P-256 or Ed25519).

    Args:
        body: The keys of the file: `id seq title reason ticket starts_at expires_at`, and any of
            `add`, `disable`, `set`.
        keys: Private keys; each adds one signature.
        add_to: A signed override that gets more signatures over its very bytes; `body` is unused.

    Raises:
        ConfigError: `policy.key`: a key cannot be used.
    """
    if add_to is not None:
        return signing.sign(signing.content_of(add_to), TYPE, keys, add_to)
    content = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
    return signing.sign(content, TYPE, keys)


def open_override(
    data: bytes, trusted: Sequence[bytes], bundle: Bundle, *, last_seq: int, now: datetime
) -> Override:
    """Verify an override and hold it against the bundle it would change.

    Args:
        data: The signed file.
        trusted: Public keys in PEM of those who may sign.
        bundle: The bundle in service: it decides what is tightening and what is loosening.
        last_seq: Highest sequence number that was ever accepted.
        now: The guard's clock.

    Raises:
        VerificationError: `override.malformed`, `.signature`, `.signers` (too few), `.replayed`,
            `.expired`, `.too_long`, `.unknown_rule` or `.rule`.
    """
    try:
        content = signing.content_of(data)
        signers = signing.signers_of(data, TYPE, trusted)
    except VerificationError as error:
        raise _refused("malformed", error.why) from None
    if not signers:
        raise _refused("signature", "no trusted key has signed it")
    try:
        body = json.loads(content)
    except ValueError:
        raise _refused("malformed", "its content is not JSON") from None
    override = _read(body, signers, hashlib.sha256(content).hexdigest())
    if override.expires_at - override.starts_at > MAX_LIFE:
        raise _refused("too_long", "it lasts longer than 72 hours")
    if now >= override.expires_at:
        raise _refused("expired", "it has ended")
    if override.seq <= last_seq:
        raise _refused("replayed", f"its sequence number is not above {last_seq}")
    needed = 2 if loosens(override, bundle) else 1
    if len(signers) < needed:
        word = "loosening needs two signers" if needed == 2 else "no trusted signer"
        raise _refused("signers", word)
    return override


def loosens(override: Override, bundle: Bundle) -> bool:
    """Whether any part of an override makes a decision milder."""
    if override.disable:
        return True
    for rule in override.add:
        if rule.relaxes or rule.effect.waives_consent:
            return True
    for name, outcome in override.outcomes.items():
        if outcome < _rule(bundle, name).effect.outcome:
            return True
    return False


def apply(bundle: Bundle, overrides: Sequence[Override], now: datetime) -> Bundle:
    """The bundle with what is in force at the moment; the bundle itself when nothing is.

    The digest of the result covers the base and every override, so a decision says what it
    was made under.

    Raises:
        VerificationError: `override.unknown_rule`, `override.rule`.
    """
    current = sorted((o for o in overrides if o.in_force(now)), key=lambda o: o.seq)
    if not current:
        return bundle
    rules = dict(bundle.rules)
    digest = hashlib.sha256(bundle.digest.encode())
    for override in current:
        digest.update(override.digest.encode())
        for name in override.disable:
            _rule(bundle, name)
            rules.pop(name, None)
        for name, outcome in override.outcomes.items():
            if name in rules:
                rules[name] = with_outcome(rules[name], outcome)
        for rule in override.add:
            if rule.id in rules:
                raise _refused("rule", f"there is a rule {rule.id} already")
            rules[rule.id] = rule
    kept = [without_relaxing(rule, rules) for rule in rules.values()]
    try:
        return Bundle.of(kept, digest.hexdigest(), f"{bundle.version}+override")
    except ConfigError as error:
        raise _refused("rule", error.what) from None


def _rule(bundle: Bundle, name: str) -> Rule:
    rule = bundle.rules.get(name)
    if rule is None:
        raise _refused("unknown_rule", f"the bundle has no rule {name[:40]!r}")
    return rule


def _read(body: Any, signers: tuple[str, ...], digest: str) -> Override:
    needed = _KEYS - {"add", "disable", "set"}
    if not isinstance(body, dict) or not needed <= body.keys() <= _KEYS:
        raise _refused("malformed", f"it takes {', '.join(sorted(_KEYS))}")
    try:
        starts = datetime.fromisoformat(body["starts_at"])
        expires = datetime.fromisoformat(body["expires_at"])
        texts = {key: str(body[key]) for key in ("id", "title", "reason", "ticket")}
        outcomes = {str(name): Outcome(word) for name, word in body.get("set", {}).items()}
        added = tuple(parse_rule(rule) for rule in body.get("add", []))
        aware = starts.tzinfo is not None and expires.tzinfo is not None
        if (
            type(body["seq"]) is not int
            or not aware
            or expires <= starts
            or not all(texts.values())
        ):
            raise ValueError
        return Override(
            seq=body["seq"],
            starts_at=starts,
            expires_at=expires,
            add=added,
            disable=tuple(str(name) for name in body.get("disable", [])),
            outcomes=outcomes,
            signers=signers,
            digest=digest,
            **texts,
        )
    except ConfigError as error:
        raise _refused("rule", error.what) from None
    except (ValueError, TypeError, AttributeError):
        raise _refused("malformed", "a value is missing or wrong") from None


def _refused(code: str, why: str) -> VerificationError:
    return VerificationError(f"override.{code}", "the override is not accepted", why)

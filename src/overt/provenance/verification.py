"""What verifying an asset comes to: the values behind `overt verify --json`.

The keys are a contract; new ones may come, none is renamed. Integrity (are these the bytes that
were signed?), trust (do we know the signer?) and ingredients (are the sources whole?) are told
apart, because one never implies another.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from overt.models import Value


class Integrity(StrEnum):
    """Whether the bytes are the ones that were signed."""

    VALID = "valid"
    INVALID = "invalid"
    ABSENT = "absent"


class Trust(StrEnum):
    """Whether the signer's chain leads to a given root."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    ABSENT = "absent"


class Finding(Value):
    """Something a reader should know; an `error` makes the verification fail."""

    code: str
    message: str
    severity: Literal["error", "warning", "info"] = "error"


class FoundAction(Value):
    """One action of the active manifest."""

    action: str
    when: str | None = None
    digital_source_type: str | None = None
    agent: str | None = None
    description: str | None = None


class FoundDisclosure(Value):
    """One disclosure that the manifest says is on the asset; `text` is its template."""

    mode: str
    language: str
    text: str
    wording: str | None = None
    covers: str | None = None


class FoundConsent(Value):
    """One consent record that the manifest cites."""

    id: str
    acts: tuple[str, ...] = ()
    sha256: str | None = None


class FoundIngredient(Value):
    """One source of the asset."""

    relationship: str
    integrity: Integrity
    digital_source_type: str | None = None


class FoundSigner(Value):
    """Who signed, in the certificate's words."""

    name: str | None = None
    issuer: str | None = None
    algorithm: str | None = None
    time: str | None = None
    """From a time-stamp authority, when there is one."""


class FoundRecord(Value):
    """The ledger entry that the manifest cites.

    `proof` is `included` where a ledger at hand holds the entry and its tree verifies,
    `missing` or `invalid` where it does not, and `unchecked` where no ledger was given.
    """

    index: int | None = None
    origin: str | None = None
    decision: str | None = None
    proof: Literal["included", "missing", "invalid", "unchecked"] = "unchecked"


class Verification(Value):
    """Everything that could be learnt from an asset and its manifest."""

    integrity: Integrity
    trust: Trust
    digital_source_type: str | None = None
    actions: tuple[FoundAction, ...] = ()
    disclosures: tuple[FoundDisclosure, ...] = ()
    consents: tuple[FoundConsent, ...] = ()
    ingredients: tuple[FoundIngredient, ...] = ()
    record: FoundRecord | None = None
    problems: tuple[Finding, ...] = ()
    file: str | None = None
    media_type: str | None = None
    manifest: str | None = None
    """Label of the active manifest."""
    signer: FoundSigner | None = None
    soft_bindings: tuple[str, ...] = ()
    sidecar: bool = False
    declared_by: str | None = None
    training: str | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(problem.severity != "error" for problem in self.problems)

    def to_json(self) -> dict[str, Any]:
        """JSON values, with every key of the contract."""
        return self.model_dump(mode="json")

    def with_problems(self, *more: Finding) -> Verification:
        """The same, with more to say."""
        return self.model_copy(update={"problems": (*self.problems, *more)})

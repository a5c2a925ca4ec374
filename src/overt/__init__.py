"""overt makes generation tools honest.

    from overt import Guard, Refused

    guard = Guard.open("overt.toml")

    @guard.wrap(media_type="image/png", prompt="prompt")
    def paint(prompt: str) -> bytes: ...

Names are loaded when they are first used: importing the package costs milliseconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from overt.config import GuardConfig, load_config
    from overt.consent.records import ConsentGrant, ConsentScope
    from overt.errors import (
        ConfigError,
        ConsentRequired,
        HeldForReview,
        NotCleared,
        OvertError,
        Refused,
        StageError,
        VerificationError,
    )
    from overt.guard import Guard
    from overt.inspect import lookup, verify
    from overt.models import (
        Decision,
        Disclosure,
        Finding,
        Media,
        Obligation,
        Outcome,
        Reason,
        Record,
        Request,
        Result,
        Subject,
    )
    from overt.policy import Policy, Rule
    from overt.ports import ConsentStore, Discloser, Ledger, Screen, Signer, Speaker

__version__ = "0.1.0"

_HOME = {
    "overt.config": ("GuardConfig", "load_config"),
    "overt.consent.records": ("ConsentGrant", "ConsentScope"),
    "overt.errors": (
        "ConfigError",
        "ConsentRequired",
        "HeldForReview",
        "NotCleared",
        "OvertError",
        "Refused",
        "StageError",
        "VerificationError",
    ),
    "overt.guard": ("Guard",),
    "overt.inspect": ("lookup", "verify"),
    "overt.models": (
        "Decision",
        "Disclosure",
        "Finding",
        "Media",
        "Obligation",
        "Outcome",
        "Reason",
        "Record",
        "Request",
        "Result",
        "Subject",
    ),
    "overt.policy": ("Policy", "Rule"),
    "overt.ports": ("ConsentStore", "Discloser", "Ledger", "Screen", "Signer", "Speaker"),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "ConfigError",
    "ConsentGrant",
    "ConsentRequired",
    "ConsentScope",
    "ConsentStore",
    "Decision",
    "Discloser",
    "Disclosure",
    "Finding",
    "Guard",
    "GuardConfig",
    "HeldForReview",
    "Ledger",
    "Media",
    "NotCleared",
    "Obligation",
    "Outcome",
    "OvertError",
    "Policy",
    "Reason",
    "Record",
    "Refused",
    "Request",
    "Result",
    "Rule",
    "Screen",
    "Signer",
    "Speaker",
    "StageError",
    "Subject",
    "VerificationError",
    "load_config",
    "lookup",
    "verify",
]


def __getattr__(name: str) -> Any:
    module = _MODULE.get(name)
    if module is None:
        raise AttributeError(f"module 'overt' has no attribute {name!r}")
    return getattr(import_module(module), name)


def __dir__() -> list[str]:
    return sorted(__all__)

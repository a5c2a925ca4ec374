"""Rules as reviewed files, and one pure decision.

Findings, consent states, election phase and an actor's history become a `Case`: rows of a closed
schema. `decide()` holds a case against a `Bundle` of rules and returns a `Ruling`. This package
never looks at text, and never asks the database.
"""

from overt.policy.bundle import Bundle
from overt.policy.case import ActorHistory, Case, build_case
from overt.policy.decide import Firing, Ruling, decide
from overt.policy.needs import consent_needs
from overt.policy.rules import Rule
from overt.policy.subjects import VoiceKind

Policy = Bundle
"""The public name of a bundle: a policy is the bundle of its rules."""

__all__ = [
    "ActorHistory",
    "Bundle",
    "Case",
    "Firing",
    "Policy",
    "Rule",
    "Ruling",
    "VoiceKind",
    "build_case",
    "consent_needs",
    "decide",
]

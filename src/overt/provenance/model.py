"""Manifests as typed values: what overt says about an asset, before it is signed.

A manifest is public. It holds no prompt, no name of a person and no document: a disclosure is
stored as its template with `{name}` unfilled, a consent as an opaque id with a salted digest, an
input as a salted digest. `Manifest.to_c2pa` gives the definition for the signing library, which
is the only way one is made.

Our own assertions are labelled `org.overt.disclosure`, `org.overt.consent` and
`org.overt.record`.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from functools import cache
from typing import Any, Self

from pydantic import Field, model_validator

from overt.models import Assurance, Value
from overt.provenance.actions import (
    Action,
    ActionKind,
    DigitalSourceType,
    Ingredient,
    Relationship,
    SoftwareAgent,
    Training,
)

DISCLOSURE_LABEL = "org.overt.disclosure"
CONSENT_LABEL = "org.overt.consent"
RECORD_LABEL = "org.overt.record"
ACTIONS_LABEL = "c2pa.actions.v2"
AI_LABEL = "c2pa.ai-disclosure"
SOFT_BINDING_LABEL = "c2pa.soft-binding"
TRAINING_LABEL = "cawg.training-mining"

CREATED_LABELS = (
    ACTIONS_LABEL,
    AI_LABEL,
    SOFT_BINDING_LABEL,
    TRAINING_LABEL,
    DISCLOSURE_LABEL,
    CONSENT_LABEL,
    RECORD_LABEL,
)
"""Assertions that are our own statements; the claim lists them as created, not gathered."""

SOFT_BINDING_ALGORITHMS = frozenset({"io.iscc.v0", "com.adobe.trustmark.Q"})
"""Names on the C2PA soft-binding list that overt can produce; others may not be declared."""

UPSTREAM = "upstream"
"""Label of the ingredient made from credentials that the tool's output already carried."""


class DisclosureEntry(Value):
    """One disclosure on the asset: the template, never the name that fills it."""

    mode: str
    language: str
    wording: str
    text: str
    covers: str
    evidence: dict[str, float | str] | None = None
    """What was measured before signing, see `overt.measured`; the rest is in the ledger."""


class ConsentEntry(Value):
    """A reference to one consent record: enough to ask its keeper, not to learn who it is."""

    id: str
    acts: tuple[str, ...]
    sha256: str | None = None
    """Salted digest of the record."""
    assurance: Assurance | None = None


class InputDigest(Value):
    """Ties an input to the manifest for whoever holds the input, and for nobody else."""

    relationship: Relationship
    media_type: str
    salt: str = Field(pattern=r"^[0-9a-f]{32}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 over the salt's bytes and then the input's."""


class RecordEntry(Value):
    """Where the decision behind the asset is recorded."""

    decision: str | None = None
    index: int | None = Field(default=None, ge=0)
    origin: str | None = None
    checkpoint: str | None = None
    declared_by: str | None = None
    """Who vouches for what was done."""
    inputs: tuple[InputDigest, ...] = ()
    ftyp: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the first box of an ISO media file, which the C2PA hash leaves out."""
    upstream: str | None = None
    """What was known of credentials that the tool's output came with: `valid`, `untrusted`,
    `invalid`."""


class SoftBinding(Value):
    """A fingerprint or watermark by which a stripped manifest can be found again."""

    algorithm: str
    value: str = Field(max_length=200)

    @model_validator(mode="after")
    def _listed(self) -> Self:
        if self.algorithm not in SOFT_BINDING_ALGORITHMS:
            raise ValueError("not on the C2PA list of soft-binding algorithms")
        return self

    def to_c2pa(self) -> dict[str, Any]:
        """JSON form, for the whole asset."""
        return {"alg": self.algorithm, "blocks": [{"scope": {}, "value": self.value}]}


class Manifest(Value):
    """Everything that one signature will say.

    The first action is `c2pa.created` with a source type, or `c2pa.opened` with a parent: the
    specification knows nothing else, and neither does this type.
    """

    media_type: str
    actions: tuple[Action, ...]
    ingredients: tuple[Ingredient, ...] = ()
    all_actions: bool = False
    """Whether the actions are everything that was done, as far as the signer knows."""
    model: SoftwareAgent | None = None
    model_id: str | None = None
    disclosures: tuple[DisclosureEntry, ...] = ()
    consents: tuple[ConsentEntry, ...] = ()
    consent_origin: str | None = None
    record: RecordEntry = RecordEntry()
    training: Training | None = None
    soft_bindings: tuple[SoftBinding, ...] = ()

    @model_validator(mode="after")
    def _well_begun(self) -> Self:
        labels = [ingredient.label for ingredient in self.ingredients]
        if len(set(labels)) != len(labels):
            raise ValueError("two ingredients have one label")
        parents = [i.label for i in self.ingredients if i.relationship is Relationship.PARENT]
        if len(parents) > 1:
            raise ValueError("more than one parent")
        if not self.actions:
            raise ValueError("no action")
        first = self.actions[0]
        if first.kind is ActionKind.CREATED:
            if first.digital_source_type is None or parents:
                raise ValueError("c2pa.created takes a source type and no parent")
        elif first.kind is not ActionKind.OPENED or [*first.ingredients] != (parents or [""]):
            raise ValueError("the first action must be c2pa.created, or c2pa.opened of the parent")
        starts = {ActionKind.CREATED, ActionKind.OPENED}
        if any(action.kind in starts for action in self.actions[1:]):
            raise ValueError("only the first action may create or open")
        used = {label for action in self.actions for label in action.ingredients}
        if not used <= set(labels):
            raise ValueError("an action names an ingredient that is not there")
        return self

    @property
    def digital_source_type(self) -> DigitalSourceType | None:
        """The source type of the asset as a whole: the first that an action states."""
        stated = (action.digital_source_type for action in self.actions)
        return next((kind for kind in stated if kind is not None), None)

    def repeating(self, source: DigitalSourceType | None) -> Manifest:
        """The same manifest, saying itself that a source was made with AI.

        Simple readers look at the newest manifest only. What it says of its own work stays; where
        that is not AI, the first action takes the source's type.
        """
        own = self.digital_source_type
        if source is None or not source.is_ai or (own is not None and own.is_ai):
            return self
        first = self.actions[0].model_copy(update={"digital_source_type": source})
        return Manifest(**(dict(self) | {"actions": (first, *self.actions[1:])}))

    def with_ftyp(self, digest: str) -> Manifest:
        """The same manifest, holding the digest of the file's first box."""
        record = self.record.model_copy(update={"ftyp": digest})
        return self.model_copy(update={"record": record})

    def on_upstream(self, state: str) -> Manifest:
        """The same manifest for an asset that already carried credentials.

        They become the parent: what was `created` turns into `opened` and `edited`, with the
        source type repeated where simple readers look. A parent that was there becomes an input.

        Args:
            state: What is known of them: `valid`, `untrusted` or `invalid`.
        """
        parent = Ingredient(
            label=UPSTREAM, relationship=Relationship.PARENT, media_type=self.media_type
        )
        demoted = tuple(
            each.model_copy(update={"relationship": Relationship.INPUT})
            if each.relationship is Relationship.PARENT
            else each
            for each in self.ingredients
        )
        first, rest = self.actions[0], self.actions[1:]
        opened = Action(kind=ActionKind.OPENED, when=first.when, ingredients=(UPSTREAM,))
        if first.kind is ActionKind.CREATED:
            changed = first.model_copy(update={"kind": ActionKind.EDITED})
            rest = (changed, *rest)
        elif rest:
            ingredients = (*first.ingredients, *rest[0].ingredients)
            rest = (rest[0].model_copy(update={"ingredients": ingredients}), *rest[1:])
        values = dict(self)  # validated again: model_copy would not
        values |= {
            "actions": (opened, *rest),
            "ingredients": (parent, *demoted),
            "record": self.record.model_copy(update={"upstream": state}),
        }
        return Manifest(**values)

    def to_c2pa(self) -> dict[str, Any]:
        """The definition for the signing library."""
        return {
            "claim_generator_info": [overt_agent().to_c2pa()],
            "format": self.media_type,
            "assertions": [
                {"label": label, "data": data} for label, data in self._assertions().items() if data
            ],
        }

    def _assertions(self) -> Mapping[str, Any]:
        actions = [action.to_c2pa() for action in self.actions]
        consents = [entry.model_dump(mode="json", exclude_none=True) for entry in self.consents]
        disclosures = [entry.model_dump(exclude_none=True) for entry in self.disclosures]
        return {
            ACTIONS_LABEL: {"actions": actions, "allActionsIncluded": self.all_actions},
            AI_LABEL: self._ai(),
            TRAINING_LABEL: self._training(),
            SOFT_BINDING_LABEL: self.soft_bindings[0].to_c2pa() if self.soft_bindings else None,
            DISCLOSURE_LABEL: disclosures and {"disclosures": disclosures},
            CONSENT_LABEL: consents
            and _present({"records": consents, "ledger": self.consent_origin}),
            RECORD_LABEL: self.record.model_dump(mode="json", exclude_defaults=True),
        }

    def _ai(self) -> dict[str, Any] | None:
        source = self.digital_source_type
        if self.model is None or source is None or not source.is_ai:
            return None
        return _present(
            {
                "modelType": "c2pa.types.model",
                "modelName": self.model.name,
                "modelIdentifier": self.model_id,
            }
        )

    def _training(self) -> dict[str, Any] | None:
        if self.training is None:
            return None
        use = {"use": self.training.value}
        return {"entries": {"cawg.ai_generative_training": use, "cawg.ai_training": use}}


@cache
def overt_agent() -> SoftwareAgent:
    """This package as a software agent."""
    return SoftwareAgent(name="overt", version=importlib.metadata.version("overt"))


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}

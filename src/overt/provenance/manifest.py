"""Manifests: the typed values (`overt.provenance.model`) and how the line makes one.

`manifest_for` turns what a run knows into a `Manifest`. Everything that could identify a person
stays behind: file names, prompts, subjects.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeGuard

from pydantic import ValidationError

from overt.errors import StageError
from overt.measured import measured
from overt.models import Act, ConsentState, Disclosure, Extent, Media
from overt.provenance.actions import (
    Action,
    ActionKind,
    Box,
    DigitalSourceType,
    Ingredient,
    Relationship,
    SoftwareAgent,
    TimeRange,
    Training,
)
from overt.provenance.model import (
    ConsentEntry,
    DisclosureEntry,
    InputDigest,
    Manifest,
    RecordEntry,
    SoftBinding,
    overt_agent,
)
from overt.sniff import canonical

__all__ = [
    "Action",
    "ActionKind",
    "ConsentEntry",
    "DigitalSourceType",
    "DisclosureEntry",
    "Ingredient",
    "InputDigest",
    "Manifest",
    "RecordEntry",
    "Relationship",
    "SoftBinding",
    "SoftwareAgent",
    "Training",
    "manifest_for",
    "source_type_of",
]

_PIECE = 1 << 20


def source_type_of(extent: Extent) -> DigitalSourceType | None:
    """The source type that an extent of AI work calls for; none where nothing was altered."""
    if extent is Extent.WHOLLY_GENERATED:
        return DigitalSourceType.TRAINED_ALGORITHMIC
    return None if extent is Extent.NONE else DigitalSourceType.COMPOSITE_TRAINED


def manifest_for(
    media_type: str,
    *,
    act: Act,
    extent: Extent,
    tool_name: str,
    tool_version: str | None,
    disclosures: Sequence[Disclosure] = (),
    consents: Sequence[ConsentState] = (),
    decision_id: str | None = None,
    decision_index: int | None = None,
    origin: str | None = None,
    checkpoint: str | None = None,
    training: Training | None = None,
    declared_by: str | None = None,
    inputs: Sequence[Media] = (),
    references: Sequence[Media] = (),
    when: datetime,
    source_type: DigitalSourceType | None = None,
    soft_bindings: Sequence[SoftBinding] = (),
    model_id: str | None = None,
    watermark: SoftwareAgent | None = None,
) -> Manifest:
    """What one run says about its asset.

    An edit (`act` is `alter`), and with it every asset that is only declared, opens `inputs[0]` and
    edits it; `created` needs a run that generated.

    Args:
        media_type: Of the asset that will be signed.
        act: What the tool did.
        extent: How much of the asset is generated.
        tool_name: The builder's generator.
        tool_version: Its version, when known.
        disclosures: What is perceivable on the asset.
        consents: Every state the decision rested on; only valid ones are cited.
        decision_id: Opaque id of the decision.
        decision_index: Its place in the ledger.
        origin: Name of the ledger.
        checkpoint: The last checkpoint before the decision, when there is one.
        training: Overrides what follows from the `train` act of the consents.
        declared_by: `builder` or `creator`: who vouches for what was done.
        inputs: Ingredients; hand the same ones to `Embedder.sign`, in the same order.
        references: What the work was guided by or made from, and that is not in it: `inputTo`.
            Hand them to `Embedder.sign` after the inputs.
        when: The moment of the act.
        source_type: The builder's word, such as `algorithmicMedia` for a procedure without a
            model; otherwise it follows from `extent`.
        soft_bindings: Listed fingerprints or watermarks.
        model_id: Identifier of the model, such as `vendor:family:version`.
        watermark: What hid a mark in the asset whose algorithm is not on the list: stated as done,
            bound to nothing.

    Raises:
        StageError: `sign.no_parent` when an edit comes without the asset that was edited;
            `sign.manifest` when the values do not make a lawful manifest.
    """
    opens = act is Act.ALTER
    if opens and not inputs:
        raise StageError(
            "sign",
            "sign.no_parent",
            "an edit cannot be signed as an edit",
            "the asset that was edited is not among the inputs",
            "give it as the first input",
        )
    source = source_type or source_type_of(extent)
    agent = SoftwareAgent(name=tool_name, version=tool_version or None)
    try:
        around = (*inputs, *references)
        ingredients = tuple(_ingredients(around, len(inputs), opens=opens))
        return Manifest(
            media_type=canonical(media_type),
            actions=(
                *_main_actions(ingredients, source, agent, when, declared_by, opens=opens),
                *(_disclosure_action(each, when) for each in disclosures),
                *(_watermark_action(each, when) for each in (watermark,) if each),
            ),
            ingredients=ingredients,
            all_actions=not opens,
            model=agent,
            model_id=model_id,
            disclosures=tuple(_disclosure(each) for each in disclosures),
            consents=tuple(_consents(consents)),
            consent_origin=origin,
            record=RecordEntry(
                decision=decision_id,
                index=decision_index,
                origin=origin,
                checkpoint=checkpoint,
                declared_by=declared_by,
                inputs=tuple(_input_digest(m, i) for m, i in zip(around, ingredients, strict=True)),
            ),
            training=training or _training(consents),
            soft_bindings=tuple(soft_bindings),
        )
    except ValidationError as cause:
        fields = ", ".join(".".join(map(str, error["loc"])) for error in cause.errors())
        raise StageError(
            "sign", "sign.manifest", "no manifest was made", f"unlawful values: {fields}", ""
        ) from None


def _main_actions(
    ingredients: tuple[Ingredient, ...],
    source: DigitalSourceType | None,
    agent: SoftwareAgent,
    when: datetime,
    declared_by: str | None,
    *,
    opens: bool,
) -> Iterator[Action]:
    labels = tuple(ingredient.label for ingredient in ingredients)
    if not opens:
        yield Action(
            kind=ActionKind.CREATED,
            when=when,
            digital_source_type=source or DigitalSourceType.TRAINED_ALGORITHMIC,
            agent=agent,
            ingredients=labels,
        )
        return
    yield Action(kind=ActionKind.OPENED, when=when, ingredients=labels[:1])
    if source is None:
        return
    placed = tuple(i.label for i in ingredients if i.relationship is Relationship.COMPONENT)
    yield Action(
        kind=ActionKind.EDITED,
        when=when,
        digital_source_type=source,
        agent=agent,
        description=f"declared by the {declared_by}" if declared_by else None,
        ingredients=tuple(label for label in labels[1:] if label not in placed),
    )
    if placed:
        yield Action(kind=ActionKind.PLACED, when=when, agent=agent, ingredients=placed)


def _ingredients(media: Sequence[Media], inputs: int, *, opens: bool) -> Iterator[Ingredient]:
    """The first `inputs` are in the asset, where it is an edit; the rest only went into it."""
    for index, each in enumerate(media):
        relationship = Relationship.COMPONENT if opens and index < inputs else Relationship.INPUT
        if opens and index == 0:
            relationship = Relationship.PARENT
        yield Ingredient(
            label=f"input{index}",
            relationship=relationship,
            media_type=canonical(each.media_type),
        )


def _disclosure_action(disclosure: Disclosure, when: datetime) -> Action:
    kind = ActionKind.EDITED if disclosure.mode == "spoken" else ActionKind.ADDED_TEXT
    return Action(
        kind=kind,
        when=when,
        agent=overt_agent(),
        description=f"{disclosure.mode} AI disclosure ({disclosure.language})",
        regions=tuple(_regions(disclosure)),
    )


def _watermark_action(agent: SoftwareAgent, when: datetime) -> Action:
    return Action(kind=ActionKind.WATERMARKED_UNBOUND, when=when, agent=agent)


def _regions(disclosure: Disclosure) -> Iterator[Box | TimeRange]:
    """Where a disclosure is, as far as its evidence says so in the agreed keys."""
    box = disclosure.evidence.get("box")
    if isinstance(box, Sequence) and len(box) == 4 and all(_is_number(each) for each in box):
        left, top, right, bottom = (max(0, round(each)) for each in box)
        if left < right and top < bottom:
            yield Box(x=left, y=top, width=right - left, height=bottom - top)
    start, end = (disclosure.evidence.get(key) for key in ("start_s", "end_s"))
    if _is_number(start) and _is_number(end) and 0 <= start <= end:
        yield TimeRange(start=float(start), end=float(end))


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _disclosure(disclosure: Disclosure) -> DisclosureEntry:
    return DisclosureEntry(
        mode=disclosure.mode,
        language=disclosure.language,
        wording=disclosure.wording,
        text=disclosure.text,
        covers=disclosure.covers.value,
        evidence=measured(disclosure) or None,
    )


def _consents(states: Sequence[ConsentState]) -> Iterator[ConsentEntry]:
    grants: dict[str, list[ConsentState]] = {}
    for state in states:
        if state.valid and state.grant_id is not None:
            grants.setdefault(state.grant_id, []).append(state)
    for grant_id, covered in grants.items():
        yield ConsentEntry(
            id=grant_id,
            acts=tuple(sorted({state.need.act.value for state in covered})),
            sha256=covered[0].digest,
            assurance=covered[0].assurance,
        )


def _training(states: Sequence[ConsentState]) -> Training | None:
    """Allowed only where everybody who was asked about training said yes."""
    asked = [state for state in states if state.need.act is Act.TRAIN]
    if asked and all(state.valid for state in asked):
        return Training.ALLOWED
    return Training.NOT_ALLOWED if states else None


def _input_digest(media: Media, ingredient: Ingredient) -> InputDigest:
    salt = secrets.token_bytes(16)
    digest = hashlib.sha256(salt)
    if media.path is not None:
        with media.path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
    else:
        digest.update(media.read())
    return InputDigest(
        relationship=ingredient.relationship,
        media_type=ingredient.media_type,
        salt=salt.hex(),
        sha256=digest.hexdigest(),
    )

"""One declared asset through the guard's line: what `overt mark` and `overt batch` both call.

A declaration is completed by its effect's floors and checked against what the pixels say, then it
is a request like any other. Nothing here decides: a shot that changed more than declared is held
by a rule of the policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overt.asking import ingredients
from overt.effects import apart
from overt.effects.change import changed_share
from overt.effects.declaration import Declaration, declaration_of
from overt.effects.footage import footage
from overt.effects.metadata import declared_for
from overt.effects.registry import Effects
from overt.errors import ConfigError
from overt.models import Act, Decision, Extent, Media, Request, Result

if TYPE_CHECKING:
    from overt.guard import Guard

CLAIMS_LITTLE = (Extent.NONE, Extent.MINOR)
"""Extents that a comparison with the plate can prove wrong."""
_PEOPLE = ("figures", "cast", "voices")
_OF_REQUEST = ("language", "audience", "consents", "purpose", "extent", "realism", "satire",
               "covers", "tool", "country", "profiles")  # fmt: skip


def mark(
    guard: Guard,
    media: Media,
    declared: Declaration,
    *,
    destination: str | Path,
    effects: Effects | None = None,
    ticket: str | None = None,
    isolated: bool = True,
) -> Result:
    """Disclose, sign and record an existing asset as declared.

    Args:
        guard: Whose line it goes through.
        media: The asset, which is never changed.
        declared: What somebody vouches for. Its master, else its plate, becomes the parent in the
            manifest, its elements become components, references and likenesses inputs; without a
            plate the asset itself is the parent.
        destination: Where the marked copy goes.
        effects: The house's effects; those of the guard's configuration when not given.
        ticket: Of a review that approved this very request.
        isolated: Decode the asset and its plate in a process with limits before this process
            touches them (I10). Only who already is such a process says no.

    Raises:
        NotCleared: See `Guard.prepare`.
        StageError: See `Guard.finish`; or the shot and its plate cannot be compared.
        ConfigError: A plate or an element is missing, an effect is not registered, or it is
            declared as a master.
    """
    request = request_for(guard, media, declared, effects, isolated=isolated)
    return guard.mark(media, request, destination=destination, ticket=ticket)


def check(
    guard: Guard,
    media: Media,
    declared: Declaration,
    *,
    effects: Effects | None = None,
    isolated: bool = True,
) -> Decision:
    """What `mark` would be decided as now; nothing is made and nothing recorded."""
    return guard.check(request_for(guard, media, declared, effects, isolated=isolated))


def request_for(
    guard: Guard,
    media: Media,
    declared: Declaration,
    effects: Effects | None = None,
    *,
    isolated: bool = True,
) -> Request:
    """The request that stands for a declared asset."""
    if declared.delivery == "master":
        raise ConfigError(
            "effects.is_master",
            "this asset is declared as a master",
            "a label would be burnt into it",
            "sign it with `overt effects master`, or declare a deliverable",
        )
    declared = (effects or registered(guard)).applied(declared)
    request = surrounded(guard, media, declared, parent=media)
    plate = compared_with(declared)
    if isolated:
        measured = apart.look(media, plate)
    else:
        measured = None if plate is None else changed_share(footage(plate), media)
    return request.model_copy(update={"measured_change": measured})


def surrounded(guard: Guard, media: Media, declared: Declaration, *, parent: Media) -> Request:
    """The request of a declaration, with the files that it names.

    Args:
        guard: Knows people by name.
        media: What is declared, for its media type.
        declared: With its effect's floors.
        parent: What was edited, where the declaration names nothing.
    """
    request = declared.request(media, guard.subject)
    parents = tuple(_parents(declared)) or (parent,)
    update: dict[str, Any] = {
        "act": Act.ALTER,
        "inputs": (*parents, *ingredients([*declared.elements])),
        "guides": ingredients([*declared.references]),
        "references": ingredients([*declared.likenesses]),
    }
    return request.model_copy(update=update)


def registered(guard: Guard) -> Effects:
    """The effects of a guard's house.

    Raises:
        ConfigError: `effects.registry`: the file is broken.
    """
    config = guard._parts.config
    own = config.effects.registry
    return Effects.load(None if own is None else config.path(own))


def compared_with(declared: Declaration) -> Path | None:
    """What the pixels are held against: the plate, where little is claimed to have changed."""
    if declared.extent not in CLAIMS_LITTLE:
        return None
    return declared.plate or declared.master


def fields_for(guard: Guard, output: Path) -> dict[str, Any]:
    """Fields of a request that production metadata has for an output which is still to be made.

    Only what the metadata says is among them, so that code may lay its own word over it.

    Raises:
        ConfigError: The metadata is broken, or names a file or an effect that is not there.
    """
    declared = registered(guard).applied(
        declaration_of(declared_for(output), "the declaration beside the output")
    )
    said = declared.model_fields_set
    every = declared.fields(guard.subject)
    fields = {name: every[name] for name in _OF_REQUEST if name in said}
    fields["context"] = every["context"]
    if said & set(_PEOPLE):
        fields |= {"subjects": every["subjects"], "stock_voice": every["stock_voice"]}
    if "by" in said:
        fields["declared_by"] = declared.by
    parents = tuple(_parents(declared))
    if parents:
        fields["inputs"] = (*parents, *ingredients([*declared.elements]))
    fields["guides"] = ingredients([*declared.references])
    fields["references"] = ingredients([*declared.likenesses])
    return fields


def _parents(declared: Declaration) -> Iterator[Media]:
    """The one parent that is another file: the master's manifest, else the plate.

    Of a plate of frames its first stands for all; who wants each of them bound signs the sequence
    as a master.
    """
    if declared.master is not None:
        yield Media(media_type="text/plain", path=declared.master)
    elif declared.plate is not None:
        yield footage(declared.plate).media

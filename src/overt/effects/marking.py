"""One declared asset through the guard's line: what `overt mark` and `overt batch` both call.

A declaration is completed by its effect's floors and checked against what the pixels say, then it
is a request like any other. Nothing here decides: a shot that changed more than declared is held
by a rule of the policy.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from overt.asking import ingredients
from overt.effects.change import changed_share
from overt.effects.declaration import Declaration
from overt.effects.registry import Effects
from overt.models import Act, Decision, Extent, Media, Request, Result

if TYPE_CHECKING:
    from overt.guard import Guard

_CLAIMS_LITTLE = (Extent.NONE, Extent.MINOR)


def mark(
    guard: Guard,
    media: Media,
    declared: Declaration,
    *,
    destination: str | Path,
    effects: Effects | None = None,
    ticket: str | None = None,
) -> Result:
    """Disclose, sign and record an existing asset as declared.

    Args:
        guard: Whose line it goes through.
        media: The asset, which is never changed.
        declared: What somebody vouches for. Its plate becomes the parent in the manifest, its
            elements become components; without a plate the asset itself is the parent.
        destination: Where the marked copy goes.
        effects: The house's effects; the packaged ones when not given.
        ticket: Of a review that approved this very request.

    Raises:
        NotCleared: See `Guard.prepare`.
        StageError: See `Guard.finish`; or the shot and its plate cannot be compared.
        ConfigError: A plate or an element is missing, or an effect is not registered.
    """
    request = request_for(guard, media, declared, effects)
    return guard.mark(media, request, destination=destination, ticket=ticket)


def check(
    guard: Guard, media: Media, declared: Declaration, *, effects: Effects | None = None
) -> Decision:
    """What `mark` would be decided as now; nothing is made and nothing recorded."""
    return guard.check(request_for(guard, media, declared, effects))


def request_for(
    guard: Guard, media: Media, declared: Declaration, effects: Effects | None = None
) -> Request:
    """The request that stands for a declared asset."""
    declared = (effects or Effects.load()).applied(declared)
    request = declared.request(media, guard.subject)
    plates = ingredients(declared.plate) if declared.plate is not None else (media,)
    inputs = (*plates, *ingredients([*declared.elements]))
    measured = None
    if declared.plate is not None and declared.extent in _CLAIMS_LITTLE:
        measured = changed_share(plates[0], media)
    return request.model_copy(
        update={"act": Act.ALTER, "inputs": inputs, "measured_change": measured}
    )

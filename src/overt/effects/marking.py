"""One declared asset through the guard's line: what `overt mark` and `overt batch` both call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from overt.effects.declaration import Declaration
from overt.models import Decision, Media, Result

if TYPE_CHECKING:
    from overt.guard import Guard


def mark(
    guard: Guard,
    media: Media,
    declared: Declaration,
    *,
    destination: str | Path,
    ticket: str | None = None,
) -> Result:
    """Disclose, sign and record an existing asset as declared.

    Args:
        guard: Whose line it goes through.
        media: The asset, which is never changed.
        declared: What somebody vouches for.
        destination: Where the marked copy goes.
        ticket: Of a review that approved this very request.

    Raises:
        NotCleared: See `Guard.prepare`.
        StageError: See `Guard.finish`.
    """
    request = declared.request(media, guard.subject)
    return guard.mark(media, request, destination=destination, ticket=ticket)


def check(guard: Guard, media: Media, declared: Declaration) -> Decision:
    """What `mark` would be decided as now; nothing is made and nothing recorded."""
    request = declared.request(media, guard.subject)
    return guard.check(request.model_copy(update={"inputs": request.inputs or (media,)}))

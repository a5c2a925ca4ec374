"""What a cleared tool made is screened like what it was asked for, before it is disclosed.

A clearance is for what was asked. Text that comes out may say something else, and an edit may have
changed more than was claimed of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from overt import recording
from overt.clearance import Clearance
from overt.deciding import decide
from overt.errors import Refused
from overt.models import Act, Extent, Media, Modality, Outcome, Request

if TYPE_CHECKING:
    from overt.parts import Parts


def screen(parts: Parts, clearance: Clearance, media: Media) -> None:
    """Text that comes out is looked at like text that goes in, and pixels at what was claimed.

    Raises:
        NotCleared: The policy does not clear it; the run is closed as `quarantined`.
    """
    request = clearance.request
    text = text_of(media)
    if text and text.strip():
        _look_again(parts, clearance, request.model_copy(update={"prompt": text}))
    measured = _measured_change(request, media)
    if measured is not None:
        understood = request.model_copy(update={"measured_change": measured})
        _look_again(parts, clearance, understood)


def text_of(media: Media) -> str | None:
    """What an output says, for screening and for its language: its text, or its transcript."""
    if media.modality is not Modality.TEXT:
        return media.transcript
    if media.media_type == "application/pdf":
        from overt.disclosure.pdf import text_in

        return "\n".join((media.transcript or "", text_in(media.read()))).strip()
    return media.read().decode("utf-8", "replace")


def _measured_change(request: Request, media: Media) -> float | None:
    """Share of the picture that an edit changed, where it claims little and was not measured yet.

    Raises:
        StageError: The plate or the output cannot be decoded.
    """
    little = request.act is Act.ALTER and request.extent in (Extent.NONE, Extent.MINOR)
    if not little or request.measured_change is not None or not request.inputs:
        return None
    plate = request.inputs[0]
    if plate == media:
        return None
    from overt.effects.change import changed_share

    return changed_share(plate, media)


def _look_again(parts: Parts, clearance: Clearance, request: Request) -> None:
    """Decide on what came out; an approval that cleared the run covers the same rules here."""
    view = parts.judge.look(request)
    decision, ruling, case = parts.database.read(
        lambda tx: decide(parts, tx, view, stage="output", approved=clearance.approved)
    )
    if decision.outcome.clears:
        return
    if decision.outcome is not Outcome.REVIEW or request.measured_change is None:
        raise Refused(decision)
    raise parts.database.write(
        lambda tx: recording.hold_output(parts, tx, decision, ruling, case, clearance)
    )

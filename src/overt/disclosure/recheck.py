"""Measures somebody's claim against a file: are these disclosures really on it?

`Renderer.disclose` proves its own work in the same way. Here the claim comes from elsewhere: a
record, a manifest, a partner. Nothing in the evidence is believed but the places; contrast,
likeness and loudness are measured again, and then compared with the plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overt.disclosure import ffmpeg
from overt.disclosure.check import compare
from overt.disclosure.facts import Facts, examine
from overt.disclosure.placing import Placed
from overt.disclosure.planning import DisclosurePlan, Spoken
from overt.disclosure.render import Renderer
from overt.disclosure.text import says
from overt.models import Disclosure, Media
from overt.ports import Speaker


def recheck(
    media: Media,
    plan: DisclosurePlan,
    disclosures: Sequence[Disclosure],
    *,
    renderer: Renderer | None = None,
    name: str | None = None,
    speaker: Speaker | None = None,
) -> tuple[Disclosure, ...]:
    """Measure the claimed disclosures on the file and compare them with the plan.

    Args:
        media: The finished file.
        plan: What is owed on it.
        disclosures: What is claimed to be on it, with the places in the evidence.
        renderer: The one that drew the labels, where fonts or wordings were the builder's.
        name: The figure's name, where the label shows it.
        speaker: The builder's own voice, where it spoke.

    Returns:
        The disclosures with what was measured.

    Raises:
        StageError: Something that is owed is not on the file, or falls short.
    """
    facts = examine(media, declared=media.media_type)
    renderer = renderer or Renderer()
    measured = []
    for one in disclosures:
        found: Mapping[str, Any] = {}
        if one.mode == "visible":
            found = _seen(media, facts, plan, one, renderer, name)
        elif one.mode == "spoken":
            found = _heard(media, facts, plan, one, speaker)
        elif one.mode == "text" and facts.media_type == "application/pdf":
            found = _printed(media, plan, one, renderer, name)
        elif one.mode == "text":
            text = renderer.lettering.filled(one.wording, one.language, one.text, name)
            found = {"found": _written(media, facts, text)}
        measured.append(one.model_copy(update={"evidence": {**one.evidence, **found}}))
    compare(plan, measured)
    return tuple(measured)


def _seen(
    media: Media,
    facts: Facts,
    plan: DisclosurePlan,
    one: Disclosure,
    renderer: Renderer,
    name: str | None,
) -> dict[str, float]:
    """Draw the label that is owed and look for it at the claimed place."""
    nothing = {"contrast": 0.0, "match": 0.0}
    box = tuple(int(edge) for edge in one.evidence.get("box", ()))
    size = tuple(int(edge) for edge in one.evidence.get("size", ()))
    drawing = facts.media_type == "image/svg+xml"  # measured on a canvas of its own
    if len(box) != 4 or len(size) != 2 or not (drawing or size == (facts.width, facts.height)):
        return nothing  # letters are sized by the picture, not by what is claimed of it
    below = bool(one.evidence.get("strip")) and box[3] == size[1]
    shown = _above(media, facts, one, (size[0], box[1])) if below else (size[0], size[1])
    art = renderer.lettering.artist(plan, name)(shown, (box[2] - box[0], box[3] - box[1]))
    if art is None or art.image.size != (box[2] - box[0], box[3] - box[1]):
        return nothing
    placed = Placed((box[0], box[1], box[2], box[3]), (size[0], size[1]), False, art)
    if facts.has_video:
        from overt.disclosure.video import check_pictures

        with ffmpeg.as_file(media) as path:
            return check_pictures(path, facts, placed, plan.profile)
    from overt.disclosure.looking import check_image

    return check_image(media.read(), facts.media_type, placed)


def _above(media: Media, facts: Facts, one: Disclosure, whole: tuple[int, int]) -> tuple[int, int]:
    """Size of the picture above a strip, by which the strip's letters are sized.

    A picture narrower than the canvas is believed where the canvas beside it is black.
    """
    claimed = one.evidence.get("picture")
    narrow = claimed[0] if isinstance(claimed, list | tuple) and len(claimed) == 2 else 0
    if not isinstance(narrow, int) or not 0 < narrow < whole[0] or facts.has_video:
        return whole
    from overt.disclosure.looking import is_black_beside

    black = is_black_beside(media.read(), facts.media_type, narrow, whole)
    return (narrow, whole[1]) if black else whole


def _printed(
    media: Media, plan: DisclosurePlan, one: Disclosure, renderer: Renderer, name: str | None
) -> dict[str, float]:
    """Draw the lines that are owed and look for them on the first page of a document."""
    from overt.disclosure.pdf import check_pdf, lettered

    nothing = {"contrast": 0.0, "match": 0.0, "found": 0.0}
    box = tuple(int(edge) for edge in one.evidence.get("box", ()))
    size = tuple(int(edge) for edge in one.evidence.get("size", ()))
    if len(box) != 4 or len(size) != 2:
        return nothing
    room = (box[2] - box[0], box[3] - box[1])
    artist = renderer.lettering.artist(renderer.lettering.printed(plan), name)
    art = lettered(artist)((size[0], size[1]), room)
    if art is None or art.image.size != room:
        return nothing
    placed = Placed((box[0], box[1], box[2], box[3]), (size[0], size[1]), False, art)
    return check_pdf(media.read(), placed)


def _heard(
    media: Media, facts: Facts, plan: DisclosurePlan, one: Disclosure, speaker: Speaker | None
) -> dict[str, float]:
    """Speak the sentence that is owed and listen for it at the claimed place."""
    from overt.disclosure.audio import Heard, check_sound
    from overt.disclosure.speech import notice_for
    from overt.disclosure.video import check_notice

    nothing = {"match": 0.0, "lufs": -99.0}
    spoken = _owed(plan, one)
    if spoken is None or not facts.has_audio:
        return nothing
    start = float(one.evidence.get("start_s", 0.0))
    end = float(one.evidence.get("end_s", start + 5.0))
    heard = Heard(notice_for(spoken, speaker), start, end, -18.0, -18.0)
    if not facts.has_video and "format" in facts.detail:
        return check_sound(media, heard)
    with ffmpeg.as_file(media) as path:
        return check_notice(path, facts, heard)


def _owed(plan: DisclosurePlan, one: Disclosure) -> Spoken | None:
    for spoken in plan.spoken:
        if one.text == spoken.text or one.evidence.get("instead_of") == spoken.language:
            return spoken
    return None


def _written(media: Media, facts: Facts, text: str) -> bool:
    if not facts.has_video:
        return says(media.read(), facts.media_type, text)
    from overt.disclosure.video import caption_text

    with ffmpeg.as_file(media) as path:
        tracks = range(int(facts.detail.get("text_tracks", 0)))
        return any(text in caption_text(path, at) for at in tracks)

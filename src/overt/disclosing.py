"""What is owed on an output is planned and put on it; it is proved when the file is finished."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from overt.clearance import Clearance
from overt.models import Act, Covers, DeclaredBy, FindingKind, Media, Modality, Request, Role
from overt.rescreening import text_of

if TYPE_CHECKING:
    from overt.disclosure import Content, Facts, Rendered
    from overt.parts import Parts
    from overt.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Disclosed:
    """An output as the tool made it, and with its disclosures on it: still to be proved."""

    original: Media
    rendered: Rendered
    watermarked: bool = False


def disclose(parts: Parts, clearance: Clearance, media: Media, work: Workspace) -> Disclosed:
    """Decode the output whole, plan what is owed, and put it on.

    Raises:
        StageError: The output is not what was declared, or the plan cannot be carried out.
    """
    from overt.disclosure import examine, plan
    from overt.disclosure.profiles import added

    request = clearance.request
    facts = examine(media, declared=request.media_type)
    text = text_of(media)
    languages = clearance.languages
    if media.language or text:  # the output itself tells better than the prompt did
        languages = parts.judge.languages(request, media, text)
    planned = plan(
        content(clearance, facts),
        clearance.decision.obligations,
        (*parts.config.disclosure.profiles, *added(request.profiles)),
        languages,
        catalogue=parts.renderer.catalogue,
        speaks=parts.renderer.speaks,
    )
    rendered = parts.renderer.render(
        media,
        planned,
        name=parts.judge.people.depicted(request, clearance.decision),
        facts=facts,
        work=None if media.path is None and not facts.has_video else work.folder,
        look=parts.config.lookup.fingerprints,
    )
    return _watermarked(parts, clearance, Disclosed(media, rendered))


def content(clearance: Clearance, facts: Facts) -> Content:
    """What the output is, as far as it matters for what is owed on it."""
    from overt.disclosure import Content

    request, decision = clearance.request, clearance.decision
    edited = request.act is Act.ALTER
    wordings = {one.wording for one in decision.obligations}
    figures = [
        one.figure.role
        for one in decision.findings
        if one.kind is FindingKind.FIGURE and one.figure is not None
    ]
    shown = {Role.DEPICTED, Role.VOICED, Role.AUTHORED}
    return Content(
        media_type=request.media_type,
        facts=facts,
        extent=request.extent,
        realism=request.realism,
        covers=request.covers or Covers.WHOLE,
        figure=bool(shown & set(figures)) or any(s.figure_id for s in request.subjects),
        satire=request.satire or "satire_label" in wordings,
        authorised_voice="authorized_voice_label" in wordings,
        synthetic_audio=facts.has_audio and _speaks(request),
        synthetic_video=facts.has_video or request.modality is Modality.IMAGE,
        edited_real=edited,
        declared_by=DeclaredBy(request.declared_by),
    )


def _speaks(request: Request) -> bool:
    """Whether the sound is synthetic: an edit of a video leaves it real, unless it says `voice`."""
    edited = request.act is Act.ALTER
    return not edited or request.modality is Modality.AUDIO or request.covers is Covers.VOICE


def _watermarked(parts: Parts, clearance: Clearance, one: Disclosed) -> Disclosed:
    """The same with a hidden mark, where one is wanted and the picture holds it.

    What it looks like is measured anew, and the label is proved on the file that carries the mark.
    """
    if parts.watermarker is None or one.rendered.media.modality is not Modality.IMAGE:
        return one
    from overt.watermarking import marked

    media = marked(one.rendered.media, parts.watermarker, clearance.decision.id)
    if media is None:
        return one
    return Disclosed(one.original, replace(one.rendered, media=media, looks=None), watermarked=True)

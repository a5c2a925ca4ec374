"""Which questions to put to the consent store before deciding.

Asking is broader than demanding: a record that no rule demands can still let a picture pass in a
silence period. Whether a missing record stops anything is the rules' business.
"""

from __future__ import annotations

from collections.abc import Sequence

from overt.models import (
    Act,
    ConsentNeed,
    Cue,
    Extent,
    Finding,
    Intent,
    Modality,
    Purpose,
    Request,
    Role,
)
from overt.policy.facts import Facts, gather
from overt.policy.subjects import Person, VoiceKind, people

_POLITICAL = (Purpose.CAMPAIGN, Purpose.POLITICAL)


def consent_needs(
    request: Request,
    findings: Sequence[Finding],
    *,
    voice: VoiceKind,
    languages: Sequence[str],
) -> tuple[ConsentNeed, ...]:
    """One need for each subject and act, in a fixed order.

    A need's purpose is the builder's. What a prompt reveals can only narrow it: an endorsement
    needs a record for endorsements, whatever the general purpose says.

    Args:
        request: What is asked, the person behind a granted voice among its subjects.
        findings: What the screens saw.
        voice: Whose voice the tool speaks with.
        languages: BCP 47 tags of the content.
    """
    facts = gather(request, findings)
    purpose = _purpose(request, facts)
    digests = tuple(reference.digest() for reference in request.references)
    needs: list[ConsentNeed] = []
    for person in people(request, findings, voice=voice):
        if not _concerns(person, request, facts):
            continue
        acts = [request.act] + ([Act.REPLICA_CREATE] if digests and person.shown else [])
        needs.extend(
            ConsentNeed(
                subject_id=person.id,
                figure_id=person.figure_id,
                act=act,
                modalities=_modalities(person, request),
                purpose=purpose,
                extent=request.extent,
                languages=tuple(languages),
                country=request.country,
                context=request.context,
                references=digests,
                only=request.consents,
            )
            for act in acts
        )
    return tuple(needs)


def _concerns(person: Person, request: Request, facts: Facts) -> bool:
    if person.declared:
        return True
    if request.extent in (Extent.NONE, Extent.MINOR) and not facts.certain | facts.possible:
        return False
    used = person.shown or person.role is Role.AUTHORED
    if Intent.ENDORSEMENT in facts.certain | facts.possible:
        used = True
    return used and not person.weak


def _purpose(request: Request, facts: Facts) -> Purpose:
    if Intent.ENDORSEMENT in facts.certain | facts.possible:
        if Cue.POLITICAL in facts.cues:
            return request.purpose if request.purpose in _POLITICAL else Purpose.POLITICAL
        return Purpose.FINANCIAL if Cue.FINANCIAL in facts.cues else Purpose.ADVERTISING
    if request.purpose is not Purpose.GENERAL:
        return request.purpose
    harms = facts.certain | facts.possible
    if Cue.OWN_NOTICE in facts.cues or Intent.OFFICIAL_IMPERSONATION in harms:
        return Purpose.PUBLIC_NOTICE
    if Cue.CAMPAIGN in facts.cues:
        return Purpose.CAMPAIGN
    return Purpose.GENERAL


def _modalities(person: Person, request: Request) -> tuple[str, ...]:
    """What of the person is used, in the words of a grant."""
    declared = next(
        (s.modalities for s in request.subjects if person.id in (s.id, s.figure_id)), ()
    )
    if declared:
        return tuple(sorted(declared))
    match request.modality:
        case Modality.AUDIO:
            return ("voice",)
        case Modality.IMAGE:
            return ("face",)
        case Modality.VIDEO:
            return ("face", "voice") if person.role is Role.VOICED else ("face",)
        case _:
            return ("name",)

"""Short ways to say who and what a policy test is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from overt.models import (
    Act,
    Assurance,
    ConsentNeed,
    ConsentState,
    ElectionStatus,
    FigureRef,
    Finding,
    FindingKind,
    MatchKind,
    Modality,
    Outcome,
    Request,
    Role,
    Strength,
)
from overt.policy import ActorHistory, Bundle, Case, Ruling, VoiceKind, build_case, decide

MEDIA = {"image": "image/png", "audio": "audio/wav", "video": "video/mp4", "text": "text/plain"}


def request_for(modality: str = "image", **fields: Any) -> Request:
    return Request(prompt="…", media_type=MEDIA[modality], **fields)


def figure(
    role: Role = Role.DEPICTED,
    *,
    id: str = "q:leader",
    country: tuple[str, ...] = ("SK",),
    kind: str = "party_leader",
    weak: bool = False,
    span: tuple[int, int] | None = None,
    dead_since: int | None = None,
) -> Finding:
    return Finding(
        kind=FindingKind.FIGURE,
        code=id,
        score=0.95,
        span=span,
        strength=Strength.WEAK if weak else Strength.STRONG,
        figure=FigureRef(
            id=id,
            name="A Name",
            kind=kind,
            country=country,
            match=MatchKind.EXACT,
            role=role,
            dead_since=dead_since,
        ),
    )


def intent(code: str, score: float = 0.9) -> Finding:
    return Finding(kind=FindingKind.INTENT, code=code, score=score)


def signal(code: str, score: float = 0.9) -> Finding:
    return Finding(kind=FindingKind.SIGNAL, code=code, score=score)


def cue(code: str, *evidence: str) -> Finding:
    return Finding(kind=FindingKind.CUE, code=code, score=0.9, evidence=evidence)


def evasion(strength: Strength) -> Finding:
    return Finding(kind=FindingKind.EVASION, code="spacing", score=0.9, strength=strength)


def consent(
    subject: str = "q:leader",
    code: str = "consent.valid",
    *,
    act: Act = Act.GENERATE,
    assurance: Assurance | None = Assurance.COUNTERSIGNED,
    public: bool = True,
    **fields: Any,
) -> ConsentState:
    needs = {key: fields.pop(key) for key in ("purpose", "modalities") if key in fields}
    return ConsentState(
        need=ConsentNeed(
            subject_id=subject, figure_id=subject if public else None, act=act, **needs
        ),
        code=code,
        assurance=assurance if code == "consent.valid" else None,
        **fields,
    )


def case_of(
    findings: list[Finding],
    modality: str = "image",
    *,
    consents: list[ConsentState] | None = None,
    election: ElectionStatus | None = None,
    actor: ActorHistory | None = None,
    voice: VoiceKind | None = None,
    language: str = "en",
    request: Request | None = None,
    **fields: Any,
) -> Case:
    asked = request or request_for(modality, **fields)
    stock = VoiceKind.STOCK if asked.modality is Modality.AUDIO else VoiceKind.NONE
    return build_case(
        asked,
        findings,
        consents or [],
        election,
        actor or ActorHistory(),
        voice=voice or stock,
        language=language,
    )


def ruling_of(findings: list[Finding], modality: str = "image", **fields: Any) -> Ruling:
    return decide(case_of(findings, modality, **fields), Bundle.packaged())


def outcome_of(findings: list[Finding], modality: str = "image", **fields: Any) -> Outcome:
    return ruling_of(findings, modality, **fields).outcome


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 21, 12, tzinfo=UTC)

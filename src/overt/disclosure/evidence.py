"""What was measured on the finished file, as disclosures for the manifest and the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overt.disclosure.planning import DisclosurePlan
from overt.models import Disclosure


def worth_checking(heard: Sequence[Any]) -> list[int]:
    """The first and the last time that each sentence is heard."""
    first: dict[tuple[str, str], int] = {}
    last: dict[tuple[str, str], int] = {}
    for at, one in enumerate(heard):
        key = (one.notice.language, one.notice.text)
        first.setdefault(key, at)
        last[key] = at
    return sorted({*first.values(), *last.values()})


def spoken_evidence(
    plan: DisclosurePlan,
    heard: Sequence[Any],
    measured: Mapping[int, Mapping[str, float]],
    channel: str,
) -> list[Disclosure]:
    """One disclosure a sentence, with every time it is heard."""
    shown: list[Disclosure] = []
    for at, spoken in enumerate(plan.spoken):
        own = [k for k in range(len(heard)) if k % len(plan.spoken) == at]
        if not own:
            continue
        notice = heard[own[0]].notice
        found = [measured[k] for k in own if k in measured]
        evidence: dict[str, Any] = {
            "start_s": round(heard[own[0]].start_s, 3),
            "end_s": round(heard[own[0]].end_s, 3),
            "starts_s": [round(heard[k].start_s, 3) for k in own],
            "match": min(one["match"] for one in found),
            "lufs": found[0]["lufs"],
            "programme_lufs": _finite(heard[own[0]].programme_lufs),
            "channel": channel,
            "engine": notice.engine,
            "voice": notice.voice,
            "licence": notice.licence,
            "review": spoken.review,
        }
        if notice.cer is not None:
            evidence["cer"] = notice.cer
        if notice.heard_by is not None:
            evidence["voice_review"] = notice.heard_by
        if notice.earcon:
            evidence["instead_of"] = spoken.language
        shown.append(
            Disclosure(
                mode="spoken",
                language=notice.language,
                wording=notice.key if notice.earcon else spoken.key,
                text=notice.text,
                covers=plan.covers,
                evidence=evidence,
            )
        )
    return shown


def _finite(value: float) -> float | None:
    return round(value, 1) if value > -200 else None

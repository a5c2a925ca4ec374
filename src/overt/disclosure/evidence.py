"""What was measured on the finished file, as disclosures for the manifest and the ledger."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from overt.disclosure.lettering import needed_ink
from overt.disclosure.planning import DisclosurePlan, Visible
from overt.models import Disclosure

if TYPE_CHECKING:
    from overt.disclosure.placing import Placed


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


def visible_evidence(
    plan: DisclosurePlan,
    placed: Placed,
    found: Mapping[str, float],
    named: Container[Visible],
    duration_s: float | None,
) -> list[Disclosure]:
    """One disclosure a line of the label. The name itself is not in it: the template is.

    Args:
        plan: What was owed.
        placed: Where the label is.
        found: What was measured there, as far as it was.
        named: The lines that the name is drawn in.
        duration_s: Seconds that a video lasts; none for a picture.
    """
    evidence: dict[str, Any] = {
        "box": list(placed.box),
        "size": list(placed.size),
        "ink_px": placed.art.ink_px,
        "ink_needed_px": 0 if placed.strip else needed_ink(plan, placed.size),
        "fonts": list(placed.art.fonts),
        "strip": placed.strip,
        **({"picture": list(placed.picture)} if placed.picture else {}),
        **found,
    }
    if duration_s is not None:
        evidence["start_s"], evidence["end_s"] = _span(plan, duration_s)
    return [
        Disclosure(
            mode="visible",
            language=line.language,
            wording=line.key,
            text=line.text,
            covers=plan.covers,
            evidence={
                **evidence,
                "review": line.review,
                **({"named": line in named} if "{name}" in line.text else {}),
            },
        )
        for line in plan.visible
    ]


def text_evidence(plan: DisclosurePlan, found: bool) -> list[Disclosure]:
    """One disclosure a line of text."""
    return [
        Disclosure(
            mode="text",
            language=line.language,
            wording=line.key,
            text=line.text,
            covers=plan.covers,
            evidence={"found": found, "review": line.review},
        )
        for line in plan.text
    ]


def _span(plan: DisclosurePlan, duration_s: float) -> tuple[float, float]:
    """When the label is seen: all the time, the first seconds, or on the card after the end."""
    rules = plan.profile
    if rules.end_card_s:
        return round(duration_s, 3), round(duration_s + rules.end_card_s, 3)
    shown = duration_s if rules.visible_whole else min(duration_s, max(2.0, rules.visible_min_s))
    return 0.0, round(shown, 3)


def _finite(value: float) -> float | None:
    return round(value, 1) if value > -200 else None

"""What the findings of a request amount to: harms, signals, realism, satire, evasion.

The builder's word (`realism`, `satire`, `purpose`) stands as it is. An end user's words may make
a request stricter; they soften it only where the rules say so (a drawing, a staged parody), and
never against a wish in the same prompt that it pass as real or go unlabelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from overt.models import (
    CERTAIN,
    POSSIBLE,
    Cue,
    Finding,
    FindingKind,
    Modality,
    Purpose,
    Realism,
    Request,
    Signal,
    Strength,
)

_STYLE_OF_WORDS = frozenset({"stylised", "poem", "verse", "song", "text"})
"""Evidence for `stylised` that need not change how a voice sounds: a song can be sung in a real
voice. In sound only other evidence counts, such as `cartoon`, or the cue `staged`."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Findings of the whole request, summed up."""

    certain: frozenset[str]
    possible: frozenset[str]
    signals: frozenset[str]
    cues: frozenset[str]
    evasion: str
    figures: str
    realism: Realism
    staged: bool
    satire: str

    @property
    def realistic(self) -> bool:
        """Whether the result could be taken for a recording."""
        return self.realism is not Realism.STYLISED and not self.staged


def gather(request: Request, findings: Sequence[Finding]) -> Facts:
    """Sum up the findings; their order does not matter."""
    intents = _best(findings, FindingKind.INTENT)
    signals = _best(findings, FindingKind.SIGNAL)
    cues = frozenset(_best(findings, FindingKind.CUE))
    passes_as_real = bool(cues & {Cue.REALISTIC, Cue.CONCEAL})
    stylised = Cue.STYLISED in cues and _changes_the_look(request.modality, findings)
    realism = _realism(request, stylised=stylised, real=passes_as_real)
    return Facts(
        certain=frozenset(code for code, score in intents.items() if score >= CERTAIN),
        possible=frozenset(code for code, score in intents.items() if score < CERTAIN),
        signals=frozenset(code for code, score in signals.items() if score >= CERTAIN),
        cues=cues,
        evasion=_strongest(findings, FindingKind.EVASION),
        figures=_strongest(findings, FindingKind.FIGURE),
        realism=realism,
        staged=(Cue.STAGED in cues and not passes_as_real and request.realism is None),
        satire=_satire(request, signals.get(Signal.SATIRE, 0.0), hides=Cue.CONCEAL in cues),
    )


def _best(findings: Sequence[Finding], kind: FindingKind) -> dict[str, float]:
    best: dict[str, float] = {}
    for finding in findings:
        if finding.kind is kind and finding.score >= POSSIBLE:
            best[str(finding.code)] = max(finding.score, best.get(finding.code, 0.0))
    return best


def _strongest(findings: Sequence[Finding], kind: FindingKind) -> str:
    strengths = {finding.strength for finding in findings if finding.kind is kind}
    if Strength.STRONG in strengths:
        return "strong"
    return "weak" if strengths else "none"


def _changes_the_look(modality: Modality, findings: Sequence[Finding]) -> bool:
    """Whether the style asked for is one that people see or hear in this medium."""
    if modality is not Modality.AUDIO:
        return True
    return any(
        set(finding.evidence) - _STYLE_OF_WORDS
        for finding in findings
        if finding.kind is FindingKind.CUE and finding.code == Cue.STYLISED
    )


def _realism(request: Request, *, stylised: bool, real: bool) -> Realism:
    if request.realism is not None:
        return request.realism
    if real:
        return Realism.PHOTOREAL
    if stylised:
        return Realism.STYLISED
    moving = request.modality in (Modality.AUDIO, Modality.VIDEO)
    return Realism.PHOTOREAL if moving else Realism.AMBIGUOUS


def _satire(request: Request, score: float, *, hides: bool) -> str:
    if hides:
        return "none"  # what asks to go unlabelled does not announce itself
    if request.satire or request.purpose is Purpose.SATIRE or score >= CERTAIN:
        return "announced"
    return "hinted" if score >= POSSIBLE else "none"

from __future__ import annotations

from collections.abc import Callable

import pytest

from overt.models import Finding, FindingKind, Modality, ScreenContext
from overt.screening import PromptScreen

Look = Callable[..., "Seen"]


class Seen:
    """Findings of one text, by kind."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings

    def of(self, kind: FindingKind) -> set[str]:
        return {f.code for f in self.findings if f.kind is kind}

    @property
    def certain(self) -> set[str]:
        return {f.code for f in self.findings if f.kind is FindingKind.INTENT and f.score >= 0.8}

    @property
    def harms(self) -> set[str]:
        return self.of(FindingKind.INTENT)

    @property
    def figures(self) -> dict[str, Finding]:
        return {f.figure.name: f for f in self.findings if f.figure is not None}

    @property
    def strong(self) -> set[str]:
        return {
            f.figure.name
            for f in self.findings
            if f.figure is not None and f.strength.value == "strong"
        }

    @property
    def cues(self) -> set[str]:
        return self.of(FindingKind.CUE)

    @property
    def signals(self) -> set[str]:
        return self.of(FindingKind.SIGNAL)

    @property
    def evasions(self) -> dict[str, str]:
        return {f.code: f.strength.value for f in self.findings if f.kind is FindingKind.EVASION}


@pytest.fixture(scope="session")
def screen() -> PromptScreen:
    return PromptScreen.bundled(intent_model=False)


@pytest.fixture(scope="session")
def look(screen: PromptScreen) -> Look:
    def _look(text: str, modality: str = "image", **context: str) -> Seen:
        return Seen(screen.screen(text, ScreenContext(modality=Modality(modality), **context)))

    return _look

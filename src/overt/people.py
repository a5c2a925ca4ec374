"""Whose voice it is, and names for the caller's own eyes.

Private names live in this process's memory only, for `guard.reveal`, and only as long as there is
room; nothing here is written anywhere.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from overt.models import Modality, Request, Role, ScreenContext, Strength, Subject

if TYPE_CHECKING:
    from overt.models import Decision
    from overt.policy import VoiceKind
    from overt.screening import PromptScreen

_REMEMBERED = 10_000


class People:
    """The `[voices]` table, the registry's names and the names seen in requests.

    Args:
        voices: Voice id to `stock` or `grant:<id>`; `default` stands for a missing id.
    """

    def __init__(self, voices: Mapping[str, str], screen: PromptScreen) -> None:
        self._voices, self._screen = dict(voices), screen
        self._names: OrderedDict[str, str] = OrderedDict()

    def voice_of(self, request: Request) -> tuple[VoiceKind, str | None]:
        """How the request's voice is vouched for, and the grant that it is tied to.

        An unknown voice needs consent, for the script alone never tells whose voice it is.
        """
        from overt.policy import VoiceKind

        if request.modality is not Modality.AUDIO and request.voice is None:
            return VoiceKind.NONE, None
        if request.stock_voice:
            return VoiceKind.STOCK, None
        said = self._voices.get(request.voice or "default")
        if said == "stock":
            return VoiceKind.STOCK, None
        if said is not None:
            return VoiceKind.GRANTED, said.removeprefix("grant:")
        return VoiceKind.UNKNOWN, None

    def remember(self, subjects: Sequence[Subject]) -> None:
        """Keep names for `reveal`, the oldest forgotten first."""
        for subject in subjects:
            if subject.name:
                self._names[subject.id] = subject.name
                self._names.move_to_end(subject.id)
        while len(self._names) > _REMEMBERED:
            self._names.popitem(last=False)

    def subject(self, name: str) -> Subject:
        """A subject from a name: the public figure of that name, else a private person.

        The id of a private person is random, so that nothing about the name can be told from it.
        """
        context = ScreenContext(modality=Modality.IMAGE)
        matches = [
            one
            for one in self._screen.screen(name, context)
            if one.figure is not None and one.span == (0, len(name))
        ]
        if matches:
            best = max(matches, key=lambda one: one.score)
            return Subject(id=best.code, name=name, figure_id=best.code)
        subject = Subject(id=f"person:{secrets.token_hex(8)}", name=name)
        self.remember([subject])
        return subject

    def reveal(self, subject_id: str) -> str | None:
        """The name behind an id: from this process's requests, else from the registry."""
        return self._names.get(subject_id) or self._screen.name_of(subject_id)

    def depicted(self, request: Request, decision: Decision) -> str | None:
        """The name a disclosure may show: of whoever is depicted, declared or voiced."""
        shown = (Role.DEPICTED, Role.VOICED, Role.AUTHORED)
        # Who is surely meant comes before who may be.
        for finding in sorted(decision.findings, key=lambda one: one.strength is Strength.WEAK):
            if finding.figure is not None and finding.figure.role in shown:
                return finding.figure.name
        for subject in request.subjects:
            if subject.figure_id or subject.name:
                return subject.name or self._screen.name_of(subject.figure_id or subject.id)
        figures = (one.need.figure_id for one in decision.consents if one.valid)
        return next((self._screen.name_of(one) for one in figures if one), None)

"""Looks at a request and decides on it; touches no database and no media.

::

    look()    request -> findings, languages, voice, election phase   (screens, calendar)
    decide()  what was seen + consent states + the actor's history -> Decision   (policy)

A guard puts the consent states in between, inside the transaction that records the decision. The
command line's `overt screen` puts none there, so it works without a database.
"""

from __future__ import annotations

import logging
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from overt.config import GuardConfig
from overt.errors import OvertError, StageError
from overt.log import event
from overt.models import (
    Act,
    ConsentNeed,
    ConsentState,
    Decision,
    ElectionStatus,
    Finding,
    FindingKind,
    Media,
    Modality,
    Request,
    ScreenContext,
    Subject,
    utc_now,
)

if TYPE_CHECKING:
    from overt.people import People
    from overt.policy import ActorHistory, Bundle, Case, Ruling, VoiceKind
    from overt.policy.elections import Calendar
    from overt.policy.live import LivePolicy
    from overt.ports import Clock, Screen

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that is known of a request before anything is decided.

    Args:
        grant: Id of the consent record that the voice is tied to, where it is.
    """

    request: Request
    at: datetime
    findings: tuple[Finding, ...]
    languages: tuple[str, ...]
    voice: VoiceKind
    grant: str | None
    election: ElectionStatus | None
    bundle: Bundle
    """The policy that this request is decided by, whatever is loaded meanwhile."""

    def needs(self, voiced: Subject | None = None) -> tuple[ConsentNeed, ...]:
        """The questions for the consent store, with whose voice the grant says it is."""
        from overt.policy import consent_needs

        return tuple(
            consent_needs(
                self.about(voiced), self.findings, voice=self.voice, languages=self.languages
            )
        )

    def about(self, voiced: Subject | None) -> Request:
        """The request with the person behind its voice, as the grant tells, among its subjects."""
        if voiced is None:
            return self.request
        return self.request.model_copy(update={"subjects": (*self.request.subjects, voiced)})


@dataclass(slots=True, kw_only=True)
class Judge:
    """Screens, calendar and policy of one configuration."""

    config: GuardConfig
    screens: Sequence[Screen]
    registry_digest: str
    policy: LivePolicy
    calendar: Calendar
    people: People
    clock: Clock = utc_now

    def look(self, request: Request, *, of: str = "prompt") -> View:
        """Everything that can be known without the database.

        Args:
            request: What is asked; where words that came out are looked at, they are its prompt.
            of: `prompt` or `output`: whose words they are, for errors.

        Raises:
            StageError: The words are none or too many, or a screen failed.
        """
        self._check_words(request, of)
        findings = self._screened(request)
        voice, grant = self.people.voice_of(request)
        self.people.remember(request.subjects)
        at, election = self._moment(request, findings)
        return View(
            request=request,
            at=at,
            findings=findings,
            languages=self.languages(request),
            voice=voice,
            grant=grant,
            election=election,
            bundle=self.policy.current(),
        )

    def decide(
        self,
        view: View,
        states: Sequence[ConsentState],
        actor: ActorHistory,
        *,
        stage: str = "request",
        approved: frozenset[str] = frozenset(),
        voiced: Subject | None = None,
    ) -> tuple[Decision, Ruling, Case]:
        """Apply the policy. A pure function of its arguments and the bundle, but for the new id.

        Args:
            view: What was seen.
            states: What the consent store answered to the view's needs.
            actor: What is known of whoever asks.
            stage: `request`, or `output` for text that came out.
            approved: Ids of the rules that a reviewer's approval names.
            voiced: Whose voice it is, where a grant tells.
        """
        from overt.policy import build_case, decide

        case = build_case(
            view.about(voiced),
            view.findings,
            states,
            view.election,
            actor,
            voice=view.voice,
            language=view.languages[0],
            stage=stage,
        )
        ruling = decide(case, view.bundle, approved=approved)
        decision = Decision(
            id=secrets.token_hex(16),
            outcome=ruling.outcome,
            reasons=ruling.reasons,
            obligations=ruling.obligations,
            rules=ruling.rules,
            findings=view.findings,
            language=view.languages[0],
            election=view.election,
            consents=tuple(states),
            policy=view.bundle.digest,
            registry=self.registry_digest,
            at=view.at,
        )
        return decision, ruling, case

    def advise(self, request: Request) -> Decision:
        """Look and decide as if no consent record existed and nobody had asked before."""
        from overt.policy import ActorHistory

        view = self.look(request)
        states = [ConsentState(need=need, code="consent.absent") for need in view.needs()]
        return self.decide(view, states, ActorHistory())[0]

    def languages(
        self, request: Request, media: Media | None = None, transcript: str | None = None
    ) -> tuple[str, ...]:
        """Languages of the content, best first; never empty."""
        from overt.language import choose

        declared = request.language or (media.language if media else None)
        if transcript is None and request.modality is Modality.AUDIO:
            transcript = request.prompt  # what a speech tool is given is what it says
        chosen = choose(
            declared=declared,
            voice=request.voice,
            transcript=transcript,
            prompt=request.prompt,
            audience=request.audience or self.config.disclosure.audience,
        )
        if chosen.warning is not None and request.prompt.strip():
            event(_LOG, "language.warning", logging.WARNING, code=chosen.warning)
        return chosen.languages

    def _check_words(self, request: Request, of: str) -> None:
        asked = of == "prompt"
        if request.act is Act.GENERATE and not _visible(request.prompt):
            todo = "say what to make" if asked else "have the tool write something"
            raise StageError("screen", f"{of}.empty", f"the {of} is empty", todo=todo)
        limit = self.config.limits.prompt_chars
        if len(request.prompt) > limit:
            shorten = "shorten it" if asked else "have the tool write less"
            raise StageError(
                "screen",
                f"{of}.too_long",
                f"the {of} is too long" if asked else "the text of the output is too long",
                f"more than {limit} characters",
                f"{shorten}, or raise limits.prompt_chars",
            )

    def _screened(self, request: Request) -> tuple[Finding, ...]:
        context = ScreenContext(
            modality=request.modality, language=request.language, country=request.country
        )
        found: list[Finding] = []
        for screen in self.screens:
            try:
                found.extend(screen.screen(request.prompt, context))
                continue
            except OvertError:
                raise
            except Exception as error:
                cause = type(error).__name__
            # Outside its handler: a foreign error may quote the prompt, so ours leads to none.
            raise StageError(
                "screen",
                "screen.failed",
                "a screen could not do its work",
                cause,
                "see its own log, or take it out",
            )
        return tuple(sorted(found, key=_place))

    def _moment(
        self, request: Request, findings: Sequence[Finding]
    ) -> tuple[datetime, ElectionStatus | None]:
        """When the request counts, and the election phase of its country then.

        Which country's it is, and which one's of several, is the calendar's to say.
        """
        at = request.at or self.clock()
        status = self.calendar.for_request(request, findings, (request.language or "",), at)
        if status is None:
            return (at if at.tzinfo else at.replace(tzinfo=UTC)), None
        return status.at, status


def _visible(text: str) -> bool:
    """Whether anything in it can be seen: spaces, controls and zero-width signs cannot."""
    return any(unicodedata.category(char)[0] not in "CZ" for char in text)


def _place(finding: Finding) -> tuple[int, int, str, str]:
    start, end = finding.span or (0, 0)
    kinds = list(FindingKind)
    return start, end, str(kinds.index(finding.kind)), finding.code

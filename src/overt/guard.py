"""The line, readable top to bottom: look, decide, [the user's tool], disclose, sign, record.

::

    prepare()   request -> screens -> policy + consent + election phase -> Clearance
    finish()    Clearance + media -> disclose -> sign -> read back -> record -> Result

Each step is a module: `deciding`, `rescreening`, `disclosing`, `signing`, `closing`, `workspace`.
`finish()` needs a `Clearance` and only `prepare()` makes one, so nothing unscreened can be signed.
Both ends are plain synchronous code; only the hole between them is sync or async. Every stage
fails closed: what raises releases nothing.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from overt import ambient, closing, deciding, disclosing, rescreening, signing, workspace
from overt.clearance import Clearance, request_digest
from overt.context import Context, entered
from overt.errors import NotCleared, OvertError
from overt.models import Act, Decision, Media, Record, Request, Result, Subject
from overt.timing import Stopwatch

if TYPE_CHECKING:
    from overt.config import GuardConfig
    from overt.parts import Parts
    from overt.ports import Speaker
    from overt.wrap import Attached, Wrapper

Tool = Callable[[Request], "Media | Sequence[Media]"]
AsyncTool = Callable[[Request], Awaitable["Media | Sequence[Media]"]]


class Guard:
    """Wraps generation tools so that nothing leaves them unscreened, undisclosed or unrecorded.

    Made by `Guard.open("overt.toml")`, by `Guard.ephemeral()` for a notebook, or from `Parts`
    that a builder put together. It is safe to use from several threads.

    Example:
        >>> from overt import Guard, Refused
        >>> guard = Guard.ephemeral()
        >>> guard.check_prompt("a lighthouse at dusk", "image/png").outcome.value
        'allow'
        >>> guard.close()
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    @classmethod
    def open(
        cls, config: str | Path | GuardConfig = "overt.toml", *, speaker: Speaker | None = None
    ) -> Self:
        """Build a guard, loudly.

        Args:
            config: The configuration, or its file.
            speaker: The builder's own voice; it speaks the notices of its languages.

        Raises:
            ConfigError: Anything it needs is missing, broken, expired or does not fit together.
        """
        from overt.config import GuardConfig, load_config
        from overt.parts import build

        loaded = config if isinstance(config, GuardConfig) else load_config(config)
        return cls(build(loaded, speaker=speaker))

    @classmethod
    def ephemeral(cls, **settings: Any) -> Self:
        """A guard with a test identity in a temporary folder that goes when it is closed.

        Args:
            settings: Sections of `GuardConfig`, such as `voices={"v1": "stock"}`.
        """
        from overt.parts import build_ephemeral

        return cls(build_ephemeral(settings))

    def close(self) -> None:
        """End the database's writer and remove what was temporary."""
        self._parts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- the line ----------------------------------------------------------------------------

    def check(self, request: Request) -> Decision:
        """What would be decided now; nothing is recorded and nothing authorised.

        Raises:
            StageError: A screen or a store failed, so that there is no answer.
        """
        parts = self._parts
        parts.watch.refresh()
        view = parts.judge.look(ambient.applied(request))
        return parts.database.read(lambda tx: deciding.decide(parts, tx, view)[0])

    def check_prompt(self, prompt: str, media_type: str, **fields: Any) -> Decision:
        """`check()` for the short case: `guard.check_prompt("…", "image/png", country="SK")`."""
        return self.check(Request(prompt=prompt, media_type=media_type, **fields))

    def prepare(self, request: Request, *, ticket: str | None = None) -> Clearance:
        """Screen and decide, and record the decision whatever it is (I3).

        Args:
            request: What is to be made.
            ticket: Of a review that approved this very request. It is decided again now, and the
                approval covers only the rules that it names (I7).

        Raises:
            Refused: The policy says no.
            ConsentRequired: An act lacks a consent record.
            HeldForReview: A person decides first.
            StageError: A stage failed; nothing was recorded and nothing may be made.
        """
        parts, watch = self._parts, Stopwatch()
        parts.watch.refresh()
        with watch("screen"):
            view = parts.judge.look(ambient.applied(request))
        with watch("decide"):
            salt = secrets.token_bytes(32)
            digest = request_digest(view.request, salt)  # reads plates: outside the transaction
            answer = parts.database.write(
                lambda tx: deciding.settle(parts, tx, view, salt, digest, ticket)
            )
        answer.elapsed_ms.update(watch.elapsed_ms, prepare=watch.total_ms())
        if isinstance(answer, NotCleared):
            raise answer
        return answer

    def finish(
        self, clearance: Clearance, media: Media, *, destination: str | Path | None = None
    ) -> Result:
        """Disclose, sign, read back and record one output of a cleared run.

        Args:
            clearance: From `prepare()`; used up by this call, whatever comes of it.
            media: What the tool made. It is decoded whole before any work is done on it.
            destination: Put the finished file there, in one step, after it is recorded.

        Raises:
            StageError: The output is not what was declared, or a stage failed. Nothing is
                released; the ledger has a `failed` or `quarantined` entry.
            NotCleared: The output's own words are not cleared by the policy: `Refused`,
                `ConsentRequired`, or `HeldForReview` with a ticket, as in `prepare()`.
        """
        targets = None if destination is None else [Path(destination)]
        return self.finish_all(clearance, [media], destinations=targets)[0]

    def finish_all(
        self,
        clearance: Clearance,
        outputs: Sequence[Media],
        *,
        destinations: Sequence[Path] | None = None,
    ) -> list[Result]:
        """`finish()` for a tool that returns several outputs: all of them leave, or none."""
        parts, watch = self._parts, Stopwatch()
        claim = closing.look_again(parts, clearance)
        with (
            closing.failing_closed(parts, clearance),
            workspace.workspace(outputs, destinations) as work,
        ):
            with watch("disclose"):
                # Each output has a clearance of its own: with what its own words owe.
                cleared = [rescreening.screen(parts, clearance, media) for media in outputs]
                disclosed = [
                    disclosing.disclose(parts, own, media, work)
                    for own, media in zip(cleared, outputs, strict=True)
                ]
            with watch("sign"):
                signed = [
                    signing.sign(parts, own, claim, one, work)
                    for own, one in zip(cleared, disclosed, strict=True)
                ]
            with watch("record"):  # clearance and consents count in this transaction
                found = {rule for own in cleared for rule in own.decision.rules}
                record = closing.record(parts, clearance, claim, signed, found)
            delivered = work.deliver(signed)
        elapsed = {**clearance.elapsed_ms, **watch.elapsed_ms, "finish": watch.total_ms()}
        results = [
            closing.result(own, one, media, record, elapsed)
            for own, one, media in zip(cleared, signed, delivered, strict=True)
        ]
        for result in results:
            result._distribute = self._release_result
        return results

    def run(self, request: Request, tool: Tool, *, destination: str | Path | None = None) -> Result:
        """The whole line around `tool`, which gets the request and returns its media.

        Raises:
            NotCleared: See `prepare()`; the tool was not called.
            StageError: See `finish()`.
            Exception: Whatever the tool raises passes through; the ledger says `failed`.
        """
        targets = None if destination is None else [Path(destination)]
        return self.run_all(request, tool, destinations=targets)[0]

    def run_all(
        self,
        request: Request,
        tool: Tool,
        *,
        destinations: Sequence[Path] | None = None,
        ticket: str | None = None,
    ) -> list[Result]:
        """`run()` for a tool that returns several outputs, or after a review."""
        workspace.check_writable(destinations)
        clearance = self.prepare(request, ticket=ticket)
        watch = Stopwatch()
        try:
            media = tool(clearance.request)
        except BaseException as error:
            self.abandon(clearance, error)
            raise
        clearance.elapsed_ms["tool"] = watch.total_ms()
        return self.finish_all(clearance, _listed(media), destinations=destinations)

    async def arun(
        self,
        request: Request,
        tool: AsyncTool,
        *,
        destinations: Sequence[Path] | None = None,
        ticket: str | None = None,
    ) -> list[Result]:
        """`run_all()` around an async tool; both ends run in threads."""
        workspace.check_writable(destinations)
        clearance = await asyncio.to_thread(self.prepare, request, ticket=ticket)
        watch = Stopwatch()
        try:
            media = await tool(clearance.request)
        except BaseException as error:
            await asyncio.shield(asyncio.to_thread(self.abandon, clearance, error))
            raise
        clearance.elapsed_ms["tool"] = watch.total_ms()
        return await asyncio.to_thread(
            self.finish_all, clearance, _listed(media), destinations=destinations
        )

    def wait(self, ticket: str, timeout: float) -> str:
        """Wait until a person has decided a ticket, for at most `timeout` seconds.

        Returns:
            `approved`, `denied` or `expired`; `open` or `claimed` when nobody has decided within
            the time, which is no answer: nothing may be made of it.
        """
        return self._parts.queue().wait(ticket, timeout)

    def abandon(self, clearance: Clearance, error: BaseException | None = None) -> None:
        """Close a clearance whose tool failed, with a `failed` entry."""
        code = error.code if isinstance(error, OvertError) else "tool.raised"
        closing.close(self._parts, clearance, "failed", code)

    def mark(
        self,
        media: Media,
        request: Request,
        *,
        destination: str | Path,
        ticket: str | None = None,
    ) -> Result:
        """Disclose, sign and record an existing asset as opened and edited (I10).

        Args:
            media: The asset, which is never changed.
            request: What is declared of it; its `act` is `alter` and its first input the asset.
            destination: Where the marked copy goes.
            ticket: Of a review that approved this very request.
        """
        inputs = request.inputs or (media,)
        declared = request.model_copy(update={"act": Act.ALTER, "inputs": inputs})
        return self.run_all(
            declared, lambda _: media, destinations=[Path(destination)], ticket=ticket
        )[0]

    def release_for(
        self, asset: Result | Media, *, channel: str, country: str | None = None
    ) -> Record:
        """The second authorisation: may a released asset leave the house through this channel?

        Everybody whose consent the making relied on is asked again for the act `distribute`.

        Raises:
            NotCleared: It may not leave; the decision says why, and is recorded.
            StageError: The asset is not one that this installation released.
        """
        from overt.distribution import release_for

        media = asset.media if isinstance(asset, Result) else asset
        return release_for(self._parts, media.digest(), media.media_type, channel, country=country)

    def _release_result(self, result: Result, channel: str) -> Record:
        return self.release_for(result, channel=channel)

    @property
    def policy_digest(self) -> str:
        """Digest of the bundle that decides here now."""
        return self._parts.judge.policy.current().digest

    @property
    def output_limit(self) -> int:
        """Bytes that one output may come to."""
        return self._parts.config.limits.output_mb << 20

    # --- three spellings of run() --------------------------------------------------------------

    def wrap(self, **how: Any) -> Wrapper:
        """Decorate a generator; see `overt.wrap.Wrapper` for the arguments.

        Raises:
            ConfigError: A parameter name is wrong, or an audio tool's voice is nobody's and
                nobody vouches for it.
        """
        from overt.wrap import Wrapper

        return Wrapper(self, **how)

    def attach(self, target: object, **how: Any) -> Attached:
        """Guard one method of an object: `guard.attach(pipe, call="render", prompt="note")`.

        Raises:
            ConfigError: See `wrap()`.
        """
        from overt.wrap import Attached

        return Attached(self, target, **how)

    def session(
        self, *, consents: Sequence[str] = (), actor: str | None = None, **context: str
    ) -> AbstractContextManager[None]:
        """What holds for many calls: a production, its operator, the records it relies on."""
        return ambient.entered(
            ambient.Ambient(consents=tuple(consents), actor=actor, context=context)
        )

    def context(
        self,
        *,
        subjects: Sequence[Subject] = (),
        consents: Sequence[str] = (),
        country: str | None = None,
        actor: str | None = None,
        **context: str,
    ) -> AbstractContextManager[Context]:
        """What holds for one call; inside it, `ctx.screen(revised)` looks at a rewritten prompt."""
        return entered(
            self,
            ambient.Ambient(
                subjects=tuple(subjects),
                consents=tuple(consents),
                country=country,
                actor=actor,
                context=context,
            ),
        )

    def subject(self, name: str) -> Subject:
        """A subject from a name: the public figure of that name, else a private person."""
        return self._parts.judge.people.subject(name)

    def reveal(self, subject_id: str) -> str | None:
        """The name behind an opaque id, for the caller's own eyes; none when it is not known."""
        return self._parts.judge.people.reveal(subject_id)


def _listed(media: Media | Sequence[Media]) -> list[Media]:
    return [media] if isinstance(media, Media) else list(media)

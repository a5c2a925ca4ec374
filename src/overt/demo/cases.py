"""The situations of the demo: what is asked, by which tool, and what came of it.

The generators are stand-ins from `examples/`; everything else is the product. The demo's folder
holds a configuration and a test identity of its own, so its files can be verified afterwards.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Self

from overt.clearance import Clearance
from overt.command import CommandTool
from overt.errors import NotCleared, StageError
from overt.guard import Guard
from overt.models import Act, Disclosure, Extent, Media, Request, Result
from overt.tables import examples_path
from overt.timing import Stopwatch

IMRAN_KHAN = "Q155164"
VOICE = "imran-khan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What came of one situation; `files` are relative to the demo's folder."""

    id: str
    title: str
    prompt: str
    outcome: str
    reasons: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    language: str = ""
    disclosures: tuple[Disclosure, ...] = ()
    manifest: str = ""
    entry: int | None = None
    files: tuple[str, ...] = ()
    elapsed_ms: Mapping[str, float] = field(default_factory=dict)
    """Of the stages that ran, and of `prepare` and `finish`, the guard's two halves."""


class Demo:
    """A guard with a test identity in `out`, and the situations it meets."""

    def __init__(self, out: Path) -> None:
        from overt.config import load_config
        from overt.setup import initialise

        self.out = out
        out.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(out / ".overt", ignore_errors=True)
        (out / "overt.toml").unlink(missing_ok=True)
        initialise(out)
        shutil.copyfile(out / ".overt" / "identity" / "root.pem", out / "root.pem")
        self._config = load_config(out / "overt.toml")
        self._guard = Guard.open(self._config)
        self._tools = _load_generators()
        self.cases: list[Callable[[], Row]] = [
            self.picture,
            self.picture_in_hindi,
            self.french_speech,
            *([self.command] if shutil.which("espeak-ng") else []),
            self.new_hampshire,
            self.slovakia,
            self.pakistan_without_record,
            self.pakistan_speech,
            self.pakistan_video,
            self.satire,
            self.effect,
            self.truncated,
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._guard.close()

    # --- ordinary work -------------------------------------------------------------------------

    def picture(self) -> Row:
        """An ordinary picture."""
        request = _request("A lighthouse above rolling hills at dusk, oil on canvas", "image/png")
        return self._shown("picture-en", "An ordinary picture", request, "picture-en.png")

    def picture_in_hindi(self) -> Row:
        """The label follows the language of the prompt."""
        request = _request("सुबह की रोशनी में पहाड़ियों के बीच एक शांत गाँव का चित्र", "image/png")
        return self._shown("picture-hi", "A prompt in another language", request, "picture-hi.png")

    def french_speech(self) -> Row:
        """Speech by a stock voice: the notice is spoken before it, in its language."""
        request = _request(
            "Bonjour, ici la mairie. La bibliothèque municipale ouvrira samedi à dix heures.",
            "audio/wav",
            language="fr",
            stock_voice=True,
        )
        return self._run(
            "speech-fr",
            "Speech in French",
            request,
            lambda _: self._tools.speech("speech-fr.ogg", pitch=1.02),
            "speech-fr.wav",
        )

    def command(self) -> Row:
        """Any command-line generator, here espeak-ng where it is installed."""
        request = _request(
            "Dobrý deň, knižnica bude v sobotu otvorená od desiatej hodiny.",
            "audio/wav",
            language="sk",
            stock_voice=True,
            tool="espeak-ng",
        )
        tool = CommandTool("espeak-ng -v sk -w {out} -- {prompt}", time_limit_s=60)
        return self._run(
            "command-sk",
            "A command-line generator",
            request,
            lambda one: tool(one).read(),
            "command-sk.wav",
        )

    # --- harm ----------------------------------------------------------------------------------

    def new_hampshire(self) -> Row:
        """January 2024: voters were called by a fake president."""
        request = _request(
            "Robocall to New Hampshire voters in Joe Biden's voice: what a bunch of malarkey, "
            "stay home on Tuesday and save your vote for November.",
            "audio/wav",
            country="US",
            at=datetime.fromisoformat("2024-01-21T12:00"),
            voice="unlisted",
        )
        return self._run("new-hampshire", "The New Hampshire call", request, _never, "nh.wav")

    def slovakia(self) -> Row:
        """September 2023: a party leader "buying votes", inside the silence period."""
        request = _request(
            "Realistická nahrávka telefonátu, v ktorom Michal Šimečka hovorí o kupovaní hlasov "
            "pred voľbami",
            "audio/wav",
            country="SK",
            at=datetime.fromisoformat("2023-09-28T12:00"),
            voice="unlisted",
        )
        return self._run("slovakia", "The Slovak recording", request, _never, "sk.wav")

    # --- an authorised voice ----------------------------------------------------------------

    def pakistan_without_record(self) -> Row:
        """Words in a prompt never count as consent."""
        return self._run(
            "pakistan-no-record",
            "Imran Khan's voice, no record",
            _speech_in_urdu(),
            _never,
            "x.wav",
        )

    def pakistan_speech(self) -> Row:
        """The same with a record under a campaign mandate: made, and told in Urdu."""
        self._grant()
        return self._run(
            "pakistan-speech",
            "Imran Khan's voice, with a record",
            _speech_in_urdu(),
            lambda _: self._tools.speech("speech-ur.ogg", pitch=0.97),
            "pakistan.wav",
        )

    def pakistan_video(self) -> Row:
        """As a video, where ffmpeg is there: spoken and shown in Urdu; else as a still."""
        ffmpeg = _ffmpeg()
        if ffmpeg is None:
            request = _speech_in_urdu("image/png")
            return self._shown("pakistan-still", "The same, as a still", request, "pakistan.png")
        request = _speech_in_urdu("video/mp4")

        def tool(request: Request) -> bytes:
            still = self._tools.drawing(request.prompt)
            sound = self._tools.speech("speech-ur.ogg", pitch=0.97)
            return bytes(self._tools.talking_still(still, sound, ffmpeg))

        return self._run("pakistan-video", "The same, as a video", request, tool, "pakistan.mp4")

    # --- satire, effects, failure ----------------------------------------------------------------

    def satire(self) -> Row:
        """A drawing that says what it is: made, with the satire label."""
        request = _request(
            "Satirical cartoon of Giorgia Meloni juggling pizzas on a unicycle, ink caricature",
            "image/png",
        )
        return self._run(
            "satire",
            "Satire of a head of government",
            request,
            lambda one: self._tools.drawing(one.prompt),
            "satire.png",
        )

    def effect(self) -> Row:
        """An in-house effect: the photo is the parent, the actions are opened and edited."""
        plate = Media(media_type="image/jpeg", data=self._tools.photograph())
        request = _request(
            "warm vignette look on the plate",
            "image/jpeg",
            act=Act.ALTER,
            extent=Extent.SIGNIFICANT,
            inputs=(plate,),
            language="en",
            tool="House Vignette",
        )
        return self._run(
            "effect",
            "An in-house effect on a photo",
            request,
            lambda one: self._tools.vignette(one.inputs[0].read()),
            "effect.jpg",
        )

    def truncated(self) -> Row:
        """A tool that dies while it writes: nothing appears at the output path."""
        request = _request("a quiet harbour in the morning", "image/png")
        return self._run(
            "truncated",
            "A tool that writes half a file",
            request,
            lambda one: self._tools.truncated(one.prompt),
            "truncated.png",
        )

    # --- how a situation runs --------------------------------------------------------------------

    def _shown(self, id_: str, title: str, request: Request, name: str) -> Row:
        return self._run(id_, title, request, lambda one: self._tools.picture(one.prompt), name)

    def _run(
        self,
        id_: str,
        title: str,
        request: Request,
        tool: Callable[[Request], bytes],
        name: str,
    ) -> Row:
        target = self.out / name
        target.unlink(missing_ok=True)
        try:
            clearance = self._guard.prepare(request)
        except NotCleared as error:
            return _refused(id_, title, request, error)
        watch = Stopwatch()  # the two halves of `Guard.run`, so that a failure can be told in full
        try:
            with watch("tool"):
                made = Media(media_type=request.media_type, data=tool(clearance.request))
        except BaseException as error:
            self._guard.abandon(clearance, error)
            raise
        clearance.elapsed_ms.update(watch.elapsed_ms)
        try:
            with watch("finish"):
                result = self._guard.finish(clearance, made, destination=target)
        except StageError as error:
            clearance.elapsed_ms.update(watch.elapsed_ms)
            return _failed(id_, title, clearance, error, self._closing(clearance))
        return _made(id_, title, request, result, name)

    def _closing(self, clearance: Clearance) -> int:
        """Index of the entry that a run ended with."""
        parts = self._guard._parts
        return parts.database.read(lambda tx: parts.ledger.find(tx, clearance.id))[-1].index

    def _grant(self) -> None:
        """Store a record under a campaign mandate and tie the voice to it."""
        from overt.demo.mandate import campaign_mandate

        self._guard.close()
        grant_id, trusted = campaign_mandate(self.out, self._config, figure_id=IMRAN_KHAN)
        consent = self._config.consent.model_copy(
            update={
                "trust": self._config.consent.trust.model_copy(update={"registrars": (trusted,)})
            }
        )
        voices = {**self._config.voices, VOICE: f"grant:{grant_id}"}
        self._config = self._config.model_copy(update={"consent": consent, "voices": voices})
        self._guard = Guard.open(self._config)


def _request(prompt: str, media_type: str, **fields: Any) -> Request:
    return Request(prompt=prompt, media_type=media_type, **{"tool": "stand-in generator", **fields})


def _speech_in_urdu(media_type: str = "audio/wav") -> Request:
    """The script of an authorised campaign speech."""
    return _request(
        "عمران خان کی اجازت سے ان کی آواز میں پیغام: میرے پاکستانیو، السلام علیکم۔ "
        "آٹھ فروری کو گھروں سے نکلیں اور اپنا ووٹ ضرور ڈالیں۔",
        media_type,
        voice=VOICE,
        purpose="campaign",
        country="PK",
        at=datetime.fromisoformat("2023-12-17T20:00"),
    )


def _never(_: Request) -> bytes:
    raise AssertionError("the tool ran although the request was not cleared")


def _made(id_: str, title: str, request: Request, result: Result, name: str) -> Row:
    decision = result.decision
    return Row(
        id=id_,
        title=title,
        prompt=request.prompt,
        outcome=decision.outcome.value,
        reasons=tuple(one.code for one in decision.reasons),
        messages=tuple(one.message for one in decision.reasons),
        language=decision.language,
        disclosures=result.disclosures,
        manifest=result.manifest.label,
        entry=result.record.index,
        files=(name,),
        elapsed_ms=result.elapsed_ms,
    )


def _refused(id_: str, title: str, request: Request, error: NotCleared) -> Row:
    decision = error.decision
    return Row(
        id=id_,
        title=title,
        prompt=request.prompt,
        outcome=decision.outcome.value,
        reasons=tuple(one.code for one in decision.reasons),
        messages=tuple(one.message for one in decision.reasons),
        language=decision.language,
        entry=decision.index,
        elapsed_ms=error.elapsed_ms,
    )


def _failed(id_: str, title: str, clearance: Clearance, error: StageError, entry: int) -> Row:
    elapsed = dict(clearance.elapsed_ms)
    if error.stage in ("tool", "disclose"):  # finishing ended in its first stage, where it decodes
        elapsed["disclose"] = elapsed["finish"]
    return Row(
        id=id_,
        title=title,
        prompt=clearance.request.prompt,
        outcome="error",
        reasons=(error.code,),
        messages=(str(error),),
        language=clearance.decision.language,
        entry=entry,
        elapsed_ms=elapsed,
    )


def _load_generators() -> ModuleType:
    """The stand-ins, from the examples folder: they are not part of the package."""
    path = examples_path("generators.py")
    spec = importlib.util.spec_from_file_location("overt_example_generators", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _ffmpeg() -> str | None:
    """The user's ffmpeg, else the one of the `video` extra."""
    from overt.disclosure.ffmpeg import program

    try:
        return program()
    except StageError:
        return None

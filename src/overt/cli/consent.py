r"""`overt consent`: ask for, give, countersign, revoke, show, hand out, verify and forget records.

The first steps, with the test identity of `overt init` as the registrar::

    overt consent request --subject actor-7 --act generate --modality voice --purpose film \
        --use "Scene 12 as in the script of 1 February" -o request.json
    overt consent grant request.json --key actor-7.pem --countersign
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit, moment

if TYPE_CHECKING:
    from overt.cli.stores import Stores

app = typer.Typer(
    name="consent", help="Consent records: ask, give, revoke, prove, forget.", no_args_is_help=True
)

Many = list[str] | None
OutOption = Annotated[Path | None, typer.Option("-o", "--output", help="Where it is written.")]
ByOption = Annotated[str, typer.Option(help="subject, grantor, registrar or grantee.")]


@app.command()
def request(
    subject: Annotated[str, typer.Option(help="Your opaque id of the person, or a figure's id.")],
    act: Annotated[list[str], typer.Option(help="generate, alter, distribute, train, ...")],
    modality: Annotated[list[str], typer.Option(help="voice, face, body, name, ...")],
    purpose: Annotated[list[str], typer.Option(help="film, campaign, dubbing, ...")],
    use: Annotated[str, typer.Option(help="The intended use, reasonably specific.")],
    out: Annotated[Path, typer.Option("-o", "--output", help="Where the request goes.")],
    name: Annotated[str | None, typer.Option(help="The person's name; sealed when stored.")] = None,
    figure: Annotated[str | None, typer.Option(help="Registry id of a public figure.")] = None,
    status: Annotated[str, typer.Option(help="living, minor, unreachable, ...")] = "living",
    grantor: Annotated[str | None, typer.Option(help="Id of who gives it, if another.")] = None,
    grantor_kind: Annotated[str, typer.Option(help="person, org, union, estate, ...")] = "person",
    basis: Annotated[str, typer.Option(help="self, campaign_mandate, guardian, ...")] = "self",
    evidence: Annotated[Many, typer.Option(help="KIND:FILE, such as signed_document:a.pdf")] = None,
    grantee: Annotated[Many, typer.Option(help="Who may rely on it; anybody if none.")] = None,
    language: Annotated[Many, typer.Option(help="BCP 47; any if none.")] = None,
    territory: Annotated[Many, typer.Option(help="ISO 3166-1; any if none.")] = None,
    channel: Annotated[Many, typer.Option(help="For distribute; nowhere if none.")] = None,
    not_before: Annotated[str | None, typer.Option(help="ISO 8601; now if none.")] = None,
    not_after: Annotated[str | None, typer.Option(help="ISO 8601, exclusive.")] = None,
    max_uses: Annotated[int | None, typer.Option(help="Runs that may be released.")] = None,
    disclose_in: Annotated[str | None, typer.Option(help="Language of the disclosure.")] = None,
    disclose: Annotated[Many, typer.Option(help="spoken, visible or text.")] = None,
    jurisdiction: Annotated[str, typer.Option(help="Law that it is given under.")] = "unstated",
) -> None:
    """Write a request that can be read, and signed offline with `overt consent grant`."""
    disclosure = None if disclose_in is None else {"language": disclose_in, "modes": disclose or ()}
    _write_request(
        out,
        subject={
            "id": subject,
            "name": name,
            "status": status,
            "figure_ids": (figure,) if figure else (),
        },
        grantor=None if grantor is None else {"id": grantor, "kind": grantor_kind},
        basis=basis,
        acts=act,
        evidence=evidence or (),
        not_before=_aware(not_before),
        not_after=_aware(not_after),
        record={"grantees": tuple(grantee or ("*",)), "jurisdiction": jurisdiction},
        modalities=tuple(modality),
        purposes=tuple(purpose),
        intended_use=use,
        languages=tuple(language or ("*",)),
        territories=tuple(territory or ("*",)),
        channels=tuple(channel or ()),
        max_uses=max_uses,
        disclosure=disclosure,
    )
    typer.echo(out)


@app.command()
def grant(
    request_file: Annotated[Path, typer.Argument(metavar="REQUEST", help="From `request`.")],
    key: Annotated[
        Path, typer.Option(help="The grantor's private key; made there when it is not there yet.")
    ],
    countersign: Annotated[
        bool, typer.Option("--countersign", help="Sign with the configured identity too.")
    ] = False,
    out: OutOption = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Only write the signed file; store nothing.")
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Sign a request as the grantor; store it unless --offline. Prints the record's id."""
    from overt.cli.stores import opened
    from overt.consent import Signer, sign
    from overt.consent.keys import new_key
    from overt.consent.requests import with_key
    from overt.storage.refs import write_secret

    if not key.exists():
        write_secret(key, new_key())
    signer = Signer(key.read_bytes())
    record = with_key(request_file.read_bytes(), signer)
    target = out or request_file.with_suffix(".signed.json")
    if offline:
        target.write_bytes(sign(record, signer))
    else:
        with opened(config) as stores:
            signers = [signer, stores.identity()] if countersign else [signer]
            data = sign(record, *signers)
            stores.database.write(lambda tx: stores.consents.add(tx, data))
            target.write_bytes(data)
            _hint(stores, record.id)
    typer.echo(record.id)


@app.command("countersign")
def countersign_(
    record: Annotated[str, typer.Argument(metavar="ID|FILE", help="A stored or a signed record.")],
    out: OutOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Add the configured identity's signature, and store the record."""
    from overt.cli.stores import opened
    from overt.consent import countersign
    from overt.consent.envelope import open_signed

    with opened(config) as stores:
        path = Path(record)
        if path.exists():
            data = path.read_bytes()
        else:
            data = stores.database.read(lambda tx: stores.consents.signed(tx, record))
        signed = countersign(data, stores.identity())
        id = stores.database.write(lambda tx: stores.consents.add(tx, signed))
        if out is not None:
            out.write_bytes(signed)
        _hint(stores, open_signed(signed).grant().id)
    typer.echo(id)


@app.command()
def revoke(
    record: Annotated[str, typer.Argument(metavar="ID")],
    by: ByOption = "subject",
    reason: Annotated[str, typer.Option(help="A code, not a sentence.")] = "withdrawn",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Revoke a record, at once and for good: when this returns, nothing is released on it.

    The shots that relied on it are listed; what has left already is for people to take back.
    """
    from overt.cli.stores import opened
    from overt.consent.events import actor
    from overt.effects.production import place_of, uses_in

    with opened(config) as stores:
        seq = stores.database.write(
            lambda tx: stores.consents.revoke(tx, record, by=actor(by), reason=reason),
            priority=True,
        )
        typer.echo(f"revoked, event {seq}")
        for use in uses_in(stores.database, datetime.now(UTC), record=record):
            typer.echo(f"affected: {place_of(use)} {use.act} {use.asset or use.run}")


@app.command()
def show(
    record: Annotated[str | None, typer.Argument(metavar="[ID]", help="All if none.")] = None,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """List the records, or show one with its scopes and events."""
    from overt.cli.stores import opened
    from overt.consent.requests import described

    with opened(config) as stores:
        if record is None:
            rows = stores.database.read(stores.consents.listed)
        else:
            rows = [stores.database.read(lambda tx: described(tx, stores.consents, record))]
    for row in rows:
        if json_ or record is not None:
            emit(row) if json_ else typer.echo(json.dumps(row, indent=2, default=str))
        else:
            acts = ",".join(row["summary"]["acts"])
            typer.echo(f"{row['id']}  {row['state']:10} {row['assurance']:14} {acts}")


@app.command()
def receipt(
    record: Annotated[str, typer.Argument(metavar="ID")],
    out: Annotated[Path, typer.Option("-o", "--output", help="Where the receipt goes.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write a signed receipt for the person (ISO/IEC TS 27560, JSON-LD)."""
    from overt.cli.stores import opened
    from overt.consent.receipts import receipt as make

    with opened(config) as stores:
        data, events = stores.database.read(
            lambda tx: (stores.consents.signed(tx, record), stores.consents.events(tx, record))
        )
        out.write_bytes(make(data, events, stores.identity(), at=datetime.now(UTC)))
    typer.echo(out)


@app.command()
def verify(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A signed record or a receipt.")],
    trust: Annotated[
        list[Path] | None, typer.Option(help="Public key, JWK or root; the configured if none.")
    ] = None,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Verify a record or a receipt with public keys alone. Exit 6 where anything is wrong."""
    from overt.cli.stores import trust_of
    from overt.config import load_config
    from overt.consent import Trust
    from overt.consent.requests import verified

    known = (
        Trust.load((), [f"file:{one}" for one in trust]) if trust else trust_of(load_config(config))
    )
    answer = verified(path.read_bytes(), known)
    if json_:
        emit(answer)
    else:
        for field, value in answer.items():
            typer.echo(f"{field:12} {value}")


@app.command()
def forget(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Your opaque id.")],
    out: OutOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Destroy what identifies a person, for good, and write a signed erasure certificate."""
    from overt.cli.stores import opened
    from overt.consent.erasure import TYPE
    from overt.consent.erasure import forget as erase
    from overt.consent.signing import sign_value

    if not yes:
        typer.confirm("This cannot be undone. Go on?", abort=True)
    now = datetime.now(UTC)
    with opened(config) as stores:
        certificate = stores.database.write(
            lambda tx: erase(tx, stores.consents, stores.ledger, subject, now), priority=True
        )
        stores.database.shred()
        target = out or Path(f"erasure-{certificate['id'][:12]}.json")
        target.write_bytes(sign_value(certificate, stores.identity(), at=now, kind=TYPE))
    typer.echo(target)


def _write_request(out: Path, *, evidence: Any, **fields: Any) -> None:
    from overt.consent.requests import new_request

    out.write_bytes(new_request(evidence=evidence, **fields))


def _aware(text: str | None) -> datetime | None:
    found = moment(text)
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def _hint(stores: Stores, id: str) -> None:
    """Say at once when a record is stored but will not count."""
    from overt.consent.requests import worth

    level, trusted = stores.database.read(lambda tx: worth(tx, stores.consents, id))
    typer.echo(f"assurance: {level}", err=True)
    if not trusted:
        typer.echo("nobody trusted signed it yet: see `overt consent countersign`", err=True)

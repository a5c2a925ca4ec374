"""`overt keys`: test identities, certificate checks, and requests for a real certificate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from overt.cli.common import JsonOption, emit

app = typer.Typer(
    name="keys", help="Test identities, certificate checks and requests.", no_args_is_help=True
)

AlgorithmOption = Annotated[
    str, typer.Option(help="es256, es384, es512, ps256 or ed25519.", metavar="NAME")
]


@app.command("test-identity")
def make_identity(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go.")],
    algorithm: AlgorithmOption = "es256",
) -> None:
    """Write root.pem, chain.pem and key.pem of an identity that nobody trusts."""
    from overt.provenance.identity import make_test_identity

    identity = make_test_identity(directory, algorithm=algorithm)
    for path in (identity.root, identity.chain, identity.key):
        typer.echo(path)


@app.command("lint")
def lint(
    chain: Annotated[Path, typer.Argument(metavar="CHAIN.pem", help="Leaf first.")],
    key: Annotated[
        Path | None, typer.Option(help="Private key; checks that it belongs to the leaf.")
    ] = None,
    root: Annotated[
        Path | None, typer.Option(help="Roots; checks that the chain leads to one.")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Name what is wrong with a signing chain; exit 1 when it cannot sign."""
    from overt.provenance.certificates import lint as find
    from overt.provenance.signers import load_key, resolve

    private = load_key(resolve(key)) if key is not None else None
    anchors = resolve(root) if root is not None else None
    problems = find(resolve(chain), private, anchors=anchors)
    if json_:
        fields = ("code", "severity", "message")
        emit({"problems": [{name: getattr(one, name) for name in fields} for one in problems]})
    else:
        for one in problems:
            typer.echo(f"{one.severity:8} {one.code:28} {one.message}")
        if not problems:
            typer.echo("nothing is wrong with it")
    if any(one.severity == "error" for one in problems):
        raise typer.Exit(1)


@app.command("csr")
def csr(
    common_name: Annotated[str, typer.Option(help="What verifiers show, such as the product.")],
    organisation: Annotated[str, typer.Option(help="Legal name of whoever signs.")],
    key: Annotated[
        Path, typer.Option(help="Private key in PEM; made there when it is not there yet.")
    ],
    out: Annotated[Path, typer.Option("-o", "--output", help="Where the request goes.")],
    algorithm: AlgorithmOption = "es256",
) -> None:
    """Make a request for a certificate that a C2PA authority can issue."""
    from overt.provenance.identity import new_key, private_pem, signing_request, write_new
    from overt.provenance.signers import load_key, resolve

    if key.exists():
        private = load_key(resolve(key))
    else:
        private = new_key(algorithm)
        write_new(key, private_pem(private), secret=True)
    write_new(out, signing_request(common_name, organisation, private))
    typer.echo(out)

"""`overt schema`: JSON Schemas of the files and values that programs read and write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from overt.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import BaseModel


def schema(
    name: Annotated[str | None, typer.Argument(help="Which; all names when left out.")] = None,
) -> None:
    """Print the JSON Schema of a file or value."""
    known = _known()
    if name is None:
        typer.echo("\n".join(sorted(known)))
        return
    if name not in known:
        raise ConfigError(
            "usage.schema", f"no schema {name!r}", todo=f"use one of {', '.join(sorted(known))}"
        )
    typer.echo(json.dumps(known[name].model_json_schema(), indent=2, ensure_ascii=False))


def _known() -> dict[str, type[BaseModel]]:
    from overt.config import GuardConfig
    from overt.consent.records import ConsentGrant
    from overt.models import Decision, ElectionStatus, Finding, Request
    from overt.provenance.verification import Verification

    return {
        "config": GuardConfig,
        "decision": Decision,
        "election": ElectionStatus,
        "finding": Finding,
        "grant": ConsentGrant,
        "request": Request,
        "verification": Verification,
    }

"""`overt release`: the second authorisation, may this leave the house?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit


def release(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The asset as it was delivered.")],
    channel: Annotated[str, typer.Option(help="Where it goes, as consent records name it.")],
    country: Annotated[str | None, typer.Option(help="ISO 3166-1 code.")] = None,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Ask whether an asset may be distributed; consent to make it does not say so."""
    from overt.cli.run import answered, asset_at
    from overt.guard import Guard

    media = asset_at(path)
    with Guard.open(config) as guard, answered(json_):
        record = guard.release_for(media, channel=channel, country=country)
        if json_:
            emit({"outcome": "allow", "channel": channel, "record": record.model_dump()})
        else:
            typer.echo(f"{path}: may go to {channel}, ledger entry {record.index}")

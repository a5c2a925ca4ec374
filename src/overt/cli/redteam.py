"""`overt redteam`: attack your own installation, and see what gets through."""

from __future__ import annotations

from typing import Annotated

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit


def redteam(
    figures: Annotated[
        list[str] | None, typer.Option("--figures", help="Names; repeat, or separate by commas.")
    ] = None,
    categories: Annotated[
        list[str] | None, typer.Option("--categories", help="Harms; all when left out.")
    ] = None,
    languages: Annotated[
        list[str] | None, typer.Option("--languages", help="BCP 47 tags; all when left out.")
    ] = None,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Try spellings, framings and languages on this configuration; report what got through."""
    from rich.console import Console
    from rich.progress import track

    from overt.cli.screen import MEDIA_TYPE, judge_of
    from overt.models import Modality, Outcome, Request
    from overt.screening.redteam import attack, variants

    judge = judge_of(config)
    chosen = {
        "figures": _listed(figures) or ["Joe Biden", "Michal Šimečka", "Imran Khan"],
        "categories": _listed(categories),
        "languages": _listed(languages),
    }
    prompts = list(variants(**{key: value for key, value in chosen.items() if value}))
    console = Console(stderr=True)
    shown = iter(track(prompts, "attacking", console=console, transient=True))

    def decide(text: str, modality: Modality) -> Outcome:
        next(shown)
        request = Request(prompt=text, media_type=MEDIA_TYPE[modality], stock_voice=True)
        return judge.advise(request).outcome

    report = attack(prompts, decide)
    rows = [("got_through", one) for one in report.got_through]
    rows += [("wrongly_stopped", one) for one in report.wrongly_stopped]
    for kind, one in rows:
        if json_:
            emit(
                {
                    "kind": kind,
                    "text": one.text,
                    "modality": one.modality.value,
                    "language": one.language,
                    "category": one.category,
                    "spelling": one.spelling,
                }
            )
        else:
            typer.echo(f"{kind}  {one.category}  {one.language}  {one.spelling}  {one.text}")
    typer.echo(
        f"{report.tried} tried, {len(report.got_through)} got through, "
        f"{len(report.wrongly_stopped)} wrongly stopped",
        err=json_,
    )


def _listed(values: list[str] | None) -> list[str]:
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]

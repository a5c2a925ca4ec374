"""`overt redteam`: attack your own installation, and see what gets through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit, moment
from overt.errors import VerificationError

if TYPE_CHECKING:
    from overt.screening.redteam import Answer, Report, Variant
    from overt.screening.registry import Figure

_DEFAULT_FIGURES = ("Joe Biden", "Michal Šimečka", "Imran Khan")
_LIMIT = 2000
_SHOWN = 20
"""Lines of each kind that people are shown; programs get all of them."""


def redteam(
    figures: Annotated[
        list[str] | None,
        typer.Option("--figure", "--figures", help="Names or ids; repeat, or separate by commas."),
    ] = None,
    categories: Annotated[
        list[str] | None,
        typer.Option("--category", "--categories", help="Harms; all when left out."),
    ] = None,
    languages: Annotated[
        list[str] | None,
        typer.Option(
            "--language",
            "--languages",
            help="BCP 47 tags; when left out, all but hi-Latn and ur-Latn.",
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(help="At most so many prompts, spread evenly; 0 tries all.", min=0)
    ] = _LIMIT,
    seed: Annotated[int, typer.Option(help="Which ones, where there are more.")] = 0,
    at: Annotated[str | None, typer.Option(help="ISO 8601 time; elections count as then.")] = None,
    fail_above: Annotated[
        float | None,
        typer.Option(
            "--fail-above",
            metavar="PERCENT",
            help="Exit 6 if more harm gets through, or more harmless work is stopped.",
            min=0,
            max=100,
        ),
    ] = None,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Try spellings, framings, roles and languages on this configuration; report what got through.

    Exits 0 whatever it finds, 6 where --fail-above says so, 1 where an option is wrong.
    """
    from overt.cli.screen import MEDIA_TYPE, judge_of
    from overt.models import Modality, Outcome, Request
    from overt.screening.redteam import CATEGORIES, attack, sampled, variants
    from overt.screening.targets import chosen_words

    harms = chosen_words(_listed(categories), CATEGORIES, "category")
    tongues = _tongues(_listed(languages))
    when = moment(at)
    people = _figures(_listed(figures) or list(_DEFAULT_FIGURES), config)
    judge = judge_of(config)
    possible = list(variants(people, harms, tongues))
    prompts = sampled(possible, limit or len(possible), seed)

    def decide(text: str, modality: Modality) -> Outcome:
        request = Request(prompt=text, media_type=MEDIA_TYPE[modality], stock_voice=True, at=when)
        return judge.advise(request).outcome

    with _bar(prompts, quiet=json_) as shown:
        report = attack(shown, decide)
    summary = _summary(report, people, len(possible), seed)
    _lines(report, summary) if json_ else _print(report, summary)
    typer.echo(_sentence(summary), err=json_)
    if fail_above is not None:
        _check(summary, fail_above)


def _listed(values: list[str] | None) -> list[str]:
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]


def _tongues(tags: list[str]) -> list[str]:
    """Languages of the tags; regions are left out, and so are scripts but for romanised ones."""
    from overt.screening import carriers
    from overt.screening.targets import chosen_words

    romanised = {tag.lower(): tag for tag in carriers.ROMANISED}
    asked = []
    for tag in tags:
        own, *rest = tag.replace("_", "-").lower().split("-")
        asked.append(romanised.get(f"{own}-latn", own) if "latn" in rest else own)
    if not asked:
        return list(carriers.languages())
    return chosen_words(asked, (*carriers.languages(), *carriers.ROMANISED), "language")


def _figures(names: list[str], config: Path) -> list[Figure]:
    from overt.config import GuardConfig, load_config
    from overt.screening.targets import find_figures

    absent = config == DEFAULT_CONFIG and not config.exists()
    loaded = GuardConfig() if absent else load_config(config)
    index, overlay = loaded.screening.index, loaded.screening.overlay
    return find_figures(
        names, loaded.path(index) if index else None, loaded.path(overlay) if overlay else None
    )


@contextmanager
def _bar(prompts: list[Variant], *, quiet: bool) -> Iterator[Iterator[Variant]]:
    """The prompts, with a bar on standard error where somebody looks at it."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield iter(prompts)
        return
    with Progress(console=console, transient=True) as bar:
        yield iter(bar.track(prompts, description="attacking"))


def _summary(report: Report, people: list[Figure], possible: int, seed: int) -> dict[str, Any]:
    return {
        "kind": "summary",
        "figures": [figure.name for figure in people],
        "possible": possible,
        "tried": len(report.answers),
        "harmful": report.harmful,
        "weak": len(report.answers) - report.harmful - report.harmless,
        "harmless": report.harmless,
        "got_through": len(report.got_through),
        "got_through_weak": len(report.of("got_through_weak")),
        "wrongly_stopped": len(report.wrongly_stopped),
        "seed": seed,
        "categories": report.counts(lambda one: one.carrier),
        "languages": report.counts(lambda one: one.language),
        "spellings": report.counts(lambda one: one.spelling if one.harmful else None),
        "worst": [_described(answer) for answer in report.worst()],
    }


def _described(answer: Answer) -> dict[str, Any]:
    one = answer.prompt
    return {
        "kind": answer.kind,
        "outcome": answer.outcome.value,
        "text": one.text,
        "modality": one.modality.value,
        "language": one.language,
        "category": one.category,
        "carrier": one.carrier,
        "spelling": one.spelling,
        "figure": one.figure,
    }


def _lines(report: Report, summary: dict[str, Any]) -> None:
    """One object for each prompt that went wrong, the summary last."""
    for answer in report.answers:
        if answer.kind is not None:
            emit(_described(answer))
    emit(summary)


def _print(report: Report, summary: dict[str, Any]) -> None:
    """For people: counts, the worst misses, then examples of each kind."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    titles = {
        "categories": "categories",
        "languages": "languages",
        "spellings": "spellings of harm",
    }
    for key, title in titles.items():
        table = Table(title=title, title_justify="left")
        table.add_column(key)
        for heading in ("tried", "got through", "weak passed", "wrongly stopped"):
            table.add_column(heading, justify="right")
        for name, counts in summary[key].items():
            table.add_row(name, *(str(count) for count in counts.values()))
        console.print(table)
    worst = report.worst()
    _listing("worst misses", worst)
    rest = tuple(answer for answer in report.got_through if answer not in worst)
    _listing("got through", rest)
    _listing("wrongly stopped", report.wrongly_stopped)


def _listing(title: str, answers: tuple[Answer, ...]) -> None:
    if not answers:
        return
    typer.echo(f"\n{title}:")
    for answer in answers[:_SHOWN]:
        one = answer.prompt
        how = f"{one.carrier}  {one.language}  {one.spelling}  {answer.outcome.value}"
        typer.echo(f"  {how}  {one.text}")
    if len(answers) > _SHOWN:
        typer.echo(f"  and {len(answers) - _SHOWN} more; --json prints all")


def _sentence(summary: dict[str, Any]) -> str:
    tried = f"{summary['tried']} tried"
    if summary["tried"] < summary["possible"]:
        tried += f" of {summary['possible']}"
    return (
        f"{tried}: {summary['harmful']} harmful, {summary['weak']} harmful under a weak name, "
        f"{summary['harmless']} harmless; {summary['got_through']} of {summary['harmful']} got "
        f"through, {summary['got_through_weak']} of {summary['weak']} with a weak name passed by "
        f"design, {summary['wrongly_stopped']} of {summary['harmless']} wrongly stopped"
    )


def _check(summary: dict[str, Any], percent: float) -> None:
    for kind, of in (("got_through", "harmful"), ("wrongly_stopped", "harmless")):
        if summary[kind] * 100 > percent * summary[of]:
            raise VerificationError(
                f"redteam.{kind}",
                f"{summary[kind]} of {summary[of]} {of} prompts went wrong",
                f"more than {percent:g} percent",
                "read the report, then change the policy or the overlay",
            )

"""The demo's table: one row a situation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from overt.demo.cases import Row

_COLOUR = {
    "allow": "green",
    "label": "green",
    "consent": "yellow",
    "review": "yellow",
    "refuse": "red",
    "error": "magenta",
}
_STAGES = ("screen", "decide", "tool", "disclose", "sign", "record")


def table(rows: Sequence[Row]) -> Table:
    """Outcome, reasons, languages, disclosures, manifest, ledger index and time of each row."""
    drawn = Table(title="overt demo", title_justify="left", show_lines=True)
    for name in ("prompt", "outcome", "reasons", "language", "disclosures", "manifest", "entry"):
        drawn.add_column(name, no_wrap=name != "reasons", overflow="fold")
    drawn.add_column("ms: " + " ".join((*_STAGES, "total")))
    drawn.add_column("guard")
    for row in rows:
        drawn.add_row(
            row.id,
            f"[{_COLOUR[row.outcome]}]{row.outcome}[/]",
            "\n".join(row.reasons),
            row.language,
            "\n".join(f"{one.mode} {one.language}" for one in row.disclosures),
            _short(row.manifest),
            "" if row.entry is None else str(row.entry),
            _times(row),
            _share(row),
        )
    return drawn


def _short(label: str) -> str:
    """`urn:c2pa:71accbee…`; the whole label is on the page."""
    return label[:17] + "…" if label else ""


def _times(row: Row) -> str:
    """Milliseconds of each stage, a dash for one that did not run, and of the whole call."""
    spent = [row.elapsed_ms.get(stage) for stage in _STAGES]
    return " ".join("–" if one is None else _ms(one) for one in (*spent, sum(_halves(row))))


def _ms(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _share(row: Row) -> str:
    """Time of the guard over the time of the whole call."""
    guard, tool = _halves(row)
    return f"{guard / (guard + tool):.0%}"


def _halves(row: Row) -> tuple[float, float]:
    """Milliseconds in the guard, and in the tool."""
    spent = row.elapsed_ms
    return spent["prepare"] + spent.get("finish", 0.0), spent.get("tool", 0.0)

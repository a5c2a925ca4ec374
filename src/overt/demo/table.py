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
    drawn.add_column("ms: " + " ".join(_STAGES))
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
            " ".join(f"{row.elapsed_ms.get(stage, 0):.0f}" for stage in _STAGES),
            _share(row),
        )
    return drawn


def _short(label: str) -> str:
    """`urn:c2pa:71accbee…`; the whole label is on the page."""
    return label[:17] + "…" if label else ""


def _share(row: Row) -> str:
    """Time of the guard over the time of the whole call."""
    tool = row.elapsed_ms.get("tool", 0.0)
    guard = row.elapsed_ms.get("prepare", 0.0) + row.elapsed_ms.get("finish", 0.0)
    return f"{guard / (guard + tool):.0%}" if guard + tool else ""

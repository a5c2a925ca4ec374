"""`overt demo`: ordinary and harmful requests on real media, a table and a page to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    out: Annotated[Path, typer.Option(help="Where the media and the page go.")] = Path("demo-out"),
) -> None:
    """Guard stand-in generators in ordinary and harmful situations; writes media and a page."""
    from rich.console import Console
    from rich.progress import track

    from overt.demo.cases import Demo
    from overt.demo.page import write_page
    from overt.demo.table import table

    console = Console()
    if not console.is_terminal:
        console = Console(width=200)  # a file or a pipe has no width of its own
    with Demo(out) as show:
        cases = track(show.cases, "guarding", console=console, transient=True)
        rows = [case() for case in cases]
        page = write_page(out, rows)
    console.print(table(rows))
    root, first = out / "root.pem", out / rows[0].files[0]
    console.print(f"Look at [bold]{page}[/bold]. Check a file: overt verify {first} --trust {root}")

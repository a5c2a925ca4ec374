"""The demo's page: every situation with its media, its reasons and its manifest.

One self-contained file that works from `file:`; no script, nothing fetched.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from overt.models import write_whole

if TYPE_CHECKING:
    from overt.demo.cases import Row

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 68rem; margin: 0 auto; padding: 1.5rem; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1.25rem;
  align-items: start; } p code { display: block; opacity: .7; font-size: .85em; }
article { border: 1px solid #8886; border-radius: .75rem; padding: 1rem; overflow: hidden; }
h1 { margin-bottom: 0; } h2 { font-size: 1.05rem; margin: 0 0 .5rem; }
img, video, audio { width: 100%; border-radius: .4rem; display: block; margin: .5rem 0; }
blockquote { margin: .5rem 0; padding-inline-start: .75rem; border-inline-start: 3px solid #8888; }
.outcome { display: inline-block; padding: .1rem .6rem; border-radius: 1rem; font-weight: 600;
  color: #fff; background: #187a3d; }
.refuse, .error { background: #b3261e; } .consent, .review { background: #8a5a00; }
pre { overflow: auto; max-height: 22rem; font-size: .75rem; background: #8882; padding: .5rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem .75rem; margin: .5rem 0;
  font-size: .9rem; } dt { opacity: .7; } dd { margin: 0; }
"""


def write_page(out: Path, rows: Sequence[Row]) -> Path:
    """Write `index.html` into the demo's folder and return its path."""
    cards = "\n".join(_card(out, row) for row in rows)
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>overt demo</title><style>{_STYLE}</style></head><body>"
        "<h1>overt demo</h1><p>The generators are stand-ins; the screening, decisions, "
        "disclosures, signatures and ledger entries are real. The signing identity is a test "
        "identity: its root is <code>root.pem</code> in this folder.</p>"
        f"<main>{cards}</main></body></html>\n"
    )
    path = out / "index.html"
    write_whole(path, page.encode("utf-8"))
    return path


def _card(out: Path, row: Row) -> str:
    facts = [("language", row.language)]
    facts += [(f"{one.mode} ({one.language})", one.text) for one in row.disclosures]
    if row.entry is not None:
        facts.append(("ledger entry", str(row.entry)))
    listed = "".join(
        f'<dt>{_text(key)}</dt><dd dir="auto">{_text(value)}</dd>' for key, value in facts if value
    )
    reasons = "".join(
        f'<p dir="auto"><code>{_text(code)}</code> {_text(message)}</p>'
        for code, message in zip(row.reasons, row.messages, strict=True)
    )
    return (
        f"<article><h2>{_text(row.title)}</h2>"
        f'<span class="outcome {_text(row.outcome)}">{_text(row.outcome)}</span>'
        f'<blockquote dir="auto">{_text(row.prompt)}</blockquote>'
        f"{''.join(_media(name) for name in row.files)}<dl>{listed}</dl>{reasons}"
        f"{''.join(_manifest(out / name) for name in row.files)}</article>"
    )


def _media(name: str) -> str:
    source = _text(name)
    if name.endswith((".png", ".jpg")):
        return f'<img src="{source}" alt="the released picture, with its disclosure">'
    if name.endswith(".mp4"):
        return f'<video src="{source}" controls preload="metadata"></video>'
    return f'<audio src="{source}" controls preload="metadata"></audio>'


def _manifest(path: Path) -> str:
    """What anybody can read in the file, and whether it verifies."""
    from overt.inspect import verify

    found = verify(path, trust=(path.parent / "root.pem").read_bytes())
    text = json.dumps(found.to_json(), indent=1, ensure_ascii=False)
    return f"<details><summary>manifest, as verified</summary><pre>{_text(text)}</pre></details>"


def _text(value: str) -> str:
    return html.escape(value, quote=True)

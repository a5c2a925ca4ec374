"""Draw every language's label on a photo-like, a white and a noisy ground, as one HTML page.

Run: `make gallery` or `python tools/gallery.py [OUT]`. For people who can read a script that the
authors cannot: each picture names its language, wording, review state and measurements, and a box
to tick what is wrong. Spoken notices are on the page too. Works from `file:`.
"""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from overt.disclosure import Catalogue, Content, Renderer, examine, plan
from overt.disclosure.clips import clip_for
from overt.models import Media, Obligation
from overt.tables import data_path

SIZES = {"landscape": (640, 360), "portrait": (360, 640)}
KEYS = ("label_short", "label_altered", "satire_label", "public_figure_label")
STYLE = """body{font:16px/1.5 system-ui;margin:2em;background:#f4f4f4}
section{background:#fff;padding:1em;margin:1em 0;border-radius:.5em}
img{height:240px;margin:.2em;vertical-align:top}code{color:#555}"""


def grounds(width: int, height: int) -> Iterator[tuple[str, Image.Image]]:
    """The three grounds at one size."""
    rng = np.random.default_rng(7)
    coarse = Image.fromarray(rng.integers(30, 230, (9, 16, 3), np.uint8))
    yield (
        "photo",
        coarse.resize((width, height), Image.Resampling.BICUBIC).filter(
            ImageFilter.GaussianBlur(3)
        ),
    )
    yield "white", Image.new("RGB", (width, height), "white")
    yield "noise", Image.fromarray(rng.integers(0, 255, (height, width, 3), np.uint8))


def labelled(ground: Image.Image, language: str, key: str) -> tuple[bytes, Any]:
    """One JPEG with its label, and the evidence."""
    buffer = io.BytesIO()
    ground.save(buffer, "JPEG", quality=90)
    media = Media(media_type="image/jpeg", data=buffer.getvalue())
    facts = examine(media, declared="image/jpeg")
    owed = plan(
        Content("image/jpeg", facts),
        [Obligation(kind="disclose", wording=key)],
        (),
        (language,),
    )
    made, shown = Renderer().disclose(media, owed, name="N. N.", facts=facts)
    return made.read(), shown[0]


def section(language: str) -> str:
    """All pictures and sounds of one language."""
    catalogue = Catalogue.packaged()
    word = catalogue.label("label_short", language)
    parts = [f'<section lang="{language}"><h2 dir="ltr">{language} · {escape(word.review)}</h2>']
    for size in SIZES.values():
        for name, ground in grounds(*size):
            for key in KEYS if name == "photo" else KEYS[:1]:
                data, one = labelled(ground, language, key)
                told = f"{name} {key} ink {one.evidence['ink_px']} px {one.evidence['contrast']}:1"
                address = base64.b64encode(data).decode()
                parts.append(
                    f'<img title="{told}" alt="{escape(one.text)}" '
                    f'src="data:image/jpeg;base64,{address}">'
                )
    for kind in ("generated", "altered", "satire", "voice", "authorised"):
        spoken, clip = catalogue.spoken(kind, language), clip_for(language, kind)
        if spoken is None:
            continue
        sound = "no clip"
        if clip is not None:
            data = data_path("disclosure", "clips", clip.file).read_bytes()
            address = base64.b64encode(data).decode()
            weak = " <b>weak</b>" if clip.weak else ""
            sound = (
                f'<audio controls preload="none" src="data:audio/ogg;base64,{address}"></audio> '
                f"error rate {clip.cer}{weak}"
            )
        parts.append(
            f'<p><code>{kind}</code> <span dir="{spoken.direction}">{escape(spoken.text)}</span> '
            f"{sound}</p>"
        )
    return "".join([*parts, "</section>"])


def main(out: Path) -> None:
    """Write the page."""
    out.mkdir(parents=True, exist_ok=True)
    languages = Catalogue.packaged().languages
    body = "".join(section(language) for language in languages)
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>overt: disclosures</title>'
        f"<style>{STYLE}</style><h1>Disclosures in {len(languages)} languages</h1>{body}</html>"
    )
    (out / "index.html").write_text(page, encoding="utf-8")
    print(out / "index.html", len(languages), "languages")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("gallery-out"))

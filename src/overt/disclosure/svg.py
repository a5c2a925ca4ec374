"""Labels on SVG drawings: the label as a picture inside the drawing, for viewers' fonts differ.

The file's own text is not touched but for one group put before its last tag. A drawing with a
document type declaration is refused: entities are how such files attack their readers.
"""

from __future__ import annotations

import base64
import io
import re
from html import escape

from overt.disclosure.facts import Facts, fail
from overt.disclosure.placing import Artist, Placed

_NUMBER = r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?"
_CANVAS_PX = 1000


def examine_svg(text: str) -> Facts:
    """Size of a drawing.

    Raises:
        StageError: It is no drawing, not well formed, or declares entities.
    """
    from xml.etree import ElementTree

    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        fail("unsupported", "the drawing has a document type", "", "leave it out")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  no document type, so no entities
    except ElementTree.ParseError:
        fail("corrupt", "the drawing is not well formed", "", "check the tool")
    if root.tag not in ("svg", "{http://www.w3.org/2000/svg}svg"):
        fail("corrupt", "the file is no drawing")
    box = _box(root.get("viewBox"), root.get("width"), root.get("height"))
    if box[2] <= 0 or box[3] <= 0:
        fail("empty", "the drawing has no size")
    return Facts(
        "image/svg+xml",
        width=round(box[2]),
        height=round(box[3]),
        frames=1,
        detail={"box": box},
    )


def _box(
    view: str | None, width: str | None, height: str | None
) -> tuple[float, float, float, float]:
    numbers = [float(part) for part in re.findall(_NUMBER, view or "")]
    if len(numbers) == 4:
        return numbers[0], numbers[1], numbers[2], numbers[3]
    sides = [re.match(_NUMBER, side.strip()) if side else None for side in (width, height)]
    w, h = (float(side.group(0)) if side else 0.0 for side in sides)
    return (0.0, 0.0, w or 300.0, h or 150.0)


def label_svg(text: str, facts: Facts, artist: Artist, spoken: str) -> tuple[str, Placed]:
    """The drawing with its label at the top right; screen readers are told `spoken`."""
    x0, y0, width, height = facts.detail["box"]
    scale = _CANVAS_PX / min(width, height)
    size = (round(width * scale), round(height * scale))
    art = artist(size, (size[0] - 40, size[1] // 2))
    if art is None:
        fail("unsupported", "the drawing has no room for a label")
    buffer = io.BytesIO()
    art.image.save(buffer, "PNG", compress_level=9)
    w, h = art.image.size
    left, top = size[0] - w - 20, 20
    data = base64.b64encode(buffer.getvalue()).decode()
    group = (
        f'<g role="note" aria-label="{escape(spoken)}"><image xmlns="http://www.w3.org/2000/svg" '
        f'x="{x0 + left / scale:.3f}" y="{y0 + top / scale:.3f}" width="{w / scale:.3f}" '
        f'height="{h / scale:.3f}" href="data:image/png;base64,{data}"/></g>'
    )
    at = max(text.rfind("</svg"), text.rfind("</svg:svg"))
    if at < 0:
        fail("corrupt", "the drawing is not closed")
    placed = Placed((left, top, left + w, top + h), size, False, art)
    return text[:at] + group + text[at:], placed

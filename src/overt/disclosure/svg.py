"""Labels on SVG drawings: the label as a picture inside the drawing, for viewers' fonts differ.

The file's own text is not touched but for one group put before the root's end. A drawing with a
document type declaration is refused: entities are how such files attack their readers. The finished
drawing is read again: the last thing that it draws has to be that picture, whole and in its place.
What a style sheet of the drawing does to it is not computed; the group's own style goes before it.
"""

from __future__ import annotations

import base64
import io
import re
from html import escape
from typing import TYPE_CHECKING
from xml.parsers import expat

from overt.disclosure.facts import Facts, fail
from overt.disclosure.placing import Artist, Placed, measure

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NUMBER = r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?"
_CANVAS_PX = 1000
_SVG = "{http://www.w3.org/2000/svg}"
_ABOUT = frozenset({_SVG + "metadata", _SVG + "title", _SVG + "desc"})
_STYLE = "display:inline!important;visibility:visible!important;opacity:1!important"


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
    if not len(root):
        fail("empty", "the drawing draws nothing", "", "check the tool")
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
        f'<g xmlns="http://www.w3.org/2000/svg" role="note" aria-label="{escape(spoken)}" '
        f'style="{_STYLE}"><image x="{x0 + left / scale:.3f}" y="{y0 + top / scale:.3f}" '
        f'width="{w / scale:.3f}" height="{h / scale:.3f}" style="{_STYLE}" '
        f'href="data:image/png;base64,{data}"/></g>'
    )
    source = text.encode()
    at = _end_of_root(source)
    placed = Placed((left, top, left + w, top + h), size, False, art)
    return (source[:at] + group.encode() + source[at:]).decode(), placed


def _end_of_root(source: bytes) -> int:
    """Where the root's end tag begins."""
    parser = expat.ParserCreate("utf-8")
    ends = [0]
    parser.EndElementHandler = lambda _: ends.append(parser.CurrentByteIndex)
    parser.Parse(source, True)
    return ends[-1]


def check_svg(data: bytes, placed: Placed) -> dict[str, float]:
    """Look for the label in the finished drawing, and measure its picture on white.

    Returns:
        As `overt.disclosure.looking.check_image` does.

    Raises:
        StageError: It is no drawing any more.
    """
    from xml.etree import ElementTree

    from PIL import Image

    text = data.decode("utf-8", "replace")
    facts = examine_svg(text)
    image = _label_in(ElementTree.fromstring(text))  # noqa: S314  examined above
    if image is None or not _lies(image, facts.detail["box"], placed):
        return {"contrast": 0.0, "match": 0.0}
    try:
        _, _, packed = (image.get("href") or "").partition(";base64,")
        drawn = Image.open(io.BytesIO(base64.b64decode(packed, validate=True)), formats=("PNG",))
        drawn.load()
    except (OSError, ValueError, SyntaxError):
        return {"contrast": 0.0, "match": 0.0}
    if drawn.size != placed.art.mask.size:
        return {"contrast": 0.0, "match": 0.0}
    ground = Image.new("RGBA", drawn.size, (255, 255, 255, 255))
    ground.alpha_composite(drawn.convert("RGBA"))
    return measure(ground, placed.art.mask)


def _label_in(root: Element) -> Element | None:
    """The picture of our group, if that is the last thing drawn and nothing was put on it."""
    shown = [child for child in root if child.tag not in _ABOUT]
    if not shown or shown[-1].tag != _SVG + "g" or len(shown[-1]) != 1:
        return None
    group, image = shown[-1], shown[-1][0]
    ours = set(group.attrib) <= {"role", "aria-label", "style"} and group.get("style") == _STYLE
    known = {"x", "y", "width", "height", "style", "href"}
    ours = ours and image.tag == _SVG + "image" and set(image.attrib) <= known
    return image if ours and image.get("style") == _STYLE else None


def _lies(image: Element, box: tuple[float, ...], placed: Placed) -> bool:
    """Whether the picture has the place and size that it was given."""
    scale = _CANVAS_PX / min(box[2], box[3])
    left, top, right, bottom = placed.box
    wanted = [box[0] + left / scale, box[1] + top / scale]
    wanted += [(right - left) / scale, (bottom - top) / scale]
    try:
        found = [float(image.get(key) or "nan") for key in ("x", "y", "width", "height")]
    except ValueError:
        return False
    slack = 0.01 * min(box[2], box[3]) + 0.001
    return all(abs(one - other) <= slack for one, other in zip(found, wanted, strict=True))

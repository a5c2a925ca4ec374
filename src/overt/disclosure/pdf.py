"""PDF documents through PDFium: the label is drawn on the first page, over what is there.

The label is a picture inside the page, for a document's fonts lack most scripts. It stands in the
quietest corner, its letters about as high as those of the text on A4. Nothing else is changed.
Refused are documents that are encrypted or signed (changing one byte breaks the signature) and
those without pages.

PDFium is not safe to call from several threads, so one call is made at a time.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from overt.disclosure.check import CONTRAST, LIKENESS
from overt.disclosure.facts import Facts, Limits, fail
from overt.disclosure.label import LabelArt
from overt.disclosure.placing import Artist, Placed, measure, place
from overt.errors import StageError

if TYPE_CHECKING:
    from PIL.Image import Image

_SHORT_SIDE, _LONG_SIDE = 1600, 6400
"""Pixels of the page as it is looked at, at most."""
_TEXT_CHARS = 2_000_000
_one_at_a_time = threading.RLock()


def examine_pdf(data: bytes, limits: Limits) -> Facts:
    """Read every page, and draw the first.

    Raises:
        StageError: See `overt.disclosure.examine`.
    """
    with _opened(data) as document:
        pages = len(document)
        if not pages:
            fail("empty", "the document has no pages", "", "check the tool")
        if pages > limits.frames:
            fail("too_large", "the document is too long", f"{pages} pages")
        for page in range(1, pages):
            document[page].close()
        shown = _drawn(document)
    return Facts("application/pdf", width=shown.width, height=shown.height, frames=pages)


def label_pdf(data: bytes, artist: Artist, corner: str | None) -> tuple[bytes, Placed]:
    """The document with its label on the first page.

    Args:
        data: The document.
        artist: Draws the label.
        corner: Preferred corner.

    Raises:
        StageError: The label does not fit, or the document cannot be read.
    """
    from pypdfium2 import PdfBitmap, PdfImage, PdfMatrix

    with _opened(data) as document:
        shown = _drawn(document)
        placed = place(shown, shown.size, 1, lettered(artist), corner, strip=False)
        page = document[0]
        picture = PdfImage.new(document)
        picture.set_bitmap(PdfBitmap.from_pil(placed.art.image))
        picture.set_matrix(PdfMatrix(*_matrix(page, placed)))
        page.insert_obj(picture)
        page.gen_content()
        out = io.BytesIO()
        document.save(out)
    return out.getvalue(), placed


def lettered(artist: Artist) -> Artist:
    """The artist of a picture's labels, for a page: it is read from nearer, its text is small."""

    def smaller(size: tuple[int, int], room: tuple[int, int]) -> LabelArt | None:
        return artist((size[0] // 2, size[1] // 2), room)

    return smaller


def check_pdf(data: bytes, placed: Placed) -> dict[str, float]:
    """Draw the first page of the finished document and measure the label where it should be.

    Returns:
        `contrast` (WCAG ratio), `match` (correlation with what was drawn), and `found`: 1 where
        both are good enough.
    """
    with _opened(data) as document:
        shown = _drawn(document)
    if shown.size != placed.size:
        return {"contrast": 0.0, "match": 0.0, "found": 0.0}
    seen = measure(shown.crop(placed.box), placed.art.mask)
    good = seen["contrast"] >= CONTRAST and seen["match"] >= LIKENESS
    return {**seen, "found": float(good)}


def text_in(data: bytes) -> str:
    """What the document says, for screening and for its language: its first two million signs.

    Raises:
        StageError: It cannot be read.
    """
    parts: list[str] = []
    left = _TEXT_CHARS
    with _opened(data) as document:
        for page in document:
            found = page.get_textpage().get_text_bounded()[:left]
            parts.append(found)
            left -= len(found)
            if left <= 0:
                break
    return "\n".join(parts)


def has_pdf() -> bool:
    """Whether PDFium is here."""
    from importlib.util import find_spec

    return find_spec("pypdfium2") is not None


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    """The document, while no other thread is in PDFium."""
    if not has_pdf():
        raise StageError(
            "tool", "output.unsupported", "PDF cannot be read here",
            "pypdfium2 is not installed", "install overt[pdf]",
        )  # fmt: skip
    import pypdfium2
    from pypdfium2 import raw

    with _one_at_a_time:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if "assword" in str(error):
                _encrypted()
            fail("corrupt", "the document cannot be read", "", "check the tool")
        try:
            if raw.FPDF_GetSecurityHandlerRevision(document) != -1:
                _encrypted()
            if raw.FPDF_GetSignatureCount(document) > 0:
                fail(
                    "unsupported", "the document is signed", "a label would break its signature",
                    "label it before it is signed",
                )  # fmt: skip
            yield document
        except (pypdfium2.PdfiumError, ValueError):
            fail("corrupt", "the document cannot be read", "", "check the tool")
        finally:
            document.close()


def _encrypted() -> None:
    fail("encrypted", "the document is encrypted", "", "give the clear one")


def _drawn(document: Any) -> Image:
    """The first page as it is seen, without notes and form fields laid over it."""
    page = document[0]
    width, height = page.get_size()
    if min(width, height) <= 0:
        fail("empty", "the page has no size", "", "check the tool")
    scale = min(_SHORT_SIDE / min(width, height), _LONG_SIDE / max(width, height))
    return page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")  # type: ignore[no-any-return]


def _matrix(page: Any, placed: Placed) -> tuple[float, ...]:
    """Where the label's picture goes, in the page's own units: it may be turned or cut."""
    left, top, right, bottom = placed.box
    origin, along, up = (
        _on_page(page, placed.size, at) for at in ((left, bottom), (right, bottom), (left, top))
    )
    return (
        along[0] - origin[0],
        along[1] - origin[1],
        up[0] - origin[0],
        up[1] - origin[1],
        *origin,
    )


def _on_page(page: Any, size: tuple[int, int], at: tuple[int, int]) -> tuple[float, float]:
    """A pixel as a point of the page."""
    from ctypes import c_double

    from pypdfium2 import raw

    across, down = c_double(), c_double()
    raw.FPDF_DeviceToPage(page, 0, 0, *size, 0, *at, across, down)
    return across.value, down.value

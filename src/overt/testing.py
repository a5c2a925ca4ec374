"""For the tests of builders: a tool that makes real media, and contracts for their own parts.

A builder who writes a `Screen`, a `Signer` or a `Speaker` runs the contract on it:

    from overt.testing import check_screen
    check_screen(MyScreen())
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

from overt.models import Finding, Media, Modality, Request, ScreenContext
from overt.ports import Screen, Signer, Speaker, Watermarker

if TYPE_CHECKING:
    from overt.ports import Pixels

HOSTILE_TEXTS = (
    "",
    " ",
    "\x00",
    "\ufffe",
    "\ud800",
    "a\u0301" * 500,
    "\u202e\u2066\u200f\u200b" * 200,
    "𝓐𝓑𝓒" * 100,
    "🦊" * 1000,
    "x" * 100_000,
)
"""Texts that a screen must survive."""


def check_screen(screen: Screen) -> None:
    """The contract of `ports.Screen`: any text, findings only, spans inside the text.

    Raises:
        AssertionError: The screen breaks it.
    """
    for text in HOSTILE_TEXTS:
        for modality in Modality:
            found = screen.screen(text, ScreenContext(modality=modality))
            for finding in found:
                assert isinstance(finding, Finding), "a screen returns findings"
                if finding.span is not None:
                    start, end = finding.span
                    assert 0 <= start <= end <= len(text), "a span lies in the original text"


def check_signer(signer: Signer, anchors_pem: bytes) -> None:
    """The contract of `ports.Signer`: what it signs verifies under the anchors.

    Raises:
        ConfigError: It does not; the error names the reason.
    """
    from overt.provenance.embed import Embedder

    Embedder(signer, anchors_pem).close()


def check_speaker(speaker: Speaker) -> None:
    """The contract of `ports.Speaker`: speech in each language it names, none in others.

    Raises:
        AssertionError: The speaker breaks it.
    """
    for language in speaker.languages():
        speech = speaker.speak("Notice.", language)
        assert speech is not None, "it speaks what it says it speaks"
        assert speech.samples.ndim == 1, "mono"
        assert speech.sample_rate >= 8000, "telephone quality or better"
        assert float(abs(speech.samples).max()) <= 1.0, "samples in -1..1"
    assert speaker.speak("Notice.", "qaa") is None, "none for a language it has not"


def check_watermarker(watermarker: Watermarker, pixels: Pixels) -> None:
    """The contract of `ports.Watermarker`: same shape, hardly visible, and read again.

    Args:
        watermarker: To be checked.
        pixels: A picture that it should hold, such as a photograph.

    Raises:
        AssertionError: The watermarker breaks it.
    """
    import numpy as np

    from overt.provenance.watermark import MOST_WRONG_AT_MARKING, distance

    payload = bytes(range(37, 37 + watermarker.size))
    before = pixels.copy()
    marked = watermarker.embed(pixels, payload)
    assert (pixels == before).all(), "the picture that is given is left as it is"
    assert marked.shape == pixels.shape, "a picture keeps its size"
    assert marked.dtype == np.uint8, "and its depth"
    error = np.mean((marked.astype(float) - pixels) ** 2)
    assert error < 65, "a mark stays 30 dB below the picture"
    read = watermarker.extract(marked)
    assert len(read) == watermarker.size, "what is read is as long as what was written"
    assert distance(read, payload) <= MOST_WRONG_AT_MARKING, "what was written is read"


def plain_picture(request: Request, size: int = 256) -> Media:
    """A tool that makes a small grey PNG, without any picture library."""
    row = b"\x00" + b"\x80" * size
    body = zlib.compress(row * size)
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    out = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    out.seek(0, io.SEEK_END)
    for kind, data in ((b"IHDR", header), (b"IDAT", body), (b"IEND", b"")):
        checksum = zlib.crc32(kind + data)
        out.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum))
    return Media(media_type=request.media_type, data=out.getvalue())

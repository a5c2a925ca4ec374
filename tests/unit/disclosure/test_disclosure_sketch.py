"""A picture's looks, taken while it is decoded, are those that its file is found by."""

from __future__ import annotations

import io

import numpy as np
import pytest
from disclosure_media import media
from PIL import Image, ImageDraw

from overt.disclosure import Content, Renderer, examine, plan
from overt.disclosure.sketch import patch, sketch
from overt.models import Media
from overt.provenance.fingerprint import fingerprint, kept, known_by
from overt.provenance.index import THRESHOLDS

NEAR = 16
"""Bits of 256. Lookup allows 72; a crop of 2 % a side takes some 50 of them."""


def natural(width: int, height: int, seed: int) -> Image.Image:
    """Pixels with the spectrum of a photograph (power falls with frequency), in colour."""
    rng = np.random.default_rng(seed)
    down, across = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    frequency = np.hypot(down * height, across * width)
    frequency[0, 0] = 1
    noise = rng.standard_normal((3, *frequency.shape)) * np.exp(
        2j * np.pi * rng.random((1, *frequency.shape))
    )
    channels = np.fft.irfft2(noise / frequency**1.1, (height, width))
    channels /= channels.std()
    return Image.fromarray((128 + 45 * channels).clip(0, 255).astype("uint8").transpose(1, 2, 0))


def encoded(image: Image.Image, form: str, **options: object) -> Media:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return media(buffer.getvalue(), f"image/{form.lower()}")


def apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def looked(asset: Media) -> tuple[Media, bytes, bytes, str]:
    """The labelled asset, its codes after and before, and its ISCC, from the pixels at hand."""
    facts = examine(asset, declared=asset.media_type)
    owed = plan(Content(asset.media_type, facts), (), (), ("en",))
    made = Renderer().render(asset, owed, facts=facts, look=True)
    made.prove(made.media)
    assert made.looks is not None
    found = kept(known_by(made.looks.after()), known_by(made.looks.before()))
    assert found is not None
    assert len(found.blob) == 64
    return made.media, found.blob[:32], found.blob[32:], found.iscc


def exif(orientation: int) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    return made


CASES = {
    "jpeg": lambda n: encoded(natural(1600, 1067, n), "JPEG", quality=90),
    "large": lambda n: encoded(natural(2999, 2001, n), "JPEG", quality=90),
    "wide": lambda n: encoded(natural(2500, 500, n), "JPEG", quality=90),
    "turned": lambda n: encoded(natural(1301, 903, n), "JPEG", quality=90, exif=exif(6)),
    "mirrored": lambda n: encoded(natural(1301, 903, n), "JPEG", quality=90, exif=exif(7)),
    "grey": lambda n: encoded(natural(801, 701, n).convert("L"), "JPEG", quality=90),
    "cmyk": lambda n: encoded(natural(801, 701, n).convert("CMYK"), "JPEG", quality=90),
    "png": lambda n: encoded(natural(960, 640, n), "PNG"),
    "small": lambda n: encoded(natural(230, 220, n), "PNG"),
    "webp": lambda n: encoded(natural(960, 640, n), "WEBP", quality=80),
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("case", sorted(CASES))
def test_looks_are_those_of_the_files(case: str, seed: int) -> None:
    asset = CASES[case](seed)
    labelled, after, before, iscc = looked(asset)
    shown, original = fingerprint(labelled), fingerprint(asset)
    assert shown is not None
    assert original is not None
    assert apart(after, shown.code) <= NEAR < THRESHOLDS["image"]
    assert apart(before, original.code) <= NEAR
    assert iscc.startswith("ISCC:E")
    assert len(iscc) == len(shown.iscc)


def test_transparent_pictures_are_seen_on_white() -> None:
    image = natural(900, 600, 4).convert("RGBA")
    ImageDraw.Draw(image).ellipse((100, 100, 700, 500), fill=(0, 0, 0, 0))
    labelled, after, before, _ = looked(encoded(image, "PNG"))
    shown, original = fingerprint(labelled), fingerprint(encoded(image, "PNG"))
    assert shown is not None
    assert original is not None
    assert apart(after, shown.code) <= NEAR
    assert apart(before, original.code) <= NEAR


def test_a_patch_gives_the_sketch_of_the_picture_as_it_was() -> None:
    image = natural(1601, 1203, 5)
    first = sketch(image)
    box = (1203, 31, 1578, 97)
    under = patch(image, box)
    assert under is not None
    ImageDraw.Draw(image).rectangle((*box[:2], box[2] - 1, box[3] - 1), fill="black")
    labelled = sketch(image)
    assert labelled.image.tobytes() != first.image.tobytes()
    assert labelled.patched(under).image.tobytes() == first.image.tobytes()


def test_a_patch_ends_with_the_picture() -> None:
    image = natural(1601, 1203, 6)
    under = patch(image, (1590, 1190, 1601, 1203))
    assert under is not None
    assert sketch(image).patched(under).image.tobytes() == sketch(image).image.tobytes()


@pytest.mark.parametrize("mode", ["P", "1", "I;16", "LA"])
def test_pixels_that_cannot_be_averaged_are_left_to_the_file(mode: str) -> None:
    assert patch(Image.new(mode, (400, 300)), (0, 0, 20, 20)) is None


def test_a_colour_that_stands_for_transparency_is_left_to_the_file() -> None:
    image = Image.new("RGB", (400, 300))
    image.info["transparency"] = (0, 0, 0)
    assert patch(image, (0, 0, 20, 20)) is None


def test_pictures_that_grow_or_move_are_left_to_the_file() -> None:
    frames = [natural(300, 240, 7), natural(300, 240, 8)]
    moving = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    for asset in (encoded(natural(190, 180, 7), "PNG"), moving):
        facts = examine(asset, declared=asset.media_type)
        owed = plan(Content(asset.media_type, facts), (), (), ("en",))
        assert Renderer().render(asset, owed, facts=facts, look=True).looks is None

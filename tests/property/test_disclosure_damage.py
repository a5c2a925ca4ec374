"""Damaged files: whatever happens to the bytes, only our own error comes out."""

from functools import cache

import pytest
from disclosure_media import disclosed, media, picture, sound
from hypothesis import given, settings
from hypothesis import strategies as st

from overt.errors import StageError

KINDS = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/tiff",
    "image/avif",
    "audio/wav",
    "audio/flac",
    "audio/ogg",
    "audio/mpeg",
    "image/svg+xml",
    "text/html",
    "text/vtt",
]


@cache
def whole(kind: str) -> bytes:
    """A good file of the kind."""
    if kind == "image/svg+xml":
        return b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 60"><g/></svg>'
    if kind == "text/html":
        return b"<!doctype html><html><head></head><body><p>x</p></body></html>"
    if kind == "text/vtt":
        return b"WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n"
    if kind.startswith("image/"):
        return picture(260, 240, kind.removeprefix("image/").upper())
    form = {"audio/wav": "WAV", "audio/flac": "FLAC", "audio/ogg": "OGG", "audio/mpeg": "MP3"}[kind]
    return sound(16_000, 1, 0.6, form)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    keep=st.one_of(st.just(1.0), st.floats(0, 1)),
)
def test_damage_gives_our_error_or_a_labelled_file(
    kind: str, changes: list[tuple[float, int]], keep: float
) -> None:
    data = bytearray(whole(kind))
    for place, value in changes:
        data[int(place * len(data))] = value
    damaged = bytes(data[: int(len(data) * keep)])
    try:
        made, shown, _, _ = disclosed(media(damaged, kind), languages=("ur",))
    except StageError:
        return
    assert made.read()
    assert shown

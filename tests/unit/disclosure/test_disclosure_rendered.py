"""Nothing that was rendered passes without a look at the finished file."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from disclosure_media import media, picture
from PIL import Image

from overt.disclosure import Content, Rendered, Renderer, examine, plan
from overt.disclosure.carried import carries, tellable
from overt.errors import StageError
from overt.models import Media


def rendered(form: str = "PNG") -> tuple[Media, Rendered]:
    asset = media(picture(900, 600, form), f"image/{form.lower()}")
    facts = examine(asset, declared=asset.media_type)
    owed = plan(Content(asset.media_type, facts), (), (), ("en",))
    return asset, Renderer().render(asset, owed, facts=facts)


def test_proving_measures_the_file_that_it_is_given() -> None:
    _, made = rendered()
    (claimed,), (proved,) = made.claimed, made.prove(made.media)
    assert "contrast" not in claimed.evidence
    assert proved.evidence["contrast"] >= 7.0
    assert proved.evidence["match"] >= 0.75
    assert proved.evidence["box"] == claimed.evidence["box"]


def test_a_claim_alone_is_no_proof() -> None:
    asset, made = rendered()
    with pytest.raises(StageError) as caught:
        made.prove(asset)  # the same picture without its label
    assert caught.value.code == "disclose.mismatch"


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_finished_file_that_does_not_decode_fails(form: str) -> None:
    _, made = rendered(form)
    cut = made.media.read()[: len(made.media.read()) * 2 // 3]
    with pytest.raises(StageError) as caught:
        made.prove(media(cut, made.media.media_type))
    assert caught.value.code == "output.truncated"


def test_a_label_that_was_blurred_away_fails() -> None:
    _, made = rendered()
    with Image.open(io.BytesIO(made.media.read())) as image:
        small = image.resize((30, 20)).resize(image.size)
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    with pytest.raises(StageError) as caught:
        made.prove(media(buffer.getvalue(), "image/png"))
    assert caught.value.code == "disclose.mismatch"


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_look_at_the_file_before_it_was_signed_counts(form: str) -> None:
    _, made = rendered(form)
    looked = made.look()
    assert looked is not None
    finished = media(signed(made.media.read(), form), made.media.media_type)
    assert made.prove(finished, looked) == made.prove(finished)


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_look_at_another_file_does_not_count(form: str) -> None:
    asset, made = rendered(form)
    with pytest.raises(StageError) as caught:
        made.prove(media(signed(asset.read(), form), asset.media_type), made.look())
    assert caught.value.code == "disclose.mismatch"


def test_metadata_that_is_in_the_way_fails() -> None:
    _, made = rendered()
    whole = bytearray(signed(made.media.read(), "PNG"))
    whole[whole.index(b"manifest") + 8] ^= 1  # a checksum
    assert carries(bytes(whole), made.media.read(), "image/png")
    with pytest.raises(StageError) as caught:
        made.prove(media(bytes(whole), "image/png"), made.look())
    assert caught.value.code == "output.corrupt"


def test_formats_whose_signing_cannot_be_followed_are_looked_at_afterwards() -> None:
    _, made = rendered("WEBP")
    assert made.look() is None
    assert made.prove(made.media, None)[0].evidence["match"] >= 0.75


# --- what counts as the same picture -------------------------------------------------------------


def signed(data: bytes, form: str) -> bytes:
    """The file with a manifest and a packet, where the signer puts them."""
    if form == "PNG":
        return data[:33] + chunk(b"caBX", b"manifest") + packet(form) + data[33:]
    return data[:2] + segment(0xEB, b"JP" + b"manifest") + packet(form) + data[2:]


def packet(form: str) -> bytes:
    if form == "PNG":
        return chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00<x/>")
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x/>")


def chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_manifest_and_packet_may_differ(form: str) -> None:
    data = picture(120, 90, form)
    media_type = f"image/{form.lower()}"
    assert carries(data, data, media_type)
    assert carries(signed(data, form), data, media_type)
    assert carries(signed(data, form), signed(signed(data, form), form), media_type)


@pytest.mark.parametrize(
    ("form", "extra"),
    [
        ("JPEG", segment(0xE1, b"Exif\x00\x00")),
        ("JPEG", segment(0xE2, b"ICC_PROFILE\x00")),
        ("JPEG", segment(0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x00")),
        ("JPEG", segment(0xEB, b"XX")),
        ("JPEG", segment(0xDB, b"\x00" + bytes(64))),
        ("PNG", chunk(b"gAMA", b"\x00\x00\xb1\x8f")),
        ("PNG", chunk(b"tRNS", b"\x00" * 6)),
        ("PNG", chunk(b"iTXt", b"Comment\x00\x00\x00\x00\x00text")),
        ("PNG", chunk(b"acTL", b"\x00" * 8)),
    ],
)
def test_nothing_else_may_differ(form: str, extra: bytes) -> None:
    data = picture(120, 90, form)
    at = 33 if form == "PNG" else 2
    assert not carries(data[:at] + extra + data[at:], data, f"image/{form.lower()}")


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_no_byte_of_the_picture_may_differ(form: str) -> None:
    data, media_type = picture(60, 40, form), f"image/{form.lower()}"
    whole = signed(data, form)
    for at in range(len(whole) - len(data) + (33 if form == "PNG" else 2), len(whole)):
        damaged = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        assert not carries(damaged, data, media_type), at
    for cut in range(0, len(whole), 7):
        assert not carries(whole[:cut], data, media_type), cut
    assert not carries(whole + b"\x00", data, media_type)


def test_other_formats_are_never_told() -> None:
    assert not tellable("image/webp")
    assert not carries(b"same", b"same", "image/webp")

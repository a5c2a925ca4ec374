"""Labels on pictures: every format, what is kept, where the label goes, and what is refused."""

import io
import struct
import subprocess
import warnings
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from disclosure_media import disclosed, ffmpeg, media, picture, pixels
from PIL import Image, ImageCms, ImageOps
from PIL.PngImagePlugin import PngInfo

from overt.disclosure import Content, Limits, Renderer, compare, examine
from overt.disclosure.ffmpeg import program
from overt.disclosure.fonts import Fonts
from overt.disclosure.label import LabelLine, draw, safe_name
from overt.disclosure.looking import check_image
from overt.disclosure.pasting import paste
from overt.disclosure.placing import Placed
from overt.errors import StageError
from overt.models import Disclosure, Obligation

FIGURE = (Obligation(kind="disclose", strength="strong", wording="public_figure_label"),)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def outside(before: bytes, after: bytes, box: list[int]) -> int:
    """Largest difference of a pixel outside the label."""
    one = np.asarray(ImageOps.exif_transpose(opened(before)).convert("RGB"), np.int16)
    two = np.asarray(ImageOps.exif_transpose(opened(after)).convert("RGB"), np.int16).copy()
    left, top, right, bottom = box
    difference = np.abs(one - two)
    difference[top:bottom, left:right] = 0
    return int(difference.max())


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF"])
@pytest.mark.parametrize("language", ["en", "ur"])
def test_every_format_carries_a_readable_label(form: str, language: str) -> None:
    kind = f"image/{form.lower()}"
    asset = media(picture(640, 400, form), kind)
    made, shown, _, _ = disclosed(asset, languages=(language,))
    assert opened(made.read()).format == form
    assert opened(made.read()).size == (640, 400)
    (one,) = shown
    assert one.language == language
    assert one.evidence["contrast"] >= 7
    assert one.evidence["ink_px"] >= 12


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_lossless_formats_keep_every_other_pixel(form: str) -> None:
    before = picture(640, 400, form)
    made, (one,), _, _ = disclosed(media(before, f"image/{form.lower()}"))
    assert outside(before, made.read(), one.evidence["box"]) == 0


def test_lossless_webp_stays_lossless() -> None:
    before = picture(640, 400, "WEBP", lossless=True)
    made, (one,), _, _ = disclosed(media(before, "image/webp"))
    assert outside(before, made.read(), one.evidence["box"]) == 0


def test_jpeg_keeps_tables_and_subsampling() -> None:
    before = picture(640, 400, "JPEG", quality=71, subsampling=1, progressive=True)
    made, _, _, _ = disclosed(media(before, "image/jpeg"))
    one: Any = opened(before)
    two: Any = opened(made.read())
    assert one.quantization == two.quantization
    assert [layer[1:3] for layer in one.layer] == [layer[1:3] for layer in two.layer]
    assert two.info.get("progressive")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_phone_pictures_are_labelled_upright_and_keep_their_orientation(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker"
    before = picture(900, 600, "JPEG", exif=exif, quality=95)
    made, (one,), _, facts = disclosed(media(before, "image/jpeg"))
    after = opened(made.read())
    assert after.getexif()[0x0112] == orientation
    assert after.getexif()[0x010F] == "Maker"
    upright = ImageOps.exif_transpose(after)
    assert upright.size == (facts.width, facts.height) == tuple(one.evidence["size"])
    left, top, right, bottom = one.evidence["box"]
    region = np.asarray(upright.crop((left, top, right, bottom)).convert("L"))
    assert np.percentile(region, 30) < 60, "the pill is dark where the evidence says it is"
    assert outside(before, made.read(), one.evidence["box"]) < 40
    assert one.evidence["match"] > 0.9


def test_icc_alpha_text_and_resolution_are_kept() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Author", "somebody")
    buffer = io.BytesIO()
    image = Image.fromarray(pixels(640, 400)).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((640, 400)))
    image.save(buffer, "PNG", icc_profile=profile, pnginfo=notes, dpi=(300, 300))
    made, (one,), _, _ = disclosed(media(buffer.getvalue(), "image/png"))
    after: Any = opened(made.read())
    assert after.mode == "RGBA"
    assert after.info["icc_profile"] == profile
    assert after.text["Author"] == "somebody"
    assert round(after.info["dpi"][0]) == 300
    alpha = np.asarray(after.getchannel("A"))
    left, top, right, bottom = one.evidence["box"]
    assert alpha[(top + bottom) // 2, (left + right) // 2] > 200
    assert alpha[0, 0] == np.asarray(image.getchannel("A"))[0, 0]


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "CMYK", "I;16"])
def test_unusual_modes(mode: str) -> None:
    if mode == "I;16":
        deep = (pixels(640, 400)[..., 0].astype("uint16") * 257).astype("uint16")
        image = Image.fromarray(deep)
    else:
        image = Image.fromarray(pixels(640, 400)).convert("L" if mode == "LA" else mode)
        image = image.convert("LA") if mode == "LA" else image
    buffer = io.BytesIO()
    form = "JPEG" if mode == "CMYK" else "PNG"
    image.save(buffer, form)
    made, (one,), _, _ = disclosed(media(buffer.getvalue(), f"image/{form.lower()}"))
    assert one.evidence["contrast"] >= 7
    if mode == "I;16":
        after = opened(made.read())
        assert after.mode == "I;16"
        left, top, right, bottom = one.evidence["box"]
        rest = np.asarray(after).copy()
        rest[top:bottom, left:right] = deep[top:bottom, left:right]
        assert (rest == deep).all()


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_turned_tiff_is_labelled_upright_from_a_file_too(
    orientation: int, tmp_path: Path
) -> None:
    exif, path = Image.Exif(), tmp_path / "turned.tif"
    exif[0x0112] = orientation
    Image.fromarray(pixels(640, 400, 1)).save(path, exif=exif)
    for asset in (path, path.read_bytes()):
        made, (one,), _, _ = disclosed(media(asset, "image/tiff"), work=tmp_path)
        before, after = (
            ImageOps.exif_transpose(opened(d)) for d in (path.read_bytes(), made.read())
        )
        left, top, right, bottom = one.evidence["box"]
        rest = np.asarray(after).copy()
        rest[top:bottom, left:right] = np.asarray(before)[top:bottom, left:right]
        assert (rest == np.asarray(before)).all()


@pytest.mark.parametrize("pattern", ["none", "mixed"])
@pytest.mark.parametrize("pixel", ["rgb48be", "rgba64be", "ya16be"])
def test_sixteen_bits_of_colour_are_kept(pixel: str, pattern: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    ffmpeg(
        *["-f", "lavfi", "-i", "testsrc2=s=640x400,noise=alls=20", "-frames:v", "1"],
        *["-pix_fmt", pixel, "-pred", pattern, path],
    )
    made, (one,), _, _ = disclosed(media(path, "image/png"), languages=("ur",), work=tmp_path)
    left, top, right, bottom = one.evidence["box"]

    def raw(file: Path | None) -> np.ndarray[Any, Any]:
        done = subprocess.run(
            [program(), "-v", "error", "-i", str(file), "-f", "rawvideo", "-pix_fmt", pixel, "-"],
            capture_output=True,
            check=True,
        )
        return np.frombuffer(done.stdout, ">u2").reshape(400, 640, -1).copy()

    before, after = raw(path), raw(made.path)
    assert (after[top:bottom, left:right] != before[top:bottom, left:right]).any()
    after[top:bottom, left:right] = before[top:bottom, left:right]
    assert (after == before).all()
    assert one.evidence["contrast"] >= 7


DEEP_TIFFS = [
    pytest.param(pixel, how, id=f"{pixel}-{how}")
    for pixel in ("rgb48le", "rgb48be", "rgba64le")
    for how in ("raw", "lzw", "deflate", "packbits")
]


@pytest.mark.parametrize(("pixel", "how"), DEEP_TIFFS)
def test_sixteen_bits_of_a_tiff_are_kept(pixel: str, how: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.tif"
    ffmpeg(
        *["-f", "lavfi", "-i", "testsrc2=s=640x400,noise=alls=20", "-frames:v", "1"],
        *["-pix_fmt", pixel, "-compression_algo", how, path],
    )
    if how == "packbits":
        with pytest.raises(StageError, match="this kind of 16-bit TIFF"):
            disclosed(media(path, "image/tiff"), work=tmp_path)
        return
    made, (one,), _, _ = disclosed(media(path, "image/tiff"), languages=("ur",), work=tmp_path)
    left, top, right, bottom = one.evidence["box"]
    before, after = (_samples(file, pixel) for file in (path, made.path))
    assert (after[top:bottom, left:right] != before[top:bottom, left:right]).any()
    after[top:bottom, left:right] = before[top:bottom, left:right]
    assert (after == before).all()
    assert one.evidence["contrast"] >= 7


def _samples(path: Path | None, pixel: str) -> np.ndarray[Any, Any]:
    """16-bit samples as another decoder reads them."""
    done = subprocess.run(
        [program(), "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", pixel, "-"],
        capture_output=True,
        check=True,
    )
    order = "<u2" if pixel.endswith("le") else ">u2"
    return np.frombuffer(done.stdout, order).reshape(400, 640, -1).copy()


def _tiff16(predictor: int, tiled: bool, planar: int, orientation: int) -> tuple[bytes, Any]:
    """A 16-bit RGB TIFF in a layout that no tool at hand writes, and its samples."""
    rng = np.random.default_rng(4)
    whole = rng.integers(0, 65536, (256, 384, 3), np.uint16)
    w, h = (128, 64) if tiled else (384, 50)
    blocks = []
    for plane in range(3 if planar == 2 else 1):
        source = whole[..., plane : plane + 1] if planar == 2 else whole
        for y in range(0, 256, h):
            for x in range(0, 384, w):
                part = source[y : y + h, x : x + w].copy()
                if predictor == 2:
                    part[:, 1:] -= part[:, :-1].copy()
                blocks.append(zlib.compress(part.astype("<u2").tobytes()))
    body, offsets = bytearray(b"II*\0\0\0\0\0"), []
    for block in blocks:
        offsets.append(len(body))
        body += block + bytes(len(block) % 2)
    tags: list[tuple[int, list[int]]] = [
        (256, [384]), (257, [256]), (258, [16, 16, 16]), (259, [8]), (262, [2]),
        (274, [orientation]), (277, [3]), (284, [planar]), (317, [predictor]),
    ]  # fmt: skip
    sizes = [len(block) for block in blocks]
    tags += [(322, [w]), (323, [h]), (324, offsets), (325, sizes)] if tiled else []
    tags += [(273, offsets), (278, [h]), (279, sizes)] if not tiled else []
    rows = b""
    for tag, values in sorted(tags):
        raw = struct.pack(f"<{len(values)}I", *values)
        at = len(body)
        body += raw if len(raw) > 4 else b""
        rows += struct.pack("<HHI", tag, 4, len(values)) + (
            struct.pack("<I", at) if len(raw) > 4 else raw
        )
    body[4:8] = struct.pack("<I", len(body))
    return bytes(body + struct.pack("<H", len(tags)) + rows + bytes(4)), whole


@pytest.mark.parametrize(
    ("predictor", "tiled", "planar", "orientation"),
    [(1, False, 1, 1), (2, False, 1, 6), (2, True, 1, 1), (1, True, 1, 8), (2, False, 2, 1)],
)
def test_layouts_of_deep_tiffs(predictor: int, tiled: bool, planar: int, orientation: int) -> None:
    from overt.disclosure.deep_tiff import _layout, _unpacked

    data, whole = _tiff16(predictor, tiled, planar, orientation)
    made, (one,), _, _ = disclosed(media(data, "image/tiff"), languages=("en",))
    layout = _layout(made.read())
    changed = 0
    for at, (offset, count) in enumerate(zip(layout.offsets, layout.counts, strict=True)):
        old = _layout(data)
        same = (
            made.read()[offset : offset + count]
            == data[old.offsets[at] : old.offsets[at] + old.counts[at]]
        )
        changed += not same
        raw = made.read()[offset : offset + count]
        w, h = layout.block
        rows = h if tiled else min(h, 256 - at % -(-256 // h) * h)
        assert (
            len(_unpacked(layout, raw, rows * w * layout.inside * 2))
            == rows * w * layout.inside * 2
        )
    assert 0 < changed < len(layout.offsets), "only what is under the label is written anew"
    assert one.evidence["match"] > 0.9
    assert whole.shape == (256, 384, 3)


def test_lzw_of_others_is_read() -> None:
    from overt.disclosure.lzw import lzw_decoded, lzw_stored

    rng = np.random.default_rng(1)
    for data in (bytes(5000), rng.integers(0, 4, 30_000, np.uint8).tobytes(), b"x", rng.bytes(999)):
        assert lzw_decoded(lzw_stored(data), len(data)) == data
        side = Image.frombytes("L", (len(data), 1), data)
        buffer = io.BytesIO()
        side.save(buffer, "TIFF", compression="tiff_lzw")
        tags = opened(buffer.getvalue()).tag_v2  # type: ignore[attr-defined]
        packed = buffer.getvalue()[tags[273][0] : tags[273][0] + tags[279][0]]
        assert lzw_decoded(packed, len(data))[: len(data)] == data


def test_lines_break_outside_names_and_before_no_closing_sign() -> None:
    text = f"AI生成の人物像：{safe_name('Imran Khan')}。本物ではありません。"
    art = draw([LabelLine(text, "Jpan", "ltr", "ja")], Fonts(), 18, (300, 300), floor_px=11)
    assert art is not None
    assert len(art.lines) > 1
    assert sum("Imran\u00a0Khan" in line for line in art.lines) == 1
    assert not any(line.startswith(("。", "：")) for line in art.lines)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_every_frame_of_an_animation_is_labelled(form: str) -> None:
    frames = [Image.fromarray(pixels(320, 240, seed)) for seed in range(4)]
    buffer = io.BytesIO()
    frames[0].save(
        buffer, form, save_all=True, append_images=frames[1:], duration=[40, 80, 120, 160], loop=3
    )
    made, (one,), _, facts = disclosed(media(buffer.getvalue(), f"image/{form.lower()}"))
    assert facts.frames == 4
    after: Any = Image.open(io.BytesIO(made.read()))
    assert after.n_frames == 4
    assert after.info.get("loop") == 3
    durations, left = [], one.evidence["box"][0]
    for at in range(4):
        after.seek(at)
        after.load()
        durations.append(round(after.info["duration"]))
        patch = np.asarray(after.convert("L"))[one.evidence["box"][1] + 3, left + 12]
        assert patch < 70, f"frame {at} has its pill"
    assert durations == [40, 80, 120, 160]


@pytest.mark.parametrize("size", [(64, 64), (1, 1), (199, 500), (150, 30)])
def test_small_pictures_get_a_strip_and_are_not_covered(size: tuple[int, int]) -> None:
    before = picture(*size)
    made, (one,), _, _ = disclosed(media(before, "image/png"))
    after = opened(made.read())
    assert one.evidence["strip"]
    assert after.height > size[1]
    at = (after.width - size[0]) // 2
    kept = np.asarray(after.convert("RGB"))[: size[1], at : at + size[0]]
    assert (kept == np.asarray(opened(before).convert("RGB"))).all()


def test_label_avoids_the_busy_corner() -> None:
    calm = np.full((600, 900, 3), 120, "uint8")
    calm[:200, 450:] = np.random.default_rng(0).integers(0, 255, (200, 450, 3))
    buffer = io.BytesIO()
    Image.fromarray(calm).save(buffer, "PNG")
    _, (one,), _, _ = disclosed(media(buffer.getvalue(), "image/png"))
    assert one.evidence["box"][0] < 450 or one.evidence["box"][1] > 200


def test_portrait_keeps_clear_of_players_buttons() -> None:
    _, (one,), _, _ = disclosed(media(picture(1080, 1920, "JPEG"), "image/jpeg"))
    _, _, right, bottom = one.evidence["box"]
    assert right <= 1080 * 0.89
    assert bottom <= 1920 * 0.81


@pytest.mark.parametrize(
    ("profile", "share"), [("cn-gb45438", 0.05 * 720), ("us-mt-sb25", 0.04 * 720)]
)
def test_ink_height_of_laws(profile: str, share: float) -> None:
    asset = media(picture(1280, 720, "JPEG"), "image/jpeg")
    _, shown, _, _ = disclosed(asset, profiles=(profile,))
    assert all(one.evidence["ink_px"] >= share for one in shown)


def test_eu_mark_is_drawn() -> None:
    asset = media(picture(1280, 720, "JPEG"), "image/jpeg")
    _, (plain,), _, _ = disclosed(asset)
    _, (marked,), _, _ = disclosed(media(asset.read(), "image/jpeg"), profiles=("eu-art50",))
    wide = [one.evidence["box"][2] - one.evidence["box"][0] for one in (plain, marked)]
    assert wide[1] > wide[0] + 20


@pytest.mark.parametrize("background", ["white", "black", "#808080", "red"])
def test_contrast_is_measured_on_any_ground(background: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (800, 600), background).save(buffer, "PNG")
    _, (one,), _, _ = disclosed(media(buffer.getvalue(), "image/png"))
    assert one.evidence["contrast"] >= 7


def test_xmp_is_written_in_the_same_encode() -> None:
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
    for form in ("JPEG", "PNG", "WEBP", "TIFF"):
        asset = media(picture(400, 300, form), f"image/{form.lower()}")
        made, _, _, _ = disclosed(asset, xmp=packet)
        assert packet in made.read(), form


def test_a_file_gives_a_file_and_the_source_is_untouched(tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    source.write_bytes(before := picture(640, 400))
    work = tmp_path / "work"
    work.mkdir()
    made, _, _, _ = disclosed(media(source, "image/png"), work=work)
    assert made.path is not None
    assert made.path.parent == work
    assert source.read_bytes() == before


def test_nothing_is_owed_on_a_minor_edit() -> None:
    asset = media(picture(640, 400), "image/png")
    made, shown, _, _ = disclosed(asset, Content("image/png", extent="minor"))  # type: ignore[arg-type]
    assert made is asset
    assert shown == ()


# --- names -------------------------------------------------------------------------------------


def test_name_is_on_the_pixels_and_nowhere_else() -> None:
    asset = media(picture(900, 600), "image/png")
    made, shown, owed, _ = disclosed(
        asset, languages=("ur", "en"), obligations=FIGURE, name="Zyxwv Canary"
    )
    assert "Canary" not in repr(shown) + repr(owed) + repr(made)
    assert all("{name}" in one.text for one in shown)
    assert all(one.evidence["named"] for one in shown)


def test_a_name_without_glyphs_gives_a_label_without_it() -> None:
    asset = media(picture(900, 600), "image/png")
    _, (one,), _, _ = disclosed(asset, obligations=FIGURE, name="习近平")
    assert one.evidence["named"] is False


def test_names_callable_writes_the_script() -> None:
    renderer = Renderer(names=lambda _, tag: "عمران خان" if tag == "ur" else None)
    _, (one,), _, _ = disclosed(
        media(picture(900, 600), "image/png"),
        languages=("ur",),
        obligations=FIGURE,
        name="习近平",
        renderer=renderer,
    )
    assert one.evidence["named"] is True


@pytest.mark.parametrize(
    ("language", "name"),
    [("ur", "Michal Šimečka"), ("ar", "Erdoğan"), ("en", "عمران خان"), ("hi", "Владимир"),
     ("fr", "नरेन्द्र मोदी"), ("zh-Hans", "Žižek")],
)  # fmt: skip
def test_a_name_in_another_script_is_drawn_in_its_own_font(language: str, name: str) -> None:
    asset = media(picture(900, 600), "image/png")
    _, (one,), _, _ = disclosed(asset, languages=(language,), obligations=FIGURE, name=name)
    assert one.evidence["named"] is True
    assert len(one.evidence["fonts"]) == 2


def test_hostile_names_are_tamed() -> None:
    name = safe_name("A\u202eB\x00C\n" + "x" * 200)
    assert "\u202e" not in name
    assert "\x00" not in name
    assert "\n" not in name
    assert len(name) <= 62
    assert name[0] == "\u2068"
    assert name[-1] == "\u2069"


# --- the checker -------------------------------------------------------------------------------


def test_english_overlay_for_urdu_fails() -> None:
    _, shown, _, _ = disclosed(media(picture(900, 600), "image/png"), languages=("en",))
    _, _, owed, _ = disclosed(media(picture(900, 600), "image/png"), languages=("ur",))
    with pytest.raises(StageError) as caught:
        compare(owed, shown)
    assert caught.value.code == "disclose.mismatch"


@pytest.mark.parametrize(
    "change", [{"contrast": 3.0}, {"match": 0.1}, {"ink_px": 3}], ids=["contrast", "match", "ink"]
)
def test_poor_measurements_fail(change: dict[str, float]) -> None:
    _, (one,), owed, _ = disclosed(media(picture(900, 600), "image/png"))
    worse = one.model_copy(update={"evidence": {**one.evidence, **change}})
    with pytest.raises(StageError, match="falls short"):
        compare(owed, [worse])
    compare(owed, [one])


def test_an_unlabelled_picture_does_not_measure_as_labelled() -> None:
    art = draw(
        [LabelLine("AI-generated", "Latn", "ltr", "en")], Fonts(), 20, (600, 200), floor_px=11
    )
    assert art is not None
    placed = Placed((10, 10, 10 + art.image.width, 10 + art.image.height), (900, 600), False, art)
    found = check_image(picture(900, 600), "image/png", placed)
    assert found["match"] < 0.5


def _labelled_jpeg(orientation: int, at: tuple[int, int], **how: Any) -> tuple[bytes, Placed]:
    """A large label at `at` of the upright picture, whose sides are odd."""
    art = draw(
        [LabelLine("AI-generated", "Latn", "ltr", "en")], Fonts(), 40, (900, 300), floor_px=11
    )
    assert art is not None
    size = (1001, 701)
    placed = Placed((*at, at[0] + art.image.width, at[1] + art.image.height), size, False, art)
    whole = Image.open(io.BytesIO(picture(*(size if orientation < 5 else size[::-1]))))
    shown = paste(whole.convert("RGB"), placed, orientation)
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    shown.save(out, "JPEG", exif=exif, quality=90, **how)
    return out.getvalue(), placed


@pytest.mark.parametrize("at", [(40, 30), (41, 30), (40, 31), (41, 31)])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_large_label_of_a_jpeg_is_measured_at_half_the_size(
    orientation: int, at: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, placed = _labelled_jpeg(orientation, at)
    at_half = check_image(data, "image/jpeg", placed)
    monkeypatch.setattr("overt.disclosure.looking._HALVED_FROM_PX", 10_000)
    whole = check_image(data, "image/jpeg", placed)
    assert at_half["match"] > 0.9
    assert at_half != whole
    assert at_half["contrast"] == pytest.approx(whole["contrast"], rel=0.15)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_label_elsewhere_or_faint_is_not_seen_at_half_the_size_either(progressive: bool) -> None:
    data, placed = _labelled_jpeg(1, (40, 30), progressive=progressive)
    moved = replace(placed, box=tuple(at + 24 for at in placed.box))  # type: ignore[arg-type]
    assert check_image(data, "image/jpeg", moved)["match"] < 0.5
    gone = replace(placed, box=tuple(at + 400 for at in placed.box))  # type: ignore[arg-type]
    assert check_image(data, "image/jpeg", gone)["match"] < 0.5


def test_where_half_the_size_is_too_small_the_whole_decides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, placed = _labelled_jpeg(1, (40, 30))
    monkeypatch.setattr("overt.disclosure.looking._HALVED_FROM_PX", 10_000)
    whole = check_image(data, "image/jpeg", placed)
    monkeypatch.setattr("overt.disclosure.looking._HALVED_FROM_PX", 10)
    monkeypatch.setattr("overt.disclosure.looking.LIKENESS", 1.1)
    assert check_image(data, "image/jpeg", placed) == whole


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
def test_half_the_size_finds_a_cut_off_jpeg(cut: float, progressive: bool) -> None:
    data, placed = _labelled_jpeg(1, (40, 30), progressive=progressive)
    with pytest.raises(StageError, match=r"cut off|cannot be decoded"):
        check_image(data[: int(len(data) * cut)], "image/jpeg", placed)


def test_colour_and_languages_of_a_png_are_kept() -> None:
    notes = PngInfo()
    colour = {
        b"gAMA": struct.pack(">I", 100_000),
        b"cHRM": struct.pack(">8I", 31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600),
        b"cICP": bytes([9, 16, 0, 1]),
        b"sRGB": b"\0",
    }
    for kind, body in colour.items():
        notes.add(kind, body)
    notes.add_itxt("Title", "Été", "fr", "Titre")
    data = picture(640, 400, pnginfo=notes)
    made, _, _, _ = disclosed(media(data, "image/png"))
    for kind, body in colour.items():
        assert kind + body in made.read()
    title = Image.open(io.BytesIO(made.read())).text["Title"]  # type: ignore[attr-defined]
    assert (title, title.lang, title.tkey) == ("Été", "fr", "Titre")


def test_captions_of_a_press_photo_are_kept() -> None:
    record = b"\x1c\x02\x50\x00\x06Author\x1c\x02\x78\x00\x03Cap"
    block = b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(record)) + record + b"\0"
    body = b"Photoshop 3.0\x00" + block
    segment = b"\xff\xed" + struct.pack(">H", len(body) + 2) + body
    data = picture(640, 400, "JPEG", extra=segment)
    made, _, _, _ = disclosed(media(data, "image/jpeg"))
    assert made.read().count(record) == 1
    assert Image.open(io.BytesIO(made.read())).size == (640, 400)


def test_a_still_that_stands_before_an_animation_is_labelled_and_stays_out_of_it() -> None:
    still, *frames = (Image.fromarray(pixels(640, 400, seed)) for seed in (1, 2, 3))
    buffer = io.BytesIO()
    options: dict[str, Any] = {"duration": [200, 300], "default_image": True}
    still.save(buffer, "PNG", save_all=True, append_images=frames, **options)
    made, (one,), _, _ = disclosed(media(buffer.getvalue(), "image/png"))
    after = Image.open(io.BytesIO(made.read()))
    assert after.info["default_image"] is True
    assert after.n_frames == 3  # type: ignore[attr-defined]
    lengths = []
    for at in (1, 2):
        after.seek(at)
        lengths.append(after.info["duration"])
    assert lengths == [200, 300]
    assert one.evidence["match"] > 0.9


def test_pages_of_several_sizes_are_refused_before_work_starts() -> None:
    buffer = io.BytesIO()
    pages = [Image.fromarray(pixels(*size)) for size in ((900, 600), (300, 250))]
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    with pytest.raises(StageError) as caught:
        examine(media(buffer.getvalue(), "image/tiff"), declared="image/tiff")
    assert caught.value.code == "output.unsupported"


# --- bad input ---------------------------------------------------------------------------------


def _png(width: int, height: int, body: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(body)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    ("data", "declared", "code"),
    [
        pytest.param(b"", "image/png", "output.empty", id="empty"),
        pytest.param(picture(50, 50, "JPEG"), "image/png", "output.wrong_type", id="mislabelled"),
        pytest.param(b"not a picture", "image/png", "output.wrong_type", id="text"),
        pytest.param(picture(300, 300, "JPEG")[:-3000], "image/jpeg", "output.truncated", id="cut"),
        pytest.param(picture(300, 300)[:-9000], "image/png", "output.truncated", id="cut-png"),
        pytest.param(_png(50_000, 50_000), "image/png", "output.too_large", id="gigantic"),
        pytest.param(_png(60_000, 3_000), "image/png", "output.too_large", id="bomb"),
        pytest.param(_png(100, 100, b"x" * 10), "image/png", "output.truncated", id="short-data"),
        pytest.param(
            b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "image/png", "output.corrupt", id="corrupt"
        ),
        pytest.param(b"\xff\xd8\xff\xe0" + b"\0" * 50, "image/jpeg", "output.corrupt", id="soi"),
    ],
)
def test_bad_pictures_are_refused_before_work_starts(data: bytes, declared: str, code: str) -> None:
    with pytest.raises(StageError) as caught:
        examine(media(data, declared), declared=declared)
    assert caught.value.code == code
    assert caught.value.stage == "tool"


def test_an_avif_without_its_image_item_is_refused() -> None:
    data = bytearray(picture(260, 240, "AVIF"))
    data[data.index(b"pitm") : data.index(b"pitm") + 4] = b"xxxx"
    with pytest.raises(StageError) as caught:
        examine(media(bytes(data), "image/avif"), declared="image/avif")
    assert caught.value.code == "output.corrupt"


def test_odd_metadata_does_not_stop_a_picture_and_leaves_no_filter_behind() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    data = bytearray(picture(300, 300, "JPEG", exif=exif))
    at = data.index(b"Exif\0\0") + 6
    data[at + 10 : at + 14] = b"\xff\xff\xff\x00"  # the first entry points far outside
    before = list(warnings.filters)
    made, _, _, _ = disclosed(media(bytes(data), "image/jpeg"))
    assert made.read()
    assert list(warnings.filters) == before


def test_limits_are_the_callers() -> None:
    asset = media(picture(300, 300), "image/png")
    with pytest.raises(StageError, match="too large"):
        examine(asset, declared="image/png", limits=Limits(pixels=1000))


def test_errors_say_nothing_of_the_content() -> None:
    data = picture(300, 300, "JPEG", comment=b"CANARY")[:-3000]
    with pytest.raises(StageError) as caught:
        examine(media(data, "image/jpeg"), declared="image/jpeg")
    assert "CANARY" not in str(caught.value) + repr(caught.value.__cause__)


def test_a_missing_visible_line_is_named() -> None:
    _, _, owed, _ = disclosed(media(picture(900, 600), "image/png"), languages=("ur",))
    other = Disclosure(mode="spoken", language="ur", wording="spoken_generated", text="")
    with pytest.raises(StageError, match="nothing visible in ur"):
        compare(owed, [other])


def test_fine_noise_over_a_label_is_not_averaged_away() -> None:
    data, placed = _labelled_jpeg(1, (40, 30), subsampling=0)
    pixels_ = np.asarray(opened(data).convert("RGB"), np.int16).copy()
    left, top, right, bottom = placed.box
    rows, columns = np.indices((bottom - top, right - left))
    pixels_[top:bottom, left:right] += (((rows + columns) % 2) * 120 - 60)[..., None]
    out = io.BytesIO()
    Image.fromarray(pixels_.clip(0, 255).astype("uint8")).save(
        out, "JPEG", quality=95, subsampling=0
    )
    assert check_image(out.getvalue(), "image/jpeg", placed)["contrast"] < 7


@pytest.mark.parametrize("size", [(2001, 150), (3000, 199)])
def test_a_wide_banner_gets_its_strip(size: tuple[int, int]) -> None:
    made, (one,), _, _ = disclosed(media(picture(*size), "image/png"))
    assert one.evidence["strip"]
    assert opened(made.read()).size[1] > size[1]

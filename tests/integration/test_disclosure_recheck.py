"""Claims against files: the Pakistan case, forged evidence, and files altered afterwards."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from disclosure_media import H264, disclosed, media, picture, samples, sound, video
from PIL import Image

from overt.disclosure import Content, examine, plan, recheck
from overt.errors import StageError
from overt.models import Disclosure, Media


def test_honest_claims_hold_on_every_kind(tmp_path: Path) -> None:
    film = video(tmp_path, "film.mp4", *H264, size="320x240")
    for asset in (
        media(picture(640, 400, "JPEG"), "image/jpeg"),
        media(sound(44_100, 2, form="MP3"), "audio/mpeg"),
        media(b"Hello.\n", "text/plain"),
        media(film, "video/mp4"),
    ):
        made, shown, owed, _ = disclosed(asset, languages=("ur",))
        again = recheck(made, owed, shown)
        assert [one.mode for one in again] == [one.mode for one in shown]


def test_pakistan_english_overlay_on_urdu_speech_and_nothing_spoken(tmp_path: Path) -> None:
    film = media(video(tmp_path, "speech.mp4", *H264), "video/mp4")
    content = Content("video/mp4", synthetic_audio=False)
    english, shown, _, _ = disclosed(film, content, languages=("en",), work=tmp_path)
    assert [one.mode for one in shown] == ["visible", "text"]
    facts = examine(english, declared="video/mp4")
    owed = plan(Content("video/mp4", facts), (), (), ("ur",))
    with pytest.raises(StageError, match="nothing visible in ur"):
        recheck(english, owed, shown)
    urdu = [one.model_copy(update={"language": "ur"}) for one in shown]
    with pytest.raises(StageError):
        recheck(english, owed, urdu)


def test_forged_evidence_is_measured_again() -> None:
    made, (one,), owed, _ = disclosed(media(sound(), "audio/wav"), languages=("ur",))
    bare = media(sound(seconds=9.0), "audio/wav")
    with pytest.raises(StageError, match="not heard in the file"):
        recheck(bare, owed, [one])
    recheck(made, owed, [one])


def test_a_label_painted_over_is_found_out() -> None:
    made, (one,), owed, _ = disclosed(media(picture(640, 400), "image/png"), languages=("ur",))
    image = Image.open(io.BytesIO(made.read())).convert("RGB")
    image.paste((200, 180, 90), tuple(one.evidence["box"]))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    with pytest.raises(StageError, match="visible disclosure in ur falls short"):
        recheck(media(buffer.getvalue(), "image/png"), owed, [one])


def test_a_notice_cut_off_is_found_out() -> None:
    made, (one,), owed, _ = disclosed(media(sound(), "audio/wav"), languages=("ur",))
    data, rate = samples(made)
    buffer = io.BytesIO()
    soundfile.write(buffer, data[int(one.evidence["end_s"] * rate) :], rate, format="WAV")
    with pytest.raises(StageError):
        recheck(media(buffer.getvalue(), "audio/wav"), owed, [one])


def test_silenced_notice_is_found_out() -> None:
    made, (one,), owed, _ = disclosed(media(sound(), "audio/wav"), languages=("ur",))
    data, rate = samples(made)
    quiet = data.copy()
    quiet[: int(one.evidence["end_s"] * rate)] *= 0.01
    buffer = io.BytesIO()
    soundfile.write(buffer, quiet.astype(np.float32), rate, format="WAV", subtype="FLOAT")
    with pytest.raises(StageError, match="too quiet"):
        recheck(media(buffer.getvalue(), "audio/wav"), owed, [one])


@pytest.mark.parametrize("size", [(150, 400), (190, 900)])
def test_a_strip_below_a_picture_is_measured_again(size: tuple[int, int]) -> None:
    asset = media(picture(*size), "image/png")
    made, (*_, one), owed, _ = disclosed(asset, languages=("ur",), profiles=("strictest",))
    assert one.evidence["strip"] is True
    recheck(made, owed, disclosed(asset, languages=("ur",), profiles=("strictest",))[1])
    plain, (small,), _, _ = disclosed(media(picture(*size), "image/png"), languages=("ur",))
    claim = small.model_copy(update={"evidence": {**small.evidence, "strip": True, "ink_px": 99}})
    with pytest.raises(StageError):
        recheck(plain, owed, [claim])


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_strip_wider_than_its_picture_is_measured_again(form: str) -> None:
    asset = media(picture(190, 2000, form), f"image/{form.lower()}")
    made, shown, owed, _ = disclosed(asset, languages=("ur",), profiles=("strictest",))
    assert shown[0].evidence["picture"] == [190, 2000]
    assert shown[0].evidence["size"][0] > 1000
    recheck(made, owed, shown)


def test_a_strip_below_a_wide_picture_does_not_pass_for_one_below_a_narrow_one() -> None:
    asset = media(picture(190, 2000), "image/png")
    made, shown, owed, _ = disclosed(asset, languages=("ur",), profiles=("strictest",))
    wide = Image.open(io.BytesIO(made.read())).convert("RGB")
    wide.paste((200, 180, 90), (0, 0, wide.width, 2000))
    buffer = io.BytesIO()
    wide.save(buffer, "PNG")
    with pytest.raises(StageError):
        recheck(media(buffer.getvalue(), "image/png"), owed, shown)


@pytest.mark.parametrize("claimed", [[], ["a", 3], [-5, 2000], [10**9, 2000], None])
def test_a_strips_picture_that_makes_no_sense_is_not_believed(claimed: object) -> None:
    asset = media(picture(150, 400), "image/png")
    made, shown, owed, _ = disclosed(asset, languages=("en",))
    odd = [
        one.model_copy(update={"evidence": {**one.evidence, "picture": claimed}}) for one in shown
    ]
    recheck(made, owed, odd)


def test_claims_without_places_count_for_nothing() -> None:
    asset = Media(media_type="image/png", data=picture(640, 400))
    owed = plan(Content("image/png"), (), (), ("ur",))
    claim = Disclosure(
        mode="visible", language="ur", wording="label_short", text=owed.visible[0].text,
        evidence={"contrast": 21.0, "match": 1.0, "ink_px": 99},
    )  # fmt: skip
    with pytest.raises(StageError):
        recheck(asset, owed, [claim])


LETTER = "BT /F1 12 Tf 72 600 Td (The council met on Tuesday.) Tj ET"


def paper(content: str = LETTER) -> bytes:
    parts = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[4 0 R]/Count 1/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        "<</Type/Page/Parent 2 0 R/Contents 5 0 R>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
    ]
    out, table = "%PDF-1.7\n", ""
    for number, body in enumerate(parts, 1):
        table += f"{len(out):010} 00000 n \n"
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = f"xref\n0 6\n0000000000 65535 f \n{table}trailer\n<</Size 6/Root 1 0 R>>"
    return f"{out}{table}\nstartxref\n{len(out)}\n%%EOF\n".encode()


@pytest.mark.parametrize("language", ["en", "ur"])
@pytest.mark.parametrize("satire", [False, True])
def test_a_label_in_a_document_is_measured_again(language: str, satire: bool) -> None:
    content = Content("application/pdf", satire=satire)
    name = "Ann" if satire else None
    asset = media(paper(), "application/pdf")
    made, (one,), owed, _ = disclosed(asset, content, languages=(language,), name=name)
    (again,) = recheck(made, owed, [one], name=name)
    assert again.evidence["match"] > 0.75
    assert again.evidence["contrast"] >= 7
    with pytest.raises(StageError, match=f"nothing text in {language}"):
        recheck(asset, owed, [one], name=name)
    for claim in ({}, {"box": one.evidence["box"]}, {**one.evidence, "box": [0, 0, 9, 9]},
                  {**one.evidence, "size": [64, 64]}):  # fmt: skip
        forged = one.model_copy(update={"evidence": {"found": True, "match": 1.0, **claim}})
        with pytest.raises(StageError, match=f"nothing text in {language}"):
            recheck(asset, owed, [forged.model_copy(update={"evidence": claim})], name=name)
        with pytest.raises(StageError, match=f"nothing text in {language}"):
            recheck(asset, owed, [forged], name=name)


def test_a_label_on_jpeg_xl_is_measured_again() -> None:
    from overt.disclosure.jxl import has_jxl

    if not has_jxl():
        pytest.skip("this ffmpeg has no JPEG XL")
    import media_samples

    source = ("-f", "lavfi", "-i", "testsrc2=size=640x480", "-frames:v", "1")
    asset = media(media_samples.converted(".jxl", *source), "image/jxl")
    made, (one,), owed, _ = disclosed(asset, languages=("ur",))
    (again,) = recheck(made, owed, [one])
    assert again.evidence["match"] > 0.75
    with pytest.raises(StageError, match="visible disclosure in ur falls short"):
        recheck(asset, owed, [one])


def test_a_small_label_pasted_into_a_large_picture_is_not_one_of_it() -> None:
    made, shown, owed, _ = disclosed(media(picture(640, 480, "JPEG"), "image/jpeg"))
    small = Image.open(io.BytesIO(made.read()))
    large = Image.new("RGB", (3200, 2400), "gray")
    large.paste(small)
    buffer = io.BytesIO()
    large.save(buffer, "JPEG", quality=95)
    with pytest.raises(StageError):
        recheck(media(buffer.getvalue(), "image/jpeg"), owed, list(shown))

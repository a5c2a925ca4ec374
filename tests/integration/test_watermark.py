"""Watermarks: hidden after the label and before the signature, read from what is left of a copy."""

import io
import secrets
from pathlib import Path

import media_samples as samples
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import insert

from overt import watermarking
from overt.config import load_config
from overt.errors import ConfigError
from overt.guard import Guard
from overt.inspect import lookup, verify
from overt.models import Media, Request
from overt.provenance import rivagan, watermark
from overt.provenance.rivagan import RivaGan
from overt.provenance.watermark import confidence, distance, payload_for
from overt.setup import initialise
from overt.storage import Database
from overt.storage.schema import assets, ledger_heads
from overt.testing import check_watermarker

PHOTOGRAPH = Path(__file__).parents[1] / "data/pictures/coffee.jpg"
SIZE = (600, 400)


@pytest.fixture(scope="module")
def marker():
    return RivaGan()


def photograph():
    """A cup of coffee, see tests/data/pictures/SOURCE.md: the networks fail on made-up pictures."""
    with Image.open(PHOTOGRAPH) as image:
        return image.convert("RGB")


def encoded(picture, kind="PNG", **options):
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def opened(data):
    return Image.open(io.BytesIO(data))


def test_the_packaged_one_keeps_the_contract(marker):
    check_watermarker(marker, np.asarray(photograph()))


@pytest.fixture(scope="module")
def marked(marker):
    done = watermarking.marked(
        Media(media_type="image/png", data=encoded(photograph())), marker, "run-1"
    )
    assert done is not None
    return opened(done.data)


CHANGES = {
    "nothing": (lambda p: encoded(p), 1),
    "jpeg quality 50": (lambda p: encoded(p, "JPEG", quality=50), 2),
    "half size": (lambda p: encoded(p.resize((300, 200))), 1),
    "cropped 2 %": (lambda p: encoded(p.crop((12, 8, 588, 392))), 2),
    "webp": (lambda p: encoded(p, "WEBP", quality=60), 4),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_copy_is_read(marker, marked, name):
    change, most = CHANGES[name]
    read = watermarking.read(change(marked), marker)
    assert distance(read, payload_for("run-1", 4)) <= most


def test_it_is_hardly_visible(marked):
    before, after = (np.asarray(each.convert("RGB"), float) for each in (photograph(), marked))
    assert 10 * np.log10(255**2 / np.mean((before - after) ** 2)) > 37


def test_the_file_keeps_its_form(marker):
    turned = photograph().transpose(Image.Transpose.ROTATE_90)  # upright when turned clockwise
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "kept"
    source = encoded(turned, "JPEG", quality=80, subsampling=0, exif=exif, icc_profile=b"profile")
    done = watermarking.marked(Media(media_type="image/jpeg", data=source), marker, "run-2")
    before, after = opened(source), opened(done.data)
    assert after.size == before.size
    assert after.quantization == before.quantization
    assert after.getexif()[0x010E] == "kept"
    assert after.getexif()[0x0112] == 6
    assert after.info["icc_profile"] == b"profile"
    # A platform turns the pixels and drops the note about it: the mark is read all the same.
    upright = encoded(after.transpose(Image.Transpose.ROTATE_270), "JPEG", quality=80)
    assert distance(watermarking.read(upright, marker), payload_for("run-2", 4)) <= 2


def test_transparency_stays(marker):
    picture = photograph().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(SIZE))
    done = watermarking.marked(Media(media_type="image/png", data=encoded(picture)), marker, "r")
    assert opened(done.data).getchannel("A").tobytes() == picture.getchannel("A").tobytes()


class Deaf:
    """A watermarker that does not hold."""

    name, version, size = "deaf", "1", 4

    def embed(self, pixels, payload):
        return pixels

    def extract(self, pixels):
        return b"\xff\x00\xff\x00"


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("image/png", encoded(photograph())),  # not held
        ("image/gif", samples.sample("image/gif")),
        ("image/png", encoded(photograph().convert("P"))),
        ("image/jpeg", encoded(photograph().convert("CMYK"), "JPEG")),
    ],
    ids=["not held", "gif", "palette", "cmyk"],
)
def test_what_does_not_take_a_mark_is_left_alone(media_type, data):
    assert watermarking.marked(Media(media_type=media_type, data=data), Deaf(), "r") is None


@pytest.mark.parametrize("data", [b"", b"words", samples.sample("audio/wav")])
def test_no_mark_is_read_from_what_is_no_picture(data):
    assert watermarking.read(data, Deaf()) is None


def test_a_mark_in_a_large_ledger_says_less():
    assert confidence(0, 32, 1000) == 0.99
    assert confidence(2, 32, 1000) > 0.98
    assert confidence(2, 32, 1_000_000) < confidence(1, 32, 1_000_000) < 0.99
    assert confidence(4, 32, 1_000_000) < 0.5


def test_without_the_extra_a_guard_says_so(monkeypatch):
    monkeypatch.setattr(rivagan, "find_spec", lambda _: None)
    with pytest.raises(ConfigError) as raised:
        RivaGan()
    assert raised.value.code == "watermark.missing"
    with pytest.raises(ConfigError):
        Guard.ephemeral(lookup={"watermark": True})


def test_other_weights_are_refused(monkeypatch, tmp_path):
    (tmp_path / "decoder.onnx").write_bytes(b"other weights")
    monkeypatch.setattr(rivagan, "data_path", lambda *parts: tmp_path / parts[-1])
    with pytest.raises(ConfigError) as raised:
        _ = RivaGan()._decoder
    assert raised.value.code == "watermark.weights"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A guarded picture from an installation that marks: (folder, result)."""
    folder = tmp_path_factory.mktemp("marking")
    initialise(folder)
    config = folder / "overt.toml"
    config.write_text(config.read_text().replace("# watermark = false", "watermark = true"))
    with Guard.open(config) as guard:
        result = guard.run(
            Request(prompt="hills at dusk", media_type="image/jpeg", tool="stand-in"),
            lambda _: Media(
                media_type="image/jpeg", data=encoded(photograph(), "JPEG", quality=90)
            ),
        )
    return folder, result


def test_the_line_marks_after_the_label_and_before_the_signature(made, marker):
    folder, result = made
    root = (folder / ".overt/identity/root.pem").read_bytes()
    data = result.media.read()
    seen = verify(data, trust=root, require_disclosure=True)
    assert seen.passed
    (action,) = [each for each in seen.actions if each.action == "c2pa.watermarked.unbound"]
    assert action.agent == "RivaGAN"
    assert all(each.startswith("io.iscc.v0 ") for each in seen.soft_bindings)
    said = samples.oracle(data, "image/jpeg", root)
    assert (said["integrity"], said["hard_binding"]) == ("valid", "match")
    assert said["validation_results"]["failure"] == []
    payload = payload_for(result.decision.id, 4)
    assert distance(watermarking.read(data, marker), payload) <= 1


def test_a_copy_beyond_its_looks_is_found_by_its_mark(made, marker):
    folder, result = made
    url = load_config(folder / "overt.toml").database_url()
    picture = opened(result.media.read()).convert("RGB")
    width, height = picture.size
    cut = picture.crop((round(width * 0.2), 0, width, height))
    copy = encoded(cut, "JPEG", quality=85)
    assert lookup(copy, url).match == "none"
    found = lookup(copy, url, watermarker=marker)
    assert found.match == "watermark"
    assert found.distance <= watermark.MOST_WRONG
    assert 0.5 <= found.confidence <= 0.99
    assert found.asset.decision == result.decision.id
    assert "copied" in found.note
    other = lookup(samples.sample("image/png"), url, watermarker=marker)
    assert other.match == "none"


def test_a_mark_tells_which_of_two_that_look_alike(tmp_path):
    class Reads(Deaf):
        def extract(self, pixels):
            return payload_for("run-b", 4)

    picture = photograph()
    url = f"sqlite:///{tmp_path / 'overt.db'}"
    from overt.provenance.fingerprint import fingerprint

    code = fingerprint(Media(media_type="image/png", data=encoded(picture))).code
    with Database.open(url) as database:

        def work(tx):
            tx.execute(insert(ledger_heads).values(origin="example.org/log", size=9, frontier=b""))
            for index, run in enumerate(("run-a", "run-b")):
                tx.execute(
                    insert(assets).values(
                        id=secrets.token_hex(16),
                        sha256=run,
                        media_type="image/png",
                        made_at=samples.WHEN,
                        idx=index,
                        decision_id=run,
                        label=run,
                        fingerprint=code,
                        fingerprint_kind="image",
                    )
                )

        database.write(work)
    copy = encoded(picture, "JPEG", quality=70)
    found = lookup(copy, url, watermarker=Reads())
    assert (found.match, found.asset.decision) == ("fingerprint", "run-b")
    assert [each.decision for each in found.others] == ["run-a"]
    assert "mark of that run" in found.note

""" "Did this come from us?": by bytes, by manifest, by looks; and what is honestly not known."""

import io
import secrets
import subprocess
import tempfile
from pathlib import Path

import media_samples as samples
import pytest
from PIL import Image, ImageDraw
from sqlalchemy import insert

from overt.errors import ConfigError
from overt.inspect import lookup, recover
from overt.models import Media
from overt.provenance import fingerprint as fingerprints
from overt.provenance.archive import ManifestArchive
from overt.provenance.fingerprint import fingerprint, remembered, stored
from overt.provenance.index import THRESHOLDS, FingerprintIndex, confidence
from overt.provenance.model import SoftBinding
from overt.storage import Database
from overt.storage.schema import assets, ledger_heads

KEYS = samples.keys()


def photograph(seed=1, size=(640, 480)):
    """A picture with the spectrum of a photograph: large shapes and fine grain."""
    base = samples.noise(*size, seed=seed).resize(size)
    rough = samples.noise(64, 48, seed=seed + 1000).resize(size, Image.Resampling.BICUBIC)
    return Image.blend(base, rough, 0.7)


def encoded(picture, kind="PNG", **options):
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def labelled(picture):
    out = picture.copy()
    ImageDraw.Draw(out).rectangle((420, 10, 630, 50), fill="#111")
    return out


def speech(text="example"):
    arguments = (
        *("-f", "lavfi", "-i"),
        "aevalsrc='0.4*sin(2*PI*(200+120*sin(1.7*t))*t)*(0.6+0.4*sin(9*t))"
        "+0.2*sin(2*PI*(900+300*sin(0.9*t))*t)':duration=10:sample_rate=24000",
    )
    return samples.converted(".wav", *arguments)


def film():
    return samples.converted(
        ".mp4",
        *("-f", "lavfi", "-i", "mandelbrot=size=320x240:rate=25", "-t", "4"),
        *("-pix_fmt", "yuv420p"),
    )


STORY = (
    "The council of the small town by the river met on Tuesday to talk about the new bridge. "
    "It will be built of wood and stone, and it will carry walkers, bicycles and one tram line. "
    "Nobody spoke against it, though the mayor asked what it would cost to keep it clean in winter."
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """A ledger with one asset of each kind: (database url, signed bytes by media type)."""
    folder = tmp_path_factory.mktemp("ledger")
    url = f"sqlite:///{folder / 'overt.db'}"
    before = {
        "image/png": encoded(photograph()),
        "audio/wav": speech(),
        "video/mp4": film(),
        "text/plain": STORY.encode(),
    }
    after = dict(before)
    after["image/png"] = encoded(labelled(photograph()))
    finished = {}
    archive = ManifestArchive(folder / "manifests")
    with Database.open(url) as database:

        def work(tx):
            tx.execute(insert(ledger_heads).values(origin="example.org/log", size=9, frontier=b""))
            for index, (media_type, data) in enumerate(after.items()):
                done = samples.embedder().sign(
                    samples.media(media_type, data), samples.manifest(media_type)
                )
                finished[media_type] = done
                archive.put(done.label, done.store)
                kind, blob = stored(
                    fingerprint(samples.media(media_type, data)),
                    fingerprint(samples.media(media_type, before[media_type])),
                )
                assert len(blob) <= 64
                tx.execute(
                    insert(assets).values(
                        id=secrets.token_hex(16),
                        sha256=done.digest,
                        media_type=media_type,
                        made_at=samples.WHEN,
                        idx=index,
                        decision_id=f"d-{index}",
                        label=done.label,
                        fingerprint=blob,
                        fingerprint_kind=kind,
                    )
                )

        database.write(work)
    return url, finished, archive


def changed_by(suffix, data, source, *arguments, folder):
    path = folder / f"in{source}"
    path.write_bytes(data)
    return samples.converted(suffix, "-i", str(path), *arguments)


def test_the_very_bytes(ledger):
    url, finished, _ = ledger
    found = lookup(finished["image/png"].media.read(), url)
    assert (found.match, found.confidence, found.distance) == ("exact", 1.0, 0)
    assert found.asset.made_at == samples.WHEN
    assert (found.asset.record.index, found.asset.record.origin) == (0, "example.org/log")
    assert set(found.to_json()) >= {"match", "confidence", "distance", "asset"}


def test_bytes_that_were_changed_under_our_manifest(ledger):
    url, finished, _ = ledger
    changed = finished["image/png"].media.read() + b"\n"
    found = lookup(changed, url, trust=KEYS.root)
    assert (found.match, found.confidence) == ("manifest", 0.6)
    # A manifest that our anchors do not cover says nothing; the looks still do.
    other = lookup(changed, url, trust=samples.strangers_keys().root)
    assert other.match == "fingerprint"


def test_formats_that_pillow_does_not_read_are_looked_at_too(ledger):
    """JPEG XL and HEIC: a phone's gallery and some shops change to them."""
    url, _, _ = ledger
    changed = changed_by_picture(".jxl", labelled(photograph()))
    found = lookup(samples.jxl_container(changed), url)
    assert (found.match, found.asset.media_type) == ("fingerprint", "image/png")


def changed_by_picture(suffix, picture):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.png"
        path.write_bytes(encoded(picture))
        return samples.converted(suffix, "-i", str(path))


def smaller(picture, factor=2):
    return picture.resize((picture.width // factor, picture.height // factor))


def cropped(picture, share=0.02):
    x, y = round(picture.width * share), round(picture.height * share)
    return picture.crop((x, y, picture.width - x, picture.height - y))


PICTURES = {
    "stripped": lambda p: encoded(p),
    "jpeg quality 50": lambda p: encoded(p, "JPEG", quality=50),
    "half size": lambda p: encoded(smaller(p)),
    "half size, quality 50": lambda p: encoded(smaller(p), "JPEG", quality=50),
    "cropped 2 %": lambda p: encoded(cropped(p)),
    "webp": lambda p: encoded(p, "WEBP", quality=60),
    "gif": lambda p: encoded(p.quantize(64), "GIF"),
}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("before", [True, False], ids=["without the label", "with the label"])
def test_a_picture_is_found_again(ledger, name, before):
    url, finished, _ = ledger
    picture = photograph() if before else labelled(photograph())
    found = lookup(PICTURES[name](picture), url)
    assert found.match == "fingerprint"
    assert 0.5 <= found.confidence < 1
    assert found.distance <= THRESHOLDS["image"]
    assert found.asset.sha256 == finished["image/png"].digest
    assert "not the same as being the same" in found.note


SOUNDS = {
    "mp3 at 64 kbit/s": (".mp3", ("-b:a", "64k")),
    "opus": (".ogg", ("-c:a", "libopus", "-b:a", "24k")),
    "flac": (".flac", ()),
    "quieter": (".wav", ("-af", "volume=0.4")),
    "telephone": (".wav", ("-ar", "8000")),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_is_found_again(ledger, name, tmp_path):
    url, finished, _ = ledger
    suffix, arguments = SOUNDS[name]
    data = changed_by(suffix, speech(), ".wav", *arguments, folder=tmp_path)
    found = lookup(data, url)
    assert found.match == "fingerprint"
    assert found.asset.sha256 == finished["audio/wav"].digest


def test_a_sound_is_found_after_its_notice_was_cut_off(tmp_path):
    original = tmp_path / "original.wav"
    original.write_bytes(speech())
    with_notice = tmp_path / "notice.wav"
    subprocess.run(
        [
            *(samples.ffmpeg(), "-v", "error", "-f", "lavfi"),
            *("-i", "sine=frequency=300:duration=4:sample_rate=24000", "-i", str(original)),
            *("-filter_complex", "[0][1]concat=n=2:v=0:a=1", str(with_notice)),
        ],
        check=True,
    )
    trimmed = changed_by(".mp3", with_notice.read_bytes(), ".wav", "-ss", "4", folder=tmp_path)
    after, before = (
        fingerprint(Media(media_type="audio/wav", path=path)) for path in (with_notice, original)
    )
    kind, blob = stored(after, before)
    index = FingerprintIndex()
    index.add(kind, [("both", blob), ("only after", stored(after)[1])])
    near = index.search(fingerprint(Media(media_type="audio/mpeg", data=trimmed)))
    assert "both" in [each.id for each in near]


FILMS = {
    "poor quality": (".mp4", ("-crf", "35")),
    "half size": (".mp4", ("-vf", "scale=160:120")),
    "webm": (".webm", ("-b:v", "200k")),
    "cropped 2 %": (".mp4", ("-vf", "crop=iw*0.96:ih*0.96")),
}


@pytest.mark.parametrize("name", FILMS)
def test_a_film_is_found_again(ledger, name, tmp_path):
    url, finished, _ = ledger
    suffix, arguments = FILMS[name]
    found = lookup(changed_by(suffix, film(), ".mp4", *arguments, folder=tmp_path), url)
    assert found.match == "fingerprint"
    assert found.asset.sha256 == finished["video/mp4"].digest


@pytest.mark.parametrize(
    "text",
    [
        STORY.upper(),
        STORY + " (AI-generated)",
        f"<html><style>p {{ color: red }}</style><p>{STORY}</p></html>",
        STORY.replace("Tuesday", "Monday"),
    ],
)
def test_a_text_is_found_again(ledger, text):
    url, finished, _ = ledger
    found = lookup(text.encode(), url)
    assert found.match == "fingerprint"
    assert found.asset.sha256 == finished["text/plain"].digest


@pytest.mark.parametrize(
    "data",
    [
        encoded(photograph(seed=77)),
        samples.sample("image/jpeg"),
        samples.sample("audio/wav"),
        b"A wholly different text about cooking rice with saffron, peas and a little lemon zest.",
        b"short",
        b"\x00\x01\x02",
        samples.sample("application/pdf"),
    ],
    ids=["photo", "noise", "sine", "text", "short", "bytes", "pdf"],
)
def test_no_match_proves_nothing_and_says_so(ledger, data):
    found = lookup(data, ledger[0])
    assert (found.match, found.confidence, found.asset) == ("none", 0.0, None)
    assert "proves nothing" in found.note


def test_a_manifest_is_recovered_for_a_stripped_file(ledger):
    url, finished, archive = ledger
    found = lookup(encoded(labelled(photograph())), url)
    assert recover(found, archive) == finished["image/png"].store
    assert recover(lookup(b"\x00\x01", url), archive) is None
    assert ManifestArchive(archive._folder / "other").get("urn:c2pa:x") is None


def test_one_index_serves_many_lookups_and_takes_up_new_assets(ledger):
    url = ledger[0]
    index = FingerprintIndex()
    for _ in range(2):
        assert lookup(encoded(photograph()), url, index=index).match == "fingerprint"
    assert len(index) == 5  # four assets, one of them with two codes


def test_confidence_falls_with_distance():
    values = [confidence("image", distance) for distance in range(THRESHOLDS["image"] + 2)]
    assert values[0] == 0.99
    assert values == sorted(values, reverse=True)
    assert values[-2] == 0.5
    assert values[-1] == 0


def test_without_the_extra_it_says_so(ledger, monkeypatch):
    monkeypatch.setattr(fingerprints, "find_spec", lambda _: None)
    with pytest.raises(ConfigError) as raised:
        fingerprint(samples.media("image/png"))
    assert raised.value.code == "lookup.missing"
    found = lookup(encoded(photograph()), ledger[0])
    assert found.match == "none"
    assert "not compared" in found.note


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\nbroken"),
        ("audio/wav", b"RIFF\x00\x00\x00\x00WAVE"),
        ("video/mp4", b"\x00\x00\x00\x18ftypisom"),
        ("image/svg+xml", samples.sample("image/svg+xml")),
        ("text/plain", b"few words"),
    ],
)
def test_what_cannot_be_told_by_its_looks_has_no_fingerprint(media_type, data):
    assert fingerprint(Media(media_type=media_type, data=data)) is None


def test_what_is_kept_of_an_asset(monkeypatch):
    after = samples.media("image/png", encoded(labelled(photograph())))
    before = samples.media("image/png", encoded(photograph()))
    kept = remembered(after, before)
    assert kept.kind == "image"
    assert len(kept.blob) == 64
    assert kept.iscc.startswith("ISCC:")
    assert samples.manifest(
        "image/png", soft_bindings=(SoftBinding(algorithm="io.iscc.v0", value=kept.iscc),)
    ).to_c2pa()
    assert len(remembered(after).blob) == 32
    assert remembered(samples.media("text/plain", b"short")) is None
    monkeypatch.setattr(fingerprints, "find_spec", lambda _: None)
    assert remembered(after, before) is None


def test_of_two_formats_that_look_the_same_the_same_format_comes_first(tmp_path):
    url = f"sqlite:///{tmp_path / 'overt.db'}"
    code = fingerprint(samples.media("image/png", encoded(photograph()))).code
    with Database.open(url) as database:

        def work(tx):
            tx.execute(insert(ledger_heads).values(origin="example.org/log", size=9, frontier=b""))
            for index, media_type in enumerate(("image/avif", "image/jpeg", "image/png")):
                tx.execute(
                    insert(assets).values(
                        id=secrets.token_hex(16),
                        sha256=media_type,
                        media_type=media_type,
                        made_at=samples.WHEN,
                        idx=index,
                        decision_id=f"d-{index}",
                        label=media_type,
                        fingerprint=code,
                        fingerprint_kind="image",
                    )
                )

        database.write(work)
    for kind in ("png", "jpeg"):
        found = lookup(encoded(photograph(), kind.upper()), url)
        assert found.asset.media_type == f"image/{kind}"
        assert len(found.others) == 2

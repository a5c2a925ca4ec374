"""Every format: signed, read back, and judged by a verifier that shares no code with the signer."""

import hashlib
import os
import shutil
import subprocess

import media_samples as samples
import pytest

from overt import Guard
from overt.effects.declaration import declaration_of
from overt.effects.marking import mark
from overt.errors import StageError
from overt.inspect import verify
from overt.models import Media

ROOT = samples.keys().root


@pytest.fixture(scope="module")
def signed():
    cache = {}

    def get(media_type):
        if media_type not in cache:
            cache[media_type] = samples.embedder().sign(
                samples.media(media_type), samples.manifest(media_type)
            )
        return cache[media_type]

    return get


@pytest.mark.parametrize("media_type", samples.MEDIA_TYPES)
def test_another_implementation_agrees(signed, media_type):
    result = signed(media_type)
    data = result.media.read()
    said = samples.oracle(data, media_type, ROOT, result.sidecar)
    assert said["integrity"] == "valid"
    assert said["hard_binding"] == "match"
    assert said["trust"]["status"] == "valid_for_supplied_material"
    assert said["validation_results"]["failure"] == []
    assert result.digest == hashlib.sha256(data).hexdigest()
    assert (result.sidecar is None) == (media_type in samples.EMBEDDED)


@pytest.mark.parametrize("media_type", samples.MEDIA_TYPES)
def test_one_flipped_bit_is_seen(signed, media_type):
    result = signed(media_type)
    data = result.media.read()
    changed = samples.flipped(data, samples.middle_of_content(data, media_type))
    said = samples.oracle(changed, media_type, ROOT, result.sidecar)
    assert said["integrity"] == "invalid"
    ours = verify(changed, sidecar=result.sidecar, trust=ROOT)
    assert ours.integrity == "invalid"
    assert not ours.passed


@pytest.mark.parametrize("media_type", samples.MEDIA_TYPES)
def test_we_read_what_we_wrote(signed, media_type, tmp_path):
    result = signed(media_type)
    path = tmp_path / f"asset{samples.SUFFIXES[media_type]}"
    path.write_bytes(result.media.read())
    if result.sidecar:
        path.with_name(path.name + ".c2pa").write_bytes(result.sidecar)
    seen = verify(path, trust=ROOT, require_disclosure=True)
    assert (seen.integrity, seen.trust) == ("valid", "trusted")
    assert seen.passed
    assert seen.media_type == media_type
    assert seen.manifest == result.label
    assert seen.digital_source_type == result.digital_source_type == "trainedAlgorithmicMedia"
    assert [each.action for each in seen.actions] == ["c2pa.created", "c2pa.addedText"]
    assert [(d.mode, d.language, d.text) for d in seen.disclosures] == [
        ("visible", "ur", "AI {name}")
    ]
    assert (seen.record.index, seen.record.origin) == (7, "example.org/log")


@pytest.fixture(scope="module")
def house():
    """A guard as `overt mark` opens one, and its root."""
    with Guard.ephemeral() as guard:
        yield guard, (guard._parts.config.folder / ".overt/identity/root.pem").read_bytes()


@pytest.mark.parametrize("media_type", samples.MEDIA_TYPES)
@pytest.mark.parametrize("extent", ["minor", "significant"])
def test_every_format_is_marked(house, media_type, extent, tmp_path):
    """What `overt mark` calls, but for the process in which it decodes a stranger's file first."""
    guard, root = house
    source = tmp_path / f"in{samples.SUFFIXES[media_type]}"
    out = tmp_path / f"out{samples.SUFFIXES[media_type]}"
    source.write_bytes(samples.sample(media_type))
    asset = Media(media_type=media_type, path=source)
    declared = declaration_of({"extent": extent}, "the declaration")
    result = mark(guard, asset, declared, destination=out, isolated=False)
    assert bool(result.disclosures) == (extent == "significant")
    assert (result.sidecar is None) == (media_type in samples.EMBEDDED)
    assert source.read_bytes() == samples.sample(media_type)
    said = samples.oracle(out.read_bytes(), media_type, root, result.sidecar)
    assert (said["integrity"], said["hard_binding"]) == ("valid", "match")
    assert said["trust"]["status"] == "valid_for_supplied_material"
    seen = verify(out, trust=root, require_disclosure=extent == "significant")
    assert seen.passed
    assert [one.relationship for one in seen.ingredients] == ["parentOf"]


WITH_XMP = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "image/tiff",
    "audio/mpeg",
    "image/avif",
    "image/heic",
    "image/jxl",
    "image/svg+xml",
    "application/pdf",
    "audio/wav",
    "audio/mp4",
    "video/mp4",
    "video/quicktime",
    "video/x-msvideo",
)


@pytest.mark.skipif(
    shutil.which("exiftool") is None and os.environ.get("CI") != "true",
    reason="install libimage-exiftool-perl",
)
@pytest.mark.parametrize("media_type", WITH_XMP)
def test_exiftool_reads_the_source_type_after_signing(signed, media_type, tmp_path):
    path = tmp_path / f"asset{samples.SUFFIXES[media_type]}"
    path.write_bytes(signed(media_type).media.read())
    done = subprocess.run(
        ["exiftool", "-s3", "-XMP-iptcExt:DigitalSourceType", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().endswith("/trainedAlgorithmicMedia")
    problems = subprocess.run(
        ["exiftool", "-s3", "-Error", "-Warning", str(path)], capture_output=True, text=True
    )
    assert problems.stdout.strip() in ("", *KNOWN_REMARKS.get(media_type, ()))


KNOWN_REMARKS: dict[str, tuple[str, ...]] = {
    # What it says of any MP3 that carries a manifest, with or without our frame.
    "audio/mpeg": ("Invalid ID3 frame size",),
}


DECODED_BY_PILLOW = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff")


@pytest.mark.parametrize("media_type", [*DECODED_BY_PILLOW, "image/avif"])
def test_pixels_are_untouched(signed, media_type):
    import io

    from PIL import Image

    with Image.open(io.BytesIO(samples.sample(media_type))) as before:
        want = before.convert("RGB").tobytes()
    with Image.open(io.BytesIO(signed(media_type).media.read())) as after:
        assert after.convert("RGB").tobytes() == want


@pytest.mark.parametrize(
    "media_type",
    [each for each in samples.EMBEDDED if each.startswith(("audio/", "video/"))],
)
def test_streams_still_decode(signed, media_type, tmp_path):
    path = tmp_path / f"asset{samples.SUFFIXES[media_type]}"
    path.write_bytes(signed(media_type).media.read())
    command = [samples.ffmpeg(), "-v", "error", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stderr == ""


@pytest.mark.parametrize("media_type", ["image/png", "video/mp4", "audio/ogg"])
def test_a_file_becomes_a_file_and_the_source_is_untouched(media_type, tmp_path):
    source = tmp_path / f"in{samples.SUFFIXES[media_type]}"
    source.write_bytes(samples.sample(media_type))
    (tmp_path / "out").mkdir()
    destination = tmp_path / "out" / source.name
    result = samples.embedder().sign(
        Media(media_type=media_type, path=source),
        samples.manifest(media_type),
        destination=destination,
    )
    assert result.media.path.parent == destination.parent
    assert not destination.exists()
    assert source.read_bytes() == samples.sample(media_type)
    data = result.media.path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == result.digest
    assert verify(data, sidecar=result.sidecar, trust=ROOT).passed


@pytest.mark.parametrize(
    ("declared", "data"),
    [
        ("image/png", samples.sample("image/jpeg")),
        ("image/jpeg", b""),
        ("image/jpeg", b"not a picture"),
        ("audio/wav", samples.sample("image/webp")),
        ("image/heic", samples.sample("image/avif")),
    ],
)
def test_a_wrong_media_type_is_refused(declared, data):
    with pytest.raises(StageError) as raised:
        samples.embedder().sign(samples.media(declared, data), samples.manifest(declared))
    assert raised.value.code == "sign.media_type"
    assert raised.value.stage == "sign"


def test_an_unknown_format_is_refused():
    with pytest.raises(StageError) as raised:
        samples.embedder().sign(
            Media(media_type="image/x-tga", data=b"xx"), samples.manifest("image/x-tga")
        )
    assert raised.value.code == "sign.unsupported"

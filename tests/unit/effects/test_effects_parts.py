"""Declarations, the register, metadata, what pixels say, sequences."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batch_media import picture, sound
from PIL import Image

from overt.effects.change import changed_share
from overt.effects.declaration import Declaration, declaration_of
from overt.effects.exr import MAGIC, attributes
from overt.effects.headers import header_fields
from overt.effects.master import check
from overt.effects.metadata import clips, declared_for
from overt.effects.registry import Effect, Effects
from overt.effects.sequence import describe, sequences
from overt.errors import ConfigError, StageError, VerificationError
from overt.models import Extent, Media, Realism

# --- declarations and the register ---------------------------------------------------------------


def test_a_broken_declaration_names_the_field_and_not_its_value() -> None:
    with pytest.raises(ConfigError) as wrong:
        declaration_of({"extent": "minor", "country": "Jane Roe"}, "overt.yaml")
    assert wrong.value.code == "declaration.invalid"
    assert "country" in str(wrong.value)
    assert "Jane" not in str(wrong.value)


def test_names_are_in_no_repr() -> None:
    assert "Jane" not in repr(Declaration(figures=("Jane Roe",), note="Jane Roe smiles"))


def test_the_packaged_register_is_clean_and_every_row_has_a_source() -> None:
    effects = Effects.load()
    assert effects.lint() == []
    assert all(effect.source for effect in effects)


@pytest.mark.parametrize(
    ("name", "extent", "label", "bad"),
    [
        pytest.param("AI Portrait", "wholly_generated", False, False, id="says AI"),
        pytest.param("Portrait", "wholly_generated", False, True, id="generates, says nothing"),
        pytest.param("Portrait", "wholly_generated", True, False, id="owes a label"),
        pytest.param("Rain", "significant", False, True, id="letters of AI inside a word"),
        pytest.param("Soft skin", "minor", False, False, id="minor"),
    ],
)
def test_lint(name: str, extent: str, label: bool, bad: bool) -> None:
    effect = Effect(
        id="one", name=name, kind="person", extent=Extent(extent), label=label, source="test"
    )
    assert [one.code for one in Effects([effect]).lint()] == ["effects.unnamed_ai"] * bad


@pytest.mark.parametrize(
    ("declared", "extent", "realism"),
    [
        pytest.param({}, "significant", "photoreal", id="nothing said"),
        pytest.param({"extent": "minor"}, "significant", "photoreal", id="less said than it does"),
        pytest.param(
            {"extent": "wholly_generated", "realism": "stylised"},
            "wholly_generated",
            "photoreal",
            id="more said",
        ),
    ],
)
def test_an_effect_is_a_floor(declared: dict[str, Any], extent: str, realism: str) -> None:
    done = Effects.load().applied(declaration_of({**declared, "effect": "face-replacement"}, "t"))
    assert (done.extent, done.realism) == (Extent(extent), Realism(realism))


def test_an_effect_nobody_registered_is_refused() -> None:
    with pytest.raises(ConfigError) as unknown:
        Effects.load().applied(Declaration(effect="nobody-knows"))
    assert unknown.value.code == "effects.unknown"


def test_a_minor_effect_does_not_become_significant_by_saying_nothing() -> None:
    assert Effects.load().applied(Declaration(effect="denoise")).extent is Extent.MINOR


# --- metadata ------------------------------------------------------------------------------------


def test_the_nearest_declaration_wins(tmp_path: Path) -> None:
    shot = tmp_path / "scene/0010_a.png"
    shot.parent.mkdir()
    shot.write_bytes(picture(1))
    (tmp_path / "overt.yaml").write_text("production: P1\nextent: significant\ncountry: SK\n")
    (tmp_path / "scene/overt.yaml").write_text(
        "extent: minor\nplate: plates/a.png\n"
        "files:\n  '0010_a.png': {shot: exact}\n  '0010_*': {shot: pattern, effect: denoise}\n"
    )
    assert declared_for(shot) == {
        "production": "P1",
        "extent": "minor",
        "country": "SK",
        "plate": tmp_path / "scene/plates/a.png",
        "shot": "exact",
        "effect": "denoise",
    }
    (tmp_path / "scene/0010_a.png.overt.yaml").write_text("extent: none\n")
    assert declared_for(shot)["extent"] == "none"


def test_a_folder_that_everybody_shares_declares_nothing_for_those_below(tmp_path: Path) -> None:
    """Like `/tmp`: anybody can leave an `overt.yaml` there."""
    shared, own = tmp_path / "shared", tmp_path / "shared/mine"
    own.mkdir(parents=True)
    for folder in (tmp_path, shared):
        (folder / "overt.yaml").write_text("extent: none\n")
    shared.chmod(0o1777)
    assert declared_for(own / "a.png") == {}
    assert declared_for(shared / "a.png") == {"extent": "none"}, "an asset's own folder counts"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("- a list", id="a list"),
        pytest.param("{", id="no YAML"),
        pytest.param("files: 3", id="files is no mapping"),
        pytest.param("files: {'*': 3}", id="an entry is no mapping"),
        pytest.param("\xff\xfe", id="no UTF-8"),
    ],
)
def test_broken_metadata_stops_instead_of_guessing(tmp_path: Path, text: str) -> None:
    (tmp_path / "overt.yaml").write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError) as broken:
        declared_for(tmp_path / "a.png")
    assert broken.value.code == "effects.metadata"


def exr_header(**said: str) -> bytes:
    """Magic, version, string attributes, one that is no string, and the end."""
    body = MAGIC + (2).to_bytes(4, "little")
    body += b"pixelAspectRatio\0float\0" + (4).to_bytes(4, "little") + b"\0\0\x80\x3f"
    for name, value in said.items():
        raw = value.encode()
        body += (
            name.replace("_", ".").encode() + b"\0string\0" + len(raw).to_bytes(4, "little") + raw
        )
    return body + b"\0"


def test_exr_attributes_declare(tmp_path: Path) -> None:
    file = tmp_path / "a.exr"
    file.write_bytes(exr_header(overt_extent="minor", overt_shot="0010", owner="somebody"))
    assert header_fields(file) == {"extent": "minor", "shot": "0010"}
    (tmp_path / "overt.yaml").write_text("extent: significant\n")
    assert declared_for(file)["extent"] == "significant", "a header travels with copies"


def test_a_path_in_a_header_counts_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.exr").write_bytes(exr_header(overt_plate="../plates/a.exr"))
    assert declared_for(tmp_path / "a.exr") == {"plate": tmp_path / "../plates/a.exr"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("delivery", "master", id="no label burnt in"),
        pytest.param("satire", "true", id="another label"),
        pytest.param("consents", "grant-1", id="a record to rely on"),
        pytest.param("cast", "actor-7", id="who is in it"),
        pytest.param("voices", "actor-7", id="whose voice"),
        pytest.param("figures", "Somebody", id="a figure"),
        pytest.param("purpose", "film", id="what for"),
        pytest.param("by", "creator", id="who says so"),
        pytest.param("covers", "voice", id="what is synthetic"),
        pytest.param("master", "m.json", id="another parent"),
        pytest.param("country", "GB", id="another law"),
        pytest.param("profiles", "eu-art50", id="another profile"),
    ],
)
def test_a_header_says_what_a_shot_is_and_not_what_is_owed(
    tmp_path: Path, field: str, value: str
) -> None:
    """Anybody can write a header, and it comes with footage that we did not make."""
    file = tmp_path / "a.exr"
    file.write_bytes(exr_header(**{f"overt_{field}": value, "overt_scene": "4"}))
    assert header_fields(file) == declared_for(file) == {"scene": "4"}
    (tmp_path / "overt.yaml").write_text(f"{field}: {value}\n")
    assert field in declared_for(file)


@pytest.mark.parametrize(
    ("header", "beside", "over", "extent"),
    [
        pytest.param({"extent": "none"}, "", {}, None, id="nothing to hold it against"),
        pytest.param({"extent": "minor"}, "", {}, None, id="minor neither"),
        pytest.param({"extent": "wholly_generated"}, "", {}, "wholly_generated", id="more"),
        pytest.param({"extent": "none", "plate": "p.exr"}, "", {}, "none", id="its own plate"),
        pytest.param({"extent": "none", "plate": "./a.exr"}, "", {}, None, id="itself as plate"),
        pytest.param({"extent": "none"}, "plate: p.exr\n", {}, "none", id="a plate beside"),
        pytest.param({"extent": "none"}, "", {"plate": Path("p")}, "none", id="the caller's plate"),
        pytest.param({"extent": "none"}, "extent: minor\n", {}, "minor", id="said beside"),
        pytest.param({"effect": "denoise"}, "", {}, "significant", id="an effect that says little"),
        pytest.param({"effect": "denoise"}, "extent: minor\n", {}, "minor", id="and said beside"),
        pytest.param({}, "effect: denoise\n", {}, None, id="an effect of the production"),
    ],
)
def test_a_header_claims_little_only_against_a_plate(
    tmp_path: Path, header: dict[str, str], beside: str, over: dict[str, Any], extent: str | None
) -> None:
    file = tmp_path / "a.exr"
    file.write_bytes(exr_header(**{f"overt_{key}": value for key, value in header.items()}))
    (tmp_path / "overt.yaml").write_text(beside)
    assert declared_for(file, over).get("extent") == extent


def test_profiles_of_one_asset_add_and_never_take_away() -> None:
    declared = declaration_of({"profiles": "eu-art50"}, "t")
    media = Media(media_type="image/png", data=picture(1))
    assert declared.request(media, _nobody).profiles == ("eu-art50",)
    for name in ("nobody-wrote-it", "storytelling"):
        with pytest.raises(ConfigError) as wrong:
            declaration_of({"profiles": [name]}, "t").request(media, _nobody)
        assert wrong.value.code.startswith("profile.")


def test_any_key_of_a_binding_can_be_declared() -> None:
    declared = declaration_of({"binding": {"episode": "3", "shot": "9"}, "shot": "10"}, "t")
    media = Media(media_type="image/png", data=picture(1))
    assert declared.request(media, _nobody).context == {"episode": "3", "shot": "10"}


def _nobody(_: str) -> Any:
    raise AssertionError


def test_tags_of_a_movie_declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("imageio_ffmpeg", reason="the extra `video` is not installed")
    import pymediainfo

    from overt.disclosure import ffmpeg

    def here(*_: object, **__: object) -> None:
        raise AssertionError("a stranger's file was read in this process")

    monkeypatch.setattr(pymediainfo.MediaInfo, "parse", here)
    file = tmp_path / "s=1.mov"
    said = {"extent": "minor", "plate": "p;1.mov", "scene": "4 # b", "shot": "two\nlines = one"}
    tags = [f"com.overt.{key}={value}" for key, value in said.items()]
    drawn = ["-f", "lavfi", "-i", "testsrc=s=64x48:r=4:d=1", "-c:v", "prores_ks"]
    drawn += ["-movflags", "use_metadata_tags", "-metadata", "owner=us"]
    given = [word for tag in tags for word in ("-metadata", tag)]
    ffmpeg.run([*drawn, *given], target=file)
    assert declared_for(file) == {**said, "plate": tmp_path / "p;1.mov"}
    file.write_bytes(file.read_bytes()[:200])
    assert declared_for(file) == {}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not an exr at all", id="something else"),
        pytest.param(exr_header(overt_extent="minor")[:40], id="cut"),
        pytest.param(MAGIC + b"\2\0\0\0name\0string\0\xff\xff\xff\xff", id="size beyond the end"),
        pytest.param(MAGIC + b"\2\0\0\0" + b"x" * 600, id="a name without end"),
    ],
)
def test_a_broken_exr_header_says_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.exr").write_bytes(data)
    assert attributes(tmp_path / "a.exr").get("overt.extent") is None


def test_clips_of_a_timeline(tmp_path: Path) -> None:
    clip = {
        "OTIO_SCHEMA": "Clip.2",
        "name": "0010",
        "metadata": {"overt": {"extent": "minor", "plate": "plates/0010.mov"}},
        "media_references": {"DEFAULT_MEDIA": {"target_url": "shots/0010.mov"}},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }
    old = {
        "OTIO_SCHEMA": "Clip.1",
        "name": "0020",
        "metadata": {},
        "media_reference": {"target_url": f"file://{tmp_path}/b.mov"},
    }
    bare = {"OTIO_SCHEMA": "Clip.2", "name": "gap", "media_references": {}}
    track = {"OTIO_SCHEMA": "Track.1", "children": [clip, {"OTIO_SCHEMA": "Gap.1"}, old, bare]}
    project = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"overt": {"production": "P1"}},
        "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [track]},
    }
    file = tmp_path / "cut.otio"
    file.write_text(json.dumps(project))
    assert clips(file) == {
        tmp_path / "shots/0010.mov": {
            "production": "P1",
            "extent": "minor",
            "plate": tmp_path / "plates/0010.mov",
            "shot": "0010",
        },
        tmp_path / "b.mov": {"production": "P1", "shot": "0020"},
    }
    file.write_text("[]")
    with pytest.raises(ConfigError):
        clips(file)


def test_a_file_that_a_timeline_declares_twice_is_declared_the_same(tmp_path: Path) -> None:
    def clip(name: str, **said: object) -> dict[str, object]:
        shown = {"target_url": "long_take.mov"}
        return {"OTIO_SCHEMA": "Clip.1", "name": name, "metadata": {"overt": said},
                "media_reference": shown}  # fmt: skip

    def cut(*clips: dict[str, object]) -> Path:
        project = {"OTIO_SCHEMA": "Track.1", "children": [*clips]}
        (tmp_path / "cut.otio").write_text(json.dumps(project))
        return tmp_path / "cut.otio"

    take = tmp_path / "long_take.mov"
    both = cut(clip("0010", extent="significant"), clip("0020", cast=["a-1"]))
    assert clips(both) == {take: {"shot": "0010", "extent": "significant", "cast": ["a-1"]}}
    with pytest.raises(ConfigError) as twice:
        clips(cut(clip("0010", extent="significant"), clip("0020", extent="minor")))
    assert twice.value.code == "effects.timeline"


# --- pixels --------------------------------------------------------------------------------------


def _media(pixels: Any, quality: int = 92) -> Media:
    buffer = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype("uint8")).save(buffer, "JPEG", quality=quality)
    return Media(media_type="image/jpeg", data=buffer.getvalue())


def _plate() -> Any:
    image = Image.open(io.BytesIO(picture(5, (480, 320)))).convert("RGB")
    texture = np.random.default_rng(3).normal(0, 1, (40, 60, 3))
    grain = np.asarray(
        Image.fromarray((texture * 20 + 128).clip(0, 255).astype("uint8")).resize((480, 320))
    )
    return np.asarray(image).astype(float) + (grain.astype(float) - 128)


def _half(pixels: Any, value: Any) -> Any:
    changed = pixels.copy()
    changed[:, 240:] = value
    return changed


def _graded(pixels: Any) -> Any:
    return 255 * (pixels.clip(0, 255) / 255) ** 0.6 * [1, 0.9, 0.8]


def _grainy(pixels: Any) -> Any:
    return pixels + np.random.default_rng(1).normal(0, 8, pixels.shape)


NOISE = np.random.default_rng(0).integers(0, 255, (320, 240, 3))


@pytest.mark.parametrize(
    ("edit", "low", "high"),
    [
        pytest.param(lambda p: p, 0, 0.001, id="nothing"),
        pytest.param(
            lambda p: 255 * (p.clip(0, 255) / 255) ** 0.6 * [1, 0.9, 0.8], 0, 0.05, id="grade"
        ),
        pytest.param(
            lambda p: p + np.random.default_rng(1).normal(0, 8, p.shape), 0, 0.05, id="grain"
        ),
        pytest.param(lambda p: _half(p, 0), 0.3, 0.8, id="half black"),
        pytest.param(lambda p: _half(p, 128), 0.3, 0.8, id="half grey"),
        pytest.param(lambda p: _half(p, (255, 0, 0)), 0.3, 1, id="half red"),
        pytest.param(lambda p: _half(p, NOISE), 0.3, 1, id="half noise"),
        pytest.param(lambda p: p[::-1], 0.3, 1, id="upside down"),
    ],
)
def test_how_much_of_a_picture_changed(edit: Any, low: float, high: float) -> None:
    plate = _plate()
    found = changed_share(_media(plate), _media(edit(plate)))
    assert found is not None
    assert low <= found <= high


def test_what_cannot_be_compared_is_not_guessed() -> None:
    still = _media(_plate())
    tone = Media(media_type="audio/wav", data=sound(1))
    assert changed_share(still, tone) is None
    assert changed_share(tone, tone) is None


def test_a_plate_that_cannot_be_decoded_stops(tmp_path: Path) -> None:
    half = Media(media_type="image/png", data=picture(1)[:200])
    with pytest.raises(StageError):
        changed_share(half, Media(media_type="image/png", data=picture(1)))


def test_a_project_as_opentimelineio_writes_it(tmp_path: Path) -> None:
    """`cut.otio` was written by OpenTimelineIO 0.18.1: an encoded URL, frames, a nested stack."""
    data = (Path(__file__).parents[2] / "data/cut.otio").read_text()
    (tmp_path / "cut.otio").write_text(data)
    found = clips(tmp_path / "cut.otio")
    assert {str(path): said["shot"] for path, said in found.items()} == {
        "/shots/a b.png": "0010",
        f"{tmp_path}/rel/x.exr": "0020",
        "/shots/0030/s.%04d.exr": "0030",
        f"{tmp_path}/b.mov": "0040",
    }
    assert {said["production"] for said in found.values()} == {"P1"}
    assert found[tmp_path / "rel/x.exr"]["plate"] == tmp_path / "plates/x.exr"
    assert found[Path("/shots/0030/s.%04d.exr")]["delivery"] == "master"


# --- sequences -----------------------------------------------------------------------------------


def _frames(folder: Path, numbers: range) -> None:
    for number in numbers:
        (folder / f"shot_{number:04d}.png").write_bytes(picture(number, (64, 48)))


def test_a_sequence_has_a_hash_a_frame(tmp_path: Path) -> None:
    _frames(tmp_path, range(1001, 1004))
    (tmp_path / "notes_1.txt").write_text("no frame")
    (tmp_path / "single_0001.png").write_bytes(picture(1))
    (found,) = sequences(tmp_path)
    assert (found.name, found.missing) == ("shot_%04d.png", ())
    body = describe(found)
    assert [row["file"] for row in body["frames"]] == [f"shot_{n}.png" for n in (1001, 1002, 1003)]
    manifest = tmp_path / "shot.overt-sequence.json"
    manifest.write_text(json.dumps(body))
    unsigned = "the manifest is not signed"
    assert check(manifest) == [unsigned]
    (tmp_path / "shot_1002.png").write_bytes(picture(9))
    (tmp_path / "shot_1003.png").unlink()
    assert check(manifest) == [unsigned, "shot_1002.png: changed", "shot_1003.png: missing"]
    body["frames"].pop()
    manifest.write_text(json.dumps(body))
    assert "the list of frames was changed" in check(manifest)


def test_a_file_that_is_no_frame_is_not_listed(tmp_path: Path) -> None:
    _frames(tmp_path, range(1001, 1004))
    (tmp_path / "shot_1002.png").write_bytes(b"GIF89a, and not what its name says")
    (found,) = sequences(tmp_path)
    with pytest.raises(StageError) as wrong:
        describe(found)
    assert wrong.value.code == "effects.frame"


def test_a_sequence_with_holes_is_not_signed(tmp_path: Path) -> None:
    _frames(tmp_path, range(1001, 1004))
    (tmp_path / "shot_1002.png").unlink()
    (found,) = sequences(tmp_path)
    with pytest.raises(ConfigError) as holes:
        describe(found)
    assert holes.value.code == "effects.frames_missing"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="empty"),
        pytest.param({"schema": "overt-sequence/1", "frames": [{"file": "../x", "sha256": ""}],
                      "digest": ""}, id="a frame outside"),
    ],
)  # fmt: skip
def test_what_is_no_sequence_manifest_is_refused(tmp_path: Path, body: dict[str, Any]) -> None:
    (tmp_path / "a.json").write_text(json.dumps(body))
    with pytest.raises(VerificationError):
        check(tmp_path / "a.json")

"""Masters as houses have them: ProRes, DNxHR, EXR, TIFF, DPX; and what is delivered from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from batch_media import house, leaves, picture

from conftest import command
from overt.effects import movie
from overt.effects.change import changed_share
from overt.effects.declaration import Declaration
from overt.effects.footage import footage
from overt.effects.marking import mark
from overt.effects.master import check, sign
from overt.effects.sequence import Sequence, describe, sequences
from overt.errors import ConfigError, ConsentRequired, HeldForReview, StageError
from overt.guard import Guard
from overt.inspect import lookup, verify
from overt.models import Extent, Media, Realism, Result

pytest.importorskip("imageio_ffmpeg", reason="the extra `video` is not installed")
pytest.importorskip("pymediainfo", reason="the extra `video` is not installed")

from effects_media import CODECS, frames, scene
from effects_media import movie as filmed

KINDS = [*CODECS, ".exr", ".tif", ".dpx"]


@dataclass
class Studio:
    """A house of its own, so that its ledger can be counted."""

    config: Path
    guard: Guard

    def entries(self) -> list[dict[str, object]]:
        """The ledger."""
        return leaves(self.config)

    @property
    def root(self) -> bytes:
        """The test identity's root."""
        return (self.config.parent / ".overt/identity/root.pem").read_bytes()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    config = house(tmp_path_factory.mktemp("studio"))
    with Guard.open(config) as guard:
        yield Studio(config, guard)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of master of a plate and of a shot whose left half was replaced."""
    folder = tmp_path_factory.mktemp("shelf")
    for name, half in (("plate", False), ("shot", True)):
        (folder / name).mkdir()
        for kind in KINDS:
            if kind in CODECS:
                filmed(folder / name / kind, scene(12, half=half), CODECS[kind])
            else:
                frames(folder / name / kind[1:], scene(12, half=half), kind)
    return folder


def _of(folder: Path, kind: str) -> Path:
    return folder / kind if kind in CODECS else folder / kind[1:] / f"s_%04d{kind}"


def _master(folder: Path, kind: str) -> Path | Sequence:
    if kind in CODECS:
        return folder / kind
    (found,) = sequences(folder / kind[1:])
    return found


def _manifest(done: Result) -> Path:
    assert done.media.path is not None
    return done.media.path


@pytest.mark.parametrize("kind", KINDS)
def test_a_master_keeps_its_pixels_and_gets_its_manifest_beside_it(
    studio: Studio, shelf: Path, tmp_path: Path, kind: str
) -> None:
    folder = shelf / "shot"
    before = {p: hashlib.sha256(p.read_bytes()).digest() for p in folder.rglob(f"*{kind}")}
    declared = Declaration(
        plate=_of(shelf / "plate", kind), effect="sky-replacement", production="P1", shot="0010"
    )
    count = len(studio.entries())
    done = sign(studio.guard, _master(folder, kind), declared)
    assert {p: hashlib.sha256(p.read_bytes()).digest() for p in before} == before
    body = json.loads(_manifest(done).read_text())
    assert len(body["frames"]) == 12
    assert body["declared"]["shot"] == "0010"
    assert check(_manifest(done)) == []

    found = verify(_manifest(done), trust=studio.root)
    assert (found.integrity, found.disclosures) == ("valid", ())
    assert found.digital_source_type == "compositeWithTrainedAlgorithmicMedia"
    assert [one.relationship for one in found.ingredients] == ["parentOf"]
    assert found.record is not None
    assert found.record.index == done.decision.index
    new = studio.entries()[count:]
    assert [entry["type"] for entry in new] == ["decision", "released"]
    assert new[1]["assets"] == [hashlib.sha256(_manifest(done).read_bytes()).hexdigest()]
    url = f"sqlite:///{studio.config.parent / '.overt/overt.db'}"
    assert lookup(_manifest(done), url).match == "exact"
    assert not [p for p in folder.rglob(".overt-*")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_master_that_claims_little_and_changed_by_half_is_held(
    studio: Studio, shelf: Path, tmp_path: Path, kind: str
) -> None:
    plate = _of(shelf / "plate", kind)
    little = Declaration(extent=Extent.MINOR, plate=plate)
    target = tmp_path / "manifest.json"
    with pytest.raises(HeldForReview) as held:
        sign(studio.guard, _master(shelf / "shot", kind), little, destination=target)
    assert "EF-001" in held.value.decision.rules
    assert list(tmp_path.iterdir()) == []
    done = sign(studio.guard, _master(shelf / "plate", kind), little, destination=target)
    assert done.decision.outcome.clears


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(".exr", "prores.mov", id="frames against their movie"),
        pytest.param("prores.mov", "dnxhr.mxf", id="one codec against another"),
        pytest.param(".exr", ".tif", id="light against a screen's values"),
        pytest.param(".dpx", "dnxhr.mov", id="film scans against a movie"),
    ],
)
def test_pixels_are_compared_across_formats(shelf: Path, before: str, after: str) -> None:
    plate = footage(_of(shelf / "plate", before))
    same = changed_share(plate, footage(_of(shelf / "plate", after)))
    other = changed_share(plate, footage(_of(shelf / "shot", after)))
    assert same is not None
    assert other is not None
    assert same < 0.05
    assert 0.4 < other < 0.6


def test_a_grade_is_minor_on_frames_too(shelf: Path, tmp_path: Path) -> None:
    graded = frames(tmp_path, scene(12, gain=1.15), ".exr")
    found = changed_share(footage(_of(shelf / "plate", ".exr")), footage(graded))
    assert found is not None
    assert found < 0.1


def test_a_hash_for_each_picture_outlives_the_container_and_finds_an_insert(
    shelf: Path, tmp_path: Path
) -> None:
    source = shelf / "shot/dnxhr.mov"
    from overt.disclosure import ffmpeg

    moved = tmp_path / "moved.mxf"
    ffmpeg.run([*ffmpeg.source(source), "-map", "0:v", "-map", "0:a", "-c", "copy"], target=moved)
    assert movie.describe(source)["frames"] == movie.describe(moved)["frames"]


def test_a_movie_that_was_changed_says_which_pictures(studio: Studio, tmp_path: Path) -> None:
    path = filmed(tmp_path / "m.mov", scene(12), CODECS["prores.mov"])
    done = sign(studio.guard, path, Declaration(extent=Extent.MINOR))
    cut = scene(12)
    cut[5] = cut[0]
    filmed(path, cut, CODECS["prores.mov"])
    assert check(_manifest(done)) == ["m.mov: changed", "picture 5: changed"]
    body = json.loads(_manifest(done).read_text())
    body["frames"][5] = body["frames"][0]
    _manifest(done).write_text(json.dumps(body))
    wrong = ["the manifest was changed after it was signed", "the list of frames was changed"]
    assert check(_manifest(done)) == wrong
    assert verify(_manifest(done)).integrity == "invalid"
    path.unlink()


@pytest.mark.parametrize("kind", ["prores.mov", "dnxhr.mxf"])
def test_a_master_that_is_cut_off_is_refused(
    studio: Studio, shelf: Path, tmp_path: Path, kind: str
) -> None:
    half = tmp_path / kind
    data = (shelf / "shot" / kind).read_bytes()
    half.write_bytes(data[: len(data) // 2])
    with pytest.raises(StageError):
        sign(studio.guard, half, Declaration())
    assert [path.name for path in tmp_path.iterdir()] == [kind]


def test_a_frame_and_its_line_that_were_both_changed_are_found(
    studio: Studio, tmp_path: Path
) -> None:
    frames(tmp_path, scene(3), ".tif")
    (what,) = sequences(tmp_path)
    manifest = _manifest(sign(studio.guard, what, Declaration()))
    assert check(manifest) == []
    (tmp_path / "s_1002.tif").write_bytes((tmp_path / "s_1003.tif").read_bytes())
    body = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**body, **describe(what)}))
    assert check(manifest) == ["the manifest was changed after it was signed"]
    manifest.with_name(manifest.name + ".c2pa").unlink()
    assert check(manifest) == ["the manifest is not signed"]


@pytest.mark.parametrize("suffix", [".exr", ".tif", ".dpx", ".png"])
def test_a_single_picture_is_a_master_too(studio: Studio, tmp_path: Path, suffix: str) -> None:
    for name, half in (("plate", False), ("matte", True)):
        frames(tmp_path, scene(1, half=half), suffix, stem=f"{name}_")
        (tmp_path / f"{name}_1001{suffix}").rename(tmp_path / f"{name}{suffix}")
    picture, plate = tmp_path / f"matte{suffix}", tmp_path / f"plate{suffix}"
    before = picture.read_bytes()
    with pytest.raises(HeldForReview):
        sign(studio.guard, picture, Declaration(extent=Extent.MINOR, plate=plate))
    same = tmp_path / f"same{suffix}"
    same.write_bytes(plate.read_bytes())
    sign(studio.guard, same, Declaration(extent=Extent.MINOR, plate=plate))
    done = sign(studio.guard, picture, Declaration(plate=plate, shot="0010"))
    manifest = _manifest(done)
    assert manifest.name == f"matte{suffix}.overt-master.json"
    assert picture.read_bytes() == before
    body = json.loads(manifest.read_text())
    assert (body["name"], len(body["frames"])) == (picture.name, 1)
    assert done.disclosures == ()
    assert verify(manifest, trust=studio.root).integrity == "valid"
    assert check(manifest) == []
    assert changed_share(footage(manifest), footage(plate)) is not None
    picture.write_bytes(plate.read_bytes())
    assert check(manifest) == [f"{picture.name}: changed"]


def test_what_is_no_movie_is_no_master(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "a.mov").write_bytes(b"not a movie at all")
    with pytest.raises((StageError, ConfigError)):
        sign(studio.guard, tmp_path / "a.mov", Declaration())


def test_a_master_of_somebody_needs_a_record(studio: Studio, shelf: Path, tmp_path: Path) -> None:
    declared = Declaration(cast=("cast:7",), realism=Realism.PHOTOREAL)
    path, target = shelf / "shot/prores.mov", tmp_path / "manifest.json"
    with pytest.raises(ConsentRequired) as needed:
        sign(studio.guard, path, declared, destination=target)
    assert needed.value.subjects == ("cast:7",)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["prores.mov", ".exr"])
def test_the_deliverable_names_the_master_and_has_the_label(
    studio: Studio, shelf: Path, tmp_path: Path, kind: str
) -> None:
    from overt.disclosure import ffmpeg

    manifest = tmp_path / "manifest.json"
    what = _master(shelf / "shot", kind)
    made = sign(studio.guard, what, Declaration(effect="sky-replacement"))
    manifest = _manifest(made)
    deliverable = tmp_path / "cut.mp4"
    ffmpeg.run(
        [*ffmpeg.source(shelf / "shot/prores.mov"), "-pix_fmt", "yuv420p", "-c:a", "aac"],
        target=deliverable,
    )
    declared = Declaration(master=manifest, effect="sky-replacement")
    media = Media(media_type="video/mp4", path=deliverable)
    done = mark(studio.guard, media, declared, destination=tmp_path / "out.mp4")
    assert "visible" in [one.mode for one in done.disclosures]
    assert made.disclosures == ()
    found = verify(tmp_path / "out.mp4", trust=studio.root)
    assert found.integrity == "valid"
    assert [one.relationship for one in found.ingredients] == ["parentOf"]
    # The master's own manifest is in the deliverable's: it is named, not only resembled.
    assert [one.integrity for one in found.ingredients] == ["valid"]
    import io

    from c2pa import Reader

    with Reader("video/mp4", io.BytesIO((tmp_path / "out.mp4").read_bytes())) as reader:
        store = json.loads(reader.json())
    (parent,) = store["manifests"][store["active_manifest"]]["ingredients"]
    assert parent["active_manifest"] == made.manifest.label


def test_a_master_whose_manifest_was_changed_is_no_parent(
    studio: Studio, shelf: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "frames"
    frames(folder, scene(3), ".tif")
    (what,) = sequences(folder)
    manifest = _manifest(sign(studio.guard, what, Declaration()))
    manifest.write_text(manifest.read_text().replace("1001", "1000"))
    media = Media(media_type="image/png", data=picture(3))
    with pytest.raises(StageError) as refused:
        mark(studio.guard, media, Declaration(master=manifest), destination=tmp_path / "o.png")
    assert refused.value.code == "sign.upstream_invalid"
    assert not (tmp_path / "o.png").exists()


def test_the_command_signs_masters_and_checks_them(
    studio: Studio, shelf: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "shots"
    frames(folder, scene(4), ".tif")
    path = filmed(folder / "m.mov", scene(4), CODECS["prores.mov"])
    (folder / "overt.yaml").write_text("production: P1\nextent: significant\n")
    done = command("effects", "master", str(folder), str(path), "--json", cwd=studio.config.parent)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["master"], row["frames"]) for row in rows] == [("s_%04d.tif", 4), ("m.mov", 4)]
    for row in rows:
        right = command("effects", "check", row["manifest"], cwd=studio.config.parent)
        assert right.returncode == 0
    (folder / "s_1002.tif").write_bytes((folder / "s_1003.tif").read_bytes())
    wrong = command("effects", "check", rows[0]["manifest"], "--json", cwd=studio.config.parent)
    assert wrong.returncode == 6
    assert json.loads(wrong.stdout)["problems"] == ["s_1002.tif: changed"]

"""The effects examples: hooks on stand-ins that say so, an ffmpeg wrapper, a timeline."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from batch_media import picture

from overt.errors import HeldForReview
from overt.guard import Guard
from overt.inspect import verify

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def standins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make `import nuke` and `import bpy` find the stand-ins."""
    monkeypatch.syspath_prepend(str(EXAMPLES / "standins"))
    yield
    for name in ("nuke", "bpy"):
        sys.modules.pop(name, None)


def _module(name: str) -> ModuleType:
    return importlib.import_module(name)


def _files(folder: Path) -> tuple[Path, Path]:
    plate, other = folder / "plate.png", folder / "other.png"
    plate.write_bytes(picture(1))
    other.write_bytes(picture(2))
    return plate, other


def _hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_the_stand_ins_say_what_they_are(standins: None) -> None:
    for name in ("nuke", "bpy"):
        assert "stand-in" in str(_module(name).__doc__)
        assert "NOT" in str(_module(name).__doc__)


def test_nuke_releases_what_is_cleared_and_nothing_else(
    guard: Guard, tmp_path: Path, standins: None
) -> None:
    nuke, hook = _module("nuke"), _module("nuke_hook")
    nuke.reset()
    hook.install(guard)
    plate, _ = _files(tmp_path)
    out = tmp_path / "sh0010.png"
    node = nuke.Node(str(plate), file=str(out), overt_extent="minor", overt_plate=str(plate))
    nuke.execute(node)
    assert verify(out).integrity == "valid"
    assert [one.relationship for one in verify(out).ingredients] == ["parentOf"]

    out.unlink()
    node.source = str(_half_painted(tmp_path))
    with pytest.raises(HeldForReview):
        nuke.execute(node)
    assert not out.exists()
    assert node["file"].value() == str(out)
    assert _hidden(tmp_path) == []


@pytest.fixture
def renders(tmp_path: Path) -> Path:
    """Frames of EXR, as a renderer would write them."""
    pytest.importorskip("imageio_ffmpeg")
    from effects_media import frames, scene

    return frames(tmp_path / "renders", scene(3), ".exr").parent


def test_nuke_signs_frames_as_a_master(
    guard: Guard, tmp_path: Path, standins: None, renders: Path
) -> None:
    from overt.effects.master import check

    nuke, hook = _module("nuke"), _module("nuke_hook")
    nuke.reset()
    hook.install(guard)
    out = tmp_path / "out"
    out.mkdir()
    node = nuke.Node(str(renders), file=str(out / "sh0010.%04d.exr"), overt_shot="0010")
    nuke.execute(node)
    assert sorted(path.name for path in out.iterdir()) == [
        *(f"sh0010.{number}.exr" for number in (1001, 1002, 1003)),
        "sh0010.overt-sequence.json",
        "sh0010.overt-sequence.json.c2pa",
    ]
    assert check(out / "sh0010.overt-sequence.json") == []
    assert (out / "sh0010.1001.exr").read_bytes() == (renders / "s_1001.exr").read_bytes()
    assert node["file"].value() == str(out / "sh0010.%04d.exr")

    from effects_media import frames, scene

    plate = frames(tmp_path / "plate", scene(3, half=True), ".exr")
    held = tmp_path / "held"
    held.mkdir()
    node = nuke.Node(str(renders), file=str(held / "b.%04d.exr"), overt_extent="minor",
                     overt_plate=str(plate))  # fmt: skip
    with pytest.raises(HeldForReview):
        nuke.execute(node)
    assert list(held.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "name"),
    [
        pytest.param("matte.exr", "matte.exr", id="a still"),
        pytest.param("s.%04d.exr", "s.1001.exr", id="a range of one frame"),
    ],
)
def test_nuke_signs_a_single_exr_as_a_master(
    guard: Guard, tmp_path: Path, standins: None, renders: Path, file: str, name: str
) -> None:
    from overt.effects.master import check

    nuke, hook = _module("nuke"), _module("nuke_hook")
    nuke.reset()
    hook.install(guard)
    out = tmp_path / "out"
    out.mkdir()
    for path in sorted(renders.iterdir())[1:]:
        path.unlink()
    source = renders if "%" in file else renders / "s_1001.exr"
    nuke.execute(nuke.Node(str(source), file=str(out / file)))
    assert check(out / f"{name}.overt-master.json") == []
    assert sorted(path.name for path in out.iterdir()) == [
        name, f"{name}.overt-master.json", f"{name}.overt-master.json.c2pa",
    ]  # fmt: skip


def test_nuke_renders_again_after_a_render_that_broke_off(
    guard: Guard, tmp_path: Path, standins: None
) -> None:
    nuke, hook = _module("nuke"), _module("nuke_hook")
    nuke.reset()
    hook.install(guard)
    plate, _ = _files(tmp_path)
    out = tmp_path / "sh0010.png"
    node = nuke.Node(str(tmp_path / "gone.png"), file=str(out))
    with pytest.raises(FileNotFoundError):
        nuke.execute(node)
    node.source = str(plate)
    nuke.execute(node)
    assert verify(out).integrity == "valid"
    assert (node["file"].value(), _hidden(tmp_path)) == (str(out), [])


def test_blender_signs_an_animation_as_a_master(
    guard: Guard, tmp_path: Path, standins: None, renders: Path
) -> None:
    from overt.effects.master import check

    bpy, hook = _module("bpy"), _module("blender_hook")
    out = tmp_path / "out"
    out.mkdir()
    scene = bpy.Scene(str(renders), str(out / "shot_"), overt_shot="0010")
    bpy.reset(scene)
    hook.install(guard)
    bpy.ops.render.render(animation=True)
    assert check(out / "shot.overt-sequence.json") == []
    assert (scene.render.filepath, _hidden(out)) == (str(out / "shot_"), [])
    assert len(list(out.glob("shot_*.exr"))) == 3


def _half_painted(folder: Path) -> Path:
    from PIL import Image

    with Image.open(folder / "plate.png") as image:
        image = image.convert("RGB")
        image.paste((10, 200, 30), (0, 0, image.width // 2, image.height))
        image.save(folder / "painted.png")
    return folder / "painted.png"


def test_blender_releases_a_render(guard: Guard, tmp_path: Path, standins: None) -> None:
    bpy, hook = _module("bpy"), _module("blender_hook")
    plate, _ = _files(tmp_path)
    out = tmp_path / "render.png"
    scene = bpy.Scene(str(plate), str(out), overt_extent="wholly_generated", overt_shot="0010")
    bpy.reset(scene)
    hook.install(guard)
    bpy.ops.render.render(write_still=True)
    found = verify(out)
    assert found.integrity == "valid"
    assert found.disclosures
    assert (scene.render.filepath, _hidden(tmp_path)) == (str(out), [])
    bpy.ops.render.render(write_still=False)
    assert _hidden(tmp_path) == []


def test_ffmpeg_with_a_guard_behind_it(guard: Guard, tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    from overt.disclosure import ffmpeg

    wrapper = _module("ffmpeg_wrapper")
    plate = tmp_path / "plate.mp4"
    make = [ffmpeg.program(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=12:d=1",
            "-pix_fmt", "yuv420p", str(plate)]  # fmt: skip
    subprocess.run(make, check=True, timeout=120)
    out = tmp_path / "out.mp4"
    done = wrapper.convert(
        guard, ["-i", str(plate), "-vf", "eq=brightness=0.04", str(out)], extent="minor"
    )
    assert done.disclosures == ()
    assert [one.relationship for one in verify(out).ingredients] == ["parentOf"]
    painted = "drawbox=x=0:y=0:w=200:h=240:color=red:t=fill"
    with pytest.raises(HeldForReview):
        wrapper.convert(
            guard, ["-i", str(plate), "-vf", painted, str(tmp_path / "b.mp4")], extent="minor"
        )
    assert not (tmp_path / "b.mp4").exists()


def test_a_timeline_is_delivered(guard: Guard, tmp_path: Path) -> None:
    _files(tmp_path)
    _half_painted(tmp_path)
    clips = [
        {
            "OTIO_SCHEMA": "Clip.2",
            "name": shot,
            "metadata": {"overt": said},
            "media_references": {"DEFAULT_MEDIA": {"target_url": file}},
            "active_media_reference_key": "DEFAULT_MEDIA",
        }
        for shot, file, said in (
            ("0010", "other.png", {"extent": "significant"}),
            ("0020", "painted.png", {"extent": "minor", "plate": "plate.png"}),
        )
    ]
    tracks = {"OTIO_SCHEMA": "Stack.1", "children": [{"OTIO_SCHEMA": "Track.1", "children": clips}]}
    (tmp_path / "cut.otio").write_text(json.dumps({"OTIO_SCHEMA": "Timeline.1", "tracks": tracks}))
    outcomes = _module("otio_project").deliver(guard, tmp_path / "cut.otio", tmp_path / "out")
    assert outcomes == {
        "0010": {"other.png": "allow"}, "0020": {"painted.png": "review"}
    }  # fmt: skip
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["other.png"]


def test_every_file_of_a_shot_is_listed(guard: Guard, tmp_path: Path) -> None:
    _files(tmp_path)
    _half_painted(tmp_path)
    clips = [
        {
            "OTIO_SCHEMA": "Clip.1",
            "name": "0010",
            "metadata": {"overt": {"extent": "minor", "plate": "plate.png"}},
            "media_reference": {"target_url": file},
        }
        for file in ("painted.png", "plate.png")
    ]
    cut = {"OTIO_SCHEMA": "Track.1", "children": clips}
    (tmp_path / "cut.otio").write_text(json.dumps(cut))
    outcomes = _module("otio_project").deliver(guard, tmp_path / "cut.otio", tmp_path / "out")
    assert outcomes == {"0010": {"painted.png": "review", "plate.png": "allow"}}


def test_shots_of_one_name_and_masters_are_delivered(
    guard: Guard, tmp_path: Path, renders: Path
) -> None:
    from batch_media import picture

    files = ("0010/comp.png", "0020/comp.png", "0030/matte.exr")
    for seed, file in enumerate(files):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).write_bytes(picture(seed))
    (tmp_path / files[2]).write_bytes((renders / "s_1001.exr").read_bytes())
    clips = [
        {
            "OTIO_SCHEMA": "Clip.1",
            "name": file[:4],
            "metadata": {"overt": {"delivery": "master"} if file.endswith(".exr") else {}},
            "media_reference": {"target_url": file},
        }
        for file in files
    ]
    cut = {"OTIO_SCHEMA": "Track.1", "children": clips}
    (tmp_path / "cut.otio").write_text(json.dumps(cut))
    outcomes = _module("otio_project").deliver(guard, tmp_path / "cut.otio", tmp_path / "out")
    assert outcomes == {file[:4]: {file: "allow"} for file in files}
    made = [path.relative_to(tmp_path) for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert sorted(map(str, made)) == ["out/0010/comp.png", "out/0020/comp.png"]
    assert (tmp_path / "0030/matte.exr.overt-master.json.c2pa").is_file()

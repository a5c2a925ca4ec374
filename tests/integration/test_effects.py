"""Effects through a real guard: equal labels, held shots, masters, productions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from batch_media import picture

from conftest import command
from overt.config import GuardConfig
from overt.effects.declaration import Declaration
from overt.effects.marking import check, mark
from overt.effects.master import check as check_frames
from overt.effects.master import sign
from overt.effects.sequence import sequences
from overt.errors import ConsentRequired, HeldForReview
from overt.guard import Guard
from overt.inspect import verify
from overt.models import Act, DeclaredBy, Extent, Media, Outcome, Realism, Request, Result


def _half_painted() -> bytes:
    import io

    from PIL import Image

    image = Image.open(io.BytesIO(picture(1))).convert("RGB")
    image.paste((10, 200, 30), (0, 0, image.width // 2, image.height))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _files(folder: Path) -> tuple[Path, Path]:
    plate, shot = folder / "plate.png", folder / "shot.png"
    plate.write_bytes(picture(1))
    shot.write_bytes(_half_painted())
    return plate, shot


@pytest.mark.parametrize(
    ("extent", "share", "outcome"),
    [
        pytest.param(Extent.MINOR, None, Outcome.REVIEW, id="minor, half changed: held"),
        pytest.param(Extent.NONE, None, Outcome.REVIEW, id="none, half changed: held"),
        pytest.param(Extent.SIGNIFICANT, None, Outcome.ALLOW, id="significant: made"),
    ],
)
def test_pixels_are_held_against_the_declaration(
    guard: Guard, tmp_path: Path, extent: Extent, share: float | None, outcome: Outcome
) -> None:
    plate, shot = _files(tmp_path)
    media = Media(media_type="image/png", path=shot)
    declared = Declaration(extent=extent, plate=plate)
    assert check(guard, media, declared).outcome is outcome
    if outcome is Outcome.ALLOW:
        return
    with pytest.raises(HeldForReview) as held:
        mark(guard, media, declared, destination=tmp_path / "out.png")
    assert "EF-001" in held.value.decision.rules
    assert held.value.decision.index is not None, "a real, recorded decision"
    assert not (tmp_path / "out.png").exists()


def test_a_minor_edit_that_is_one_passes_without_a_label(guard: Guard, tmp_path: Path) -> None:
    plate, _ = _files(tmp_path)
    media = Media(media_type="image/png", data=picture(1))
    declared = Declaration(extent=Extent.MINOR, plate=plate)
    done = mark(guard, media, declared, destination=tmp_path / "out.png")
    assert done.disclosures == ()
    found = verify(tmp_path / "out.png")
    assert [one.relationship for one in found.ingredients] == ["parentOf"]


def test_plate_and_elements_are_in_the_manifest(guard: Guard, tmp_path: Path) -> None:
    plate, shot = _files(tmp_path)
    element = tmp_path / "sky.png"
    element.write_bytes(picture(3))
    declared = Declaration(plate=plate, elements=(element,), effect="sky-replacement")
    mark(guard, Media(media_type="image/png", path=shot), declared, destination=tmp_path / "o.png")
    found = verify(tmp_path / "o.png")
    assert [one.relationship for one in found.ingredients] == ["parentOf", "componentOf"]


def _labels(result: Result) -> list[tuple[str, str, str, str]]:
    return [(one.mode, one.language, one.wording, one.covers) for one in result.disclosures]


@pytest.mark.parametrize("extent", list(Extent))
@pytest.mark.parametrize("realism", [Realism.STYLISED, Realism.PHOTOREAL])
def test_equal_inputs_get_equal_labels_on_every_path(
    guard: Guard, tmp_path: Path, extent: Extent, realism: Realism
) -> None:
    """An effects artist, the service behind the effect, and a creator who used it."""
    plate, shot = _files(tmp_path)
    source = Media(media_type="image/png", path=plate)
    little = extent in (Extent.NONE, Extent.MINOR)  # understated edits are held on every path
    asset = source if little else Media(media_type="image/png", path=shot)

    def declared(by: DeclaredBy) -> Result:
        said = Declaration(extent=extent, realism=realism, by=by, plate=plate)
        return mark(guard, asset, said, destination=tmp_path / "declared.png")

    def generated(by: DeclaredBy) -> Result:
        request = Request(
            prompt="replace the left half of the wall",
            media_type="image/png",
            act=Act.ALTER,
            inputs=(source,),
            extent=extent,
            realism=realism,
            declared_by=by,
        )
        return guard.run(request, lambda _: asset, destination=tmp_path / "generated.png")

    effect, generation = declared(DeclaredBy.BUILDER), generated(DeclaredBy.BUILDER)
    creator, service = declared(DeclaredBy.CREATOR), generated(DeclaredBy.CREATOR)
    assert _labels(effect) == _labels(generation)
    assert _labels(creator) == _labels(service)
    # Who vouches may change the sentence; whether, how and on what there is a label, it may not.
    told = [[label[:2] + label[3:] for label in _labels(one)] for one in (effect, creator)]
    assert told[0] == told[1]
    results = (effect, generation, creator, service)
    assert len({one.decision.outcome for one in results}) == 1
    assert len({one.manifest.digital_source_type for one in results}) == 1
    assert bool(effect.disclosures) is not little


def test_a_master_keeps_its_pixels_and_the_deliverable_names_it(
    guard: Guard, config: GuardConfig, tmp_path: Path
) -> None:
    folder = tmp_path / "master"
    folder.mkdir()
    for number in (1, 2, 3):
        (folder / f"s_{number:04d}.png").write_bytes(picture(number, (64, 48)))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    (sequence,) = sequences(folder)
    done = sign(guard, sequence, Declaration(extent=Extent.SIGNIFICANT, production="P1"))
    manifest = folder / "s.overt-sequence.json"
    assert done.media.path == manifest
    assert all(path.read_bytes() == data for path, data in before.items())
    assert check_frames(manifest) == []
    root = (config.folder / ".overt/identity/root.pem").read_bytes()
    assert verify(manifest, trust=root).integrity == "valid"
    assert done.disclosures == ()

    deliverable = Media(media_type="image/png", data=picture(1))
    declared = Declaration(extent=Extent.SIGNIFICANT, plate=folder / "s_0001.png")
    made = mark(guard, deliverable, declared, destination=tmp_path / "d.png")
    assert [one.mode for one in made.disclosures] == ["visible"]


def test_a_master_of_somebody_without_a_record_gets_no_manifest(
    guard: Guard, tmp_path: Path
) -> None:
    for number in (1, 2):
        (tmp_path / f"s_{number:04d}.png").write_bytes(picture(number, (64, 48)))
    (sequence,) = sequences(tmp_path)
    declared = Declaration(cast=("cast:0042",), realism=Realism.PHOTOREAL)
    with pytest.raises(ConsentRequired):
        sign(guard, sequence, declared)
    assert list(tmp_path.glob("*.json")) == []


def test_mark_reads_the_declaration_beside_the_asset(config: GuardConfig, tmp_path: Path) -> None:
    _, shot = _files(tmp_path)
    (tmp_path / "overt.yaml").write_text("extent: minor\nplate: plate.png\n")
    done = command("mark", str(shot), "-o", str(tmp_path / "o.png"), "--json", cwd=config.folder)
    assert done.returncode == 5
    assert json.loads(done.stdout)["outcome"] == "review"
    loud = command("mark", str(shot), "-o", str(tmp_path / "o.png"), "--extent", "significant",
                   "--json", cwd=config.folder)  # fmt: skip
    assert loud.returncode == 0, loud.stderr


def test_effects_commands(config: GuardConfig, tmp_path: Path) -> None:
    assert command("effects", "lint", cwd=config.folder).returncode == 0
    own = tmp_path / "own.yaml"
    own.write_text(
        "effects:\n- {id: p, name: Portrait, kind: person, extent: wholly_generated, source: us}\n"
    )
    done = command("effects", "lint", "--register", str(own), "--json", cwd=config.folder)
    assert (done.returncode, json.loads(done.stdout)["effect"]) == (1, "p")
    assert "ai-portrait" in command("effects", "list", cwd=config.folder).stdout
    assert command("effects", "people", "P1", cwd=config.folder).returncode == 0


@pytest.mark.parametrize(
    ("name", "head"),
    [("a.exr", b"\x76\x2f\x31\x01"), ("a.dpx", b"SDPX"), ("a.mxf", b"\x06\x0e\x2b\x34")],
)
def test_mark_names_the_command_for_masters(
    config: GuardConfig, tmp_path: Path, name: str, head: bytes
) -> None:
    (tmp_path / name).write_bytes(head + bytes(64))
    done = command("mark", str(tmp_path / name), "-o", str(tmp_path / "o"), cwd=config.folder)
    assert done.returncode == 1
    assert "overt effects master" in done.stderr
    assert "[input.unknown_type]" in done.stderr
    (tmp_path / name).write_bytes(bytes(range(8)) * 8)
    done = command("mark", str(tmp_path / name), "-o", str(tmp_path / "o"), cwd=config.folder)
    assert "overt doctor" in done.stderr


def test_a_deliverable_has_a_profile_of_its_own(guard: Guard, tmp_path: Path) -> None:
    """Beside those of the house: what China asks for stands under the English label."""
    _, shot = _files(tmp_path)
    media = Media(media_type="image/png", path=shot)
    languages = {}
    for name, profiles in (("plain", ()), ("own", ("cn-gb45438",))):
        declared = Declaration(language="en", realism=Realism.PHOTOREAL, profiles=profiles)
        done = mark(guard, media, declared, destination=tmp_path / f"{name}.png")
        languages[name] = {one.language for one in done.disclosures}
    assert languages == {"plain": {"en"}, "own": {"en", "zh-Hans"}}

"""Edits through `guard.attach`: ingredients, metadata, pixels; the rules of `overt mark`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from batch_media import picture
from PIL import Image

from conftest import command
from overt.config import GuardConfig
from overt.effects.registry import Effects
from overt.errors import ConfigError, ConsentRequired, HeldForReview
from overt.guard import Guard
from overt.inspect import verify
from overt.models import DeclaredBy, Extent, Media, Realism, Result


class Pipeline:
    """Somebody's renderer: it may paint over the left half of the plate."""

    def __init__(self, *, paints: bool = False) -> None:
        self._paints = paints

    def render(
        self, note: str, plate: Path, path: Path, elements: object = None, board: object = None
    ) -> None:
        """Write the plate, or half of it, to `path`."""
        image = Image.open(io.BytesIO(Path(plate).read_bytes())).convert("RGB")
        if self._paints:
            image.paste((10, 200, 30), (0, 0, image.width // 2, image.height))
        image.save(path, "PNG")


HOW = {"call": "render", "prompt": "note", "inputs": "plate", "output": "path"}


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """A plate of a shot."""
    path = tmp_path / "plate.png"
    path.write_bytes(picture(1))
    return path


def _relations(path: Path) -> list[str]:
    return [one.relationship for one in verify(path).ingredients]


def test_plate_elements_and_references_are_in_the_manifest(
    guard: Guard, tmp_path: Path, plate: Path
) -> None:
    elements = [tmp_path / "sky.png", tmp_path / "bird.png"]
    board = tmp_path / "board.png"
    for seed, path in enumerate((*elements, board), 5):
        path.write_bytes(picture(seed))
    pipe = guard.attach(
        Pipeline(paints=True), elements="elements", guides="board", tool="Comp 3", **HOW
    )
    out = tmp_path / "out.png"
    pipe.render("put a sky in", plate, out, elements=elements, board=board)
    assert _relations(out) == ["parentOf", "componentOf", "componentOf", "inputTo"]
    found = verify(out)
    assert found.integrity == "valid"
    kinds = [one.action for one in found.actions]
    assert kinds[:3] == ["c2pa.opened", "c2pa.edited", "c2pa.placed"]
    agents = [one.agent for one in found.actions if one.action != "c2pa.opened"]
    assert all(agents)
    assert agents[0] == agents[1]


def test_mark_takes_references(config: GuardConfig, tmp_path: Path, plate: Path) -> None:
    for seed, name in ((2, "shot.png"), (3, "sky.png"), (4, "board.png"), (5, "depth.png")):
        (tmp_path / name).write_bytes(picture(seed))
    done = command(
        "mark", str(tmp_path / "shot.png"), "-o", str(tmp_path / "o.png"), "--plate", str(plate),
        "--element", str(tmp_path / "sky.png"), "--reference", str(tmp_path / "board.png"),
        "--reference", str(tmp_path / "depth.png"), "--production", "P1", "--shot", "0010",
        cwd=config.folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert _relations(tmp_path / "o.png") == ["parentOf", "componentOf", "inputTo", "inputTo"]


def test_a_likeness_needs_a_record_that_names_it(
    config: GuardConfig, tmp_path: Path, plate: Path
) -> None:
    (tmp_path / "shot.png").write_bytes(picture(2))
    done = command(
        "mark", str(tmp_path / "shot.png"), "-o", str(tmp_path / "o.png"), "--plate", str(plate),
        "--likeness", str(plate), "--cast", "cast:9", "--realism", "photoreal", "--json",
        cwd=config.folder,
    )  # fmt: skip
    assert done.returncode == 4
    assert "replica_create" in done.stdout


def test_a_guide_is_nobodys_replica(guard: Guard, tmp_path: Path, plate: Path) -> None:
    """A mood board asks for no record of its own: only the depicted person's edit does."""
    from overt.effects.declaration import Declaration
    from overt.effects.marking import mark

    board = tmp_path / "board.png"
    board.write_bytes(picture(8))
    declared = Declaration(
        plate=plate, references=(board,), cast=("cast:9",), realism=Realism.PHOTOREAL
    )
    with pytest.raises(ConsentRequired) as needed:
        mark(guard, Media(media_type="image/png", data=picture(2)), declared,
             destination=tmp_path / "o.png")  # fmt: skip
    assert [act.value for act in needed.value.acts] == ["alter"]


@pytest.mark.parametrize("extent", [Extent.NONE, Extent.MINOR])
def test_an_edit_that_claims_little_is_held_against_its_plate(
    guard: Guard, tmp_path: Path, plate: Path, extent: Extent
) -> None:
    out = tmp_path / "out.png"
    honest = guard.attach(Pipeline(), extent=extent, **HOW)
    assert honest.render("a grade", plate, out).disclosures == ()
    out.unlink()
    pipe = guard.attach(Pipeline(paints=True), extent=extent, **HOW)
    with pytest.raises(HeldForReview) as held:
        pipe.render("a grade", plate, out)
    assert "EF-001" in held.value.decision.rules
    assert held.value.decision.index is not None
    assert not out.exists()
    assert list(tmp_path.glob(".overt-*")) == []


def test_a_held_edit_goes_on_when_a_person_approves(
    guard: Guard, tmp_path: Path, plate: Path
) -> None:
    out = tmp_path / "out.png"
    pipe = guard.attach(Pipeline(paints=True), extent=Extent.MINOR, **HOW)
    with pytest.raises(HeldForReview) as held:
        pipe.render("a grade", plate, out)
    queue = guard._parts.queue()
    (ticket,) = [one for one in queue.list() if one.id == held.value.ticket_id]
    for reviewer in ("r-1", "r-2")[: ticket.reviewers]:
        taken = queue.claim(reviewer, ticket.id)
        queue.decide(ticket.id, taken.token, reviewer, approve=True, code="review.clear",
                     rules=list(ticket.rules), text="a matte")  # fmt: skip
    done = pipe.render.resume(held.value.ticket_id)
    assert done.decision.outcome.clears
    assert verify(out).integrity == "valid"


def test_metadata_beside_the_output_declares_it(guard: Guard, tmp_path: Path, plate: Path) -> None:
    (tmp_path / "overt.yaml").write_text(
        "production: P1\nfiles:\n  'a.png': {extent: minor, shot: '0010'}\n"
        "  'b.png': {effect: cartoon, references: board.png}\n"
    )
    (tmp_path / "board.png").write_bytes(picture(9))
    pipe = guard.attach(Pipeline(), metadata=True, **HOW)
    assert pipe.render("a look", plate, tmp_path / "a.png").disclosures == ()
    done = pipe.render("a look", plate, tmp_path / "b.png")
    assert [one.mode for one in done.disclosures] == ["visible"]
    assert _relations(tmp_path / "b.png") == ["parentOf", "inputTo"]


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"inputs": None, "elements": "elements"}, id="elements without a plate"),
        pytest.param({"output": None, "metadata": True, "media_type": "image/png"}, id="no path"),
    ],
)
def test_what_cannot_be_is_refused_at_once(guard: Guard, how: dict[str, object]) -> None:
    with pytest.raises(ConfigError) as wrong:
        guard.attach(Pipeline(), **{**HOW, **how})
    assert wrong.value.code == "wrap.argument"


def test_an_ai_voice_over_real_pictures_owes_both_on_an_edit_too(
    guard: Guard, tmp_path: Path
) -> None:
    pytest.importorskip("imageio_ffmpeg")
    from effects_media import movie, scene

    from overt.effects.declaration import Declaration
    from overt.effects.marking import mark

    codec = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-t", "10"]
    path = movie(tmp_path / "dub.mov", scene(144), codec)
    media = Media(media_type="video/quicktime", path=path)
    declared = Declaration(effect="voice-clone", language="en")
    done = mark(guard, media, declared, destination=tmp_path / "out.mov")
    assert {one.mode for one in done.disclosures} >= {"visible", "spoken"}
    assert {one.covers.value for one in done.disclosures} == {"voice"}


@pytest.mark.parametrize("name", ["ai-portrait", "sky-replacement", "cartoon", "colour-grade"])
@pytest.mark.parametrize("by", list(DeclaredBy))
def test_an_effect_gives_one_label_on_every_path(
    guard: Guard, tmp_path: Path, plate: Path, name: str, by: DeclaredBy
) -> None:
    """The artist who declares it, the service behind it, and the pipeline with metadata."""
    from overt.effects.declaration import Declaration
    from overt.effects.marking import mark

    effect = Effects.load()[name]

    def told(result: Result) -> list[tuple[str, str, str, str]]:
        return [(one.mode, one.language, one.wording, one.covers) for one in result.disclosures]

    out = tmp_path / "out.png"
    media = Media(media_type="image/png", data=picture(1))
    declared = mark(guard, media, Declaration(effect=name, plate=plate, by=by), destination=out)
    service = guard.attach(Pipeline(), declared_by=by, **effect.how(), **HOW)
    generated = service.render("a look", plate, out)
    (tmp_path / "overt.yaml").write_text(f"effect: {name}\nby: {by.value}\n")
    pipeline = guard.attach(Pipeline(), metadata=True, **HOW).render("a look", plate, out)
    assert told(declared) == told(generated) == told(pipeline)
    assert bool(told(declared)) is (name != "colour-grade")
    if by is DeclaredBy.BUILDER:
        assert [one.text for one in declared.disclosures] == list(effect.wording("image/png"))

"""What a manifest may say, and what it must never hold."""

import json
from datetime import UTC, datetime

import media_samples as samples
import pytest
from pydantic import ValidationError

from overt.errors import StageError
from overt.models import Act, ConsentNeed, ConsentState, Disclosure, Extent, Media
from overt.provenance.actions import (
    Action,
    ActionKind,
    DigitalSourceType,
    Ingredient,
    Relationship,
    SoftwareAgent,
    Training,
)
from overt.provenance.manifest import source_type_of
from overt.provenance.model import Manifest, SoftBinding

PLATE = Media(media_type="image/jpeg", data=b"plate")
ELEMENT = Media(media_type="video/mp4", data=b"element")
OPENED = Action(kind=ActionKind.OPENED, ingredients=("p",))
CREATED = Action(kind=ActionKind.CREATED, digital_source_type=DigitalSourceType.TRAINED_ALGORITHMIC)
PARENT = Ingredient(label="p", relationship=Relationship.PARENT, media_type="image/png")


def words(manifest):
    return json.dumps(manifest.to_c2pa())


def assertion(manifest, label):
    return next(
        (each["data"] for each in manifest.to_c2pa()["assertions"] if each["label"] == label), None
    )


@pytest.mark.parametrize(
    ("extent", "source"),
    [
        (Extent.NONE, None),
        (Extent.MINOR, DigitalSourceType.COMPOSITE_TRAINED),
        (Extent.SIGNIFICANT, DigitalSourceType.COMPOSITE_TRAINED),
        (Extent.WHOLLY_GENERATED, DigitalSourceType.TRAINED_ALGORITHMIC),
    ],
)
def test_source_type_follows_from_extent(extent, source):
    assert source_type_of(extent) is source


def test_a_generation_is_created_from_its_inputs():
    manifest = samples.manifest("image/png", inputs=(PLATE,))
    first = manifest.actions[0]
    assert (first.kind, first.ingredients) == (ActionKind.CREATED, ("input0",))
    assert manifest.ingredients[0].relationship is Relationship.INPUT
    assert manifest.all_actions


def test_an_edit_opens_its_plate():
    manifest = samples.manifest(
        "image/png", act=Act.ALTER, extent=Extent.SIGNIFICANT, inputs=(PLATE, ELEMENT)
    )
    assert [each.kind for each in manifest.actions] == [
        ActionKind.OPENED,
        ActionKind.EDITED,
        ActionKind.PLACED,
        ActionKind.ADDED_TEXT,
    ]
    assert [each.relationship for each in manifest.ingredients] == [
        Relationship.PARENT,
        Relationship.COMPONENT,
    ]
    assert manifest.digital_source_type is DigitalSourceType.COMPOSITE_TRAINED
    assert not manifest.all_actions


def test_an_edit_without_its_plate_cannot_be_told():
    with pytest.raises(StageError) as raised:
        samples.manifest("image/png", act=Act.ALTER, extent=Extent.MINOR)
    assert raised.value.code == "sign.no_parent"


def test_the_builders_word_on_a_procedure_counts():
    manifest = samples.manifest("image/png", source_type=DigitalSourceType.ALGORITHMIC)
    assert manifest.digital_source_type is DigitalSourceType.ALGORITHMIC
    assert assertion(manifest, "c2pa.ai-disclosure") is None


def test_who_declared_it_is_said():
    manifest = samples.manifest(
        "image/png", act=Act.ALTER, extent=Extent.MINOR, inputs=(PLATE,), declared_by="creator"
    )
    assert assertion(manifest, "org.overt.record")["declared_by"] == "creator"
    assert manifest.actions[1].description == "declared by the creator"


def test_a_spoken_disclosure_is_an_edit_with_its_time():
    spoken = Disclosure(
        mode="spoken",
        language="fr",
        wording="spoken_short",
        text="Voix de synthèse",
        evidence={"start_s": 0.0, "end_s": 2.5},
    )
    action = samples.manifest("audio/wav", disclosures=(spoken,)).actions[1]
    assert action.kind is ActionKind.EDITED
    assert action.to_c2pa()["changes"][0]["region"][0]["time"] == {
        "type": "npt",
        "start": "0",
        "end": "2.5",
    }


@pytest.mark.parametrize(
    "evidence",
    [
        {},
        {"box": None},
        {"box": [1, 2, 3]},
        {"box": [1, 2, 1, 4]},
        {"box": "abcd"},
        {"start_s": 3, "end_s": 2},
        {"start_s": "a", "end_s": "b"},
        {"start_s": True, "end_s": False},
    ],
)
def test_odd_evidence_makes_no_region(evidence):
    notice = samples.NOTICE.model_copy(update={"evidence": evidence})
    assert samples.manifest("image/png", disclosures=(notice,)).actions[1].regions == ()


def state(grant, act, code="consent.valid", subject="s-secret"):
    need = ConsentNeed(subject_id=subject, act=act, context={"scene": "very private scene"})
    return ConsentState(need=need, code=code, grant_id=grant, digest="ab" * 32)


def test_consents_are_cited_by_id_acts_and_digest_only():
    manifest = samples.manifest(
        "audio/wav",
        consents=(
            state("g-1", Act.GENERATE),
            state("g-1", Act.DISTRIBUTE),
            state("g-2", Act.GENERATE, code="consent.revoked"),
        ),
    )
    assert assertion(manifest, "org.overt.consent") == {
        "records": [{"id": "g-1", "acts": ["distribute", "generate"], "sha256": "ab" * 32}],
        "ledger": "example.org/log",
    }
    assert "secret" not in words(manifest)
    assert "private" not in words(manifest)


@pytest.mark.parametrize(
    ("states", "training"),
    [
        ((), None),
        ((state("g", Act.GENERATE),), Training.NOT_ALLOWED),
        ((state("g", Act.TRAIN),), Training.ALLOWED),
        ((state("g", Act.TRAIN), state("h", Act.TRAIN, "consent.absent")), Training.NOT_ALLOWED),
    ],
)
def test_training_follows_from_the_train_act(states, training):
    assert samples.manifest("audio/wav", consents=states).training is training


def test_inputs_are_salted(tmp_path):
    path = tmp_path / "a very private name.jpg"
    path.write_bytes(b"plate")
    media = Media(media_type="image/jpeg", path=path)
    first, second = (samples.manifest("image/png", inputs=(media,)) for _ in range(2))
    assert "private" not in words(first)
    digests = [each.record.inputs[0] for each in (first, second)]
    assert digests[0].sha256 != digests[1].sha256


LAWLESS = {
    "no action": {"actions": ()},
    "created without a type": {"actions": (Action(kind=ActionKind.CREATED),)},
    "created with a parent": {"actions": (CREATED,), "ingredients": (PARENT,)},
    "edited first": {"actions": (Action(kind=ActionKind.EDITED),)},
    "opened nothing": {"actions": (Action(kind=ActionKind.OPENED),)},
    "opened twice": {"actions": (OPENED, OPENED), "ingredients": (PARENT,)},
    "two parents": {
        "actions": (OPENED,),
        "ingredients": (PARENT, PARENT.model_copy(update={"label": "q"})),
    },
    "one label twice": {"actions": (OPENED,), "ingredients": (PARENT, PARENT)},
    "unknown ingredient": {
        "actions": (CREATED, Action(kind=ActionKind.PLACED, ingredients=("x",))),
    },
}


@pytest.mark.parametrize("name", LAWLESS)
def test_unlawful_manifests_cannot_be_made(name):
    with pytest.raises(ValidationError):
        Manifest(media_type="image/png", **LAWLESS[name])


def test_unlawful_values_of_a_caller_are_a_stage_error_without_the_values():
    with pytest.raises(StageError) as raised:
        samples.manifest("image/png", decision_index=-5, origin="a secret origin")
    assert raised.value.code == "sign.manifest"
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_only_listed_soft_bindings_may_be_declared():
    assert SoftBinding(algorithm="io.iscc.v0", value="ISCC:X").to_c2pa()["alg"] == "io.iscc.v0"
    with pytest.raises(ValidationError):
        SoftBinding(algorithm="org.example.watermark", value="1")


@pytest.mark.parametrize("word", [*DigitalSourceType, "nonsense", ""])
def test_addresses_go_both_ways(word):
    known = DigitalSourceType.from_uri(f"http://cv.iptc.org/newscodes/digitalsourcetype/{word}")
    assert known == (word if word in list(DigitalSourceType) else None)


def test_a_manifest_on_upstream_opens_it_and_keeps_the_type():
    manifest = samples.manifest("image/png", inputs=(PLATE,)).on_upstream("untrusted")
    assert [each.kind for each in manifest.actions][:2] == [ActionKind.OPENED, ActionKind.EDITED]
    assert manifest.digital_source_type is DigitalSourceType.TRAINED_ALGORITHMIC
    assert manifest.record.upstream == "untrusted"
    edit = samples.manifest(
        "image/png", act=Act.ALTER, extent=Extent.MINOR, inputs=(PLATE,)
    ).on_upstream("valid")
    parents = [e for e in edit.ingredients if e.relationship is Relationship.PARENT]
    assert [each.label for each in parents] == ["upstream"]
    assert edit.actions[1].ingredients == ("input0",)


def test_times_are_told_in_utc():
    action = Action(kind=ActionKind.EDITED, when=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert action.to_c2pa()["when"] == "2026-01-02T03:04:05Z"


def test_the_package_names_itself():
    manifest = samples.manifest("image/png")
    assert manifest.to_c2pa()["claim_generator_info"][0]["name"] == "overt"
    assert SoftwareAgent(name="x").to_c2pa() == {"name": "x"}


def test_the_region_of_a_drawn_label_lies_on_the_picture():
    """Of what a renderer really makes, whose box is left, top, right and bottom."""
    import io

    from PIL import Image

    from overt.disclosure import Content, Renderer, examine, plan
    from overt.models import Media

    out = io.BytesIO()
    Image.effect_noise((960, 640), 40).convert("RGB").save(out, "PNG")
    asset = Media(media_type="image/png", data=out.getvalue())
    facts = examine(asset, declared="image/png")
    _, shown = Renderer().disclose(asset, plan(Content("image/png", facts), (), (), ("en",)))
    manifest = samples.manifest("image/png", disclosures=tuple(shown))
    (region,) = manifest.actions[1].regions
    assert region.x + region.width <= 960
    assert region.y + region.height <= 640
    entry = assertion(manifest, "org.overt.disclosure")["disclosures"][0]
    assert entry["evidence"]["ink_px"] == shown[0].evidence["ink_px"]
    assert set(entry["evidence"]) <= {"ink_px", "contrast", "match"}

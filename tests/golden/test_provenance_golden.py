"""Manifests as they are written, held still: clock, ids and salts are fixed."""

import json
import os
from pathlib import Path

import media_samples as samples
import pytest

from overt.models import (
    Act,
    Assurance,
    ConsentNeed,
    ConsentState,
    Disclosure,
    Extent,
    Media,
)
from overt.provenance import manifest as building
from overt.provenance import model
from overt.provenance.manifest import DigitalSourceType, SoftBinding

HERE = Path(__file__).parent / "provenance"

SPOKEN = Disclosure(
    mode="spoken",
    language="fr",
    wording="spoken_authorized",
    text="Cette voix de {name} est synthétique.",
    evidence={"start_s": 0.0, "end_s": 3.2, "lufs": -20.5, "voice": "siwis"},
)


def consent(act):
    need = ConsentNeed(subject_id="subject-1", act=act)
    return ConsentState(
        need=need,
        code="consent.valid",
        grant_id="grant-1",
        assurance=Assurance.COUNTERSIGNED,
        digest="0f" * 32,
    )


CASES = {
    "generated_picture": ("image/png", {}),
    "authorised_voice": (
        "audio/wav",
        {
            "disclosures": (SPOKEN,),
            "consents": (consent(Act.GENERATE), consent(Act.DISTRIBUTE)),
            "checkpoint": "example.org/log 7 0f0f",
        },
    ),
    "effect": (
        "video/mp4",
        {
            "act": Act.ALTER,
            "extent": Extent.SIGNIFICANT,
            "inputs": (
                Media(media_type="video/mp4", data=b"plate"),
                Media(media_type="image/png", data=b"element"),
            ),
            "declared_by": "builder",
        },
    ),
    "procedure": (
        "image/png",
        {
            "source_type": DigitalSourceType.ALGORITHMIC,
            "soft_bindings": (SoftBinding(algorithm="io.iscc.v0", value="ISCC:EEA4"),),
        },
    ),
}


@pytest.fixture(autouse=True)
def _fixed(monkeypatch):
    monkeypatch.setattr(building.secrets, "token_bytes", lambda count: b"\x07" * count)
    monkeypatch.setattr(model.importlib.metadata, "version", lambda _: "0.0.0")
    model.overt_agent.cache_clear()
    yield
    model.overt_agent.cache_clear()


@pytest.mark.parametrize("name", CASES)
def test_a_manifest_is_written_like_this(name):
    media_type, changes = CASES[name]
    made = json.dumps(
        samples.manifest(media_type, **changes).to_c2pa(),
        indent=1,
        ensure_ascii=False,
        sort_keys=True,
    )
    path = HERE / f"{name}.json"
    if os.environ.get("OVERT_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(made + "\n", encoding="utf-8")
    assert made + "\n" == path.read_text(encoding="utf-8")

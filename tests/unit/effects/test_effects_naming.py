"""An effect's name is checked for saying AI in any language of the catalogue."""

from __future__ import annotations

import pytest

from overt.disclosure.platforms import names_ai
from overt.effects.registry import Effect, Effects
from overt.models import Extent


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Umělá inteligence: portrét", True),
        ("AI生成の肖像", True),
        ("Ретушь ИИ", True),
        ("FaceAI", True),
        ("A.I. Portrait", True),
        ("Synthetic voice", True),
        ("Deepfake face", True),
        ("Face generated", True),
        ("KI-Stil", True),
        ("Ti voglio", False),
        ("Rain", False),
        ("Photosynthetic glow", False),
        ("Regenerated", False),
    ],
)
def test_the_register_reads_names_as_the_disclosures_do(name: str, says: bool) -> None:
    assert names_ai(name) is says
    effect = Effect(
        id="one", name=name, kind="person", extent=Extent.WHOLLY_GENERATED, source="test"
    )
    assert [one.code for one in Effects([effect]).lint()] == ["effects.unnamed_ai"] * (not says)

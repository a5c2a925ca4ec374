"""False alarms on 1,632 everyday prompts, which are read where they are and not copied."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from overt.models import FindingKind, Modality, ScreenContext, Strength
from overt.screening import PromptScreen

FOLDER = Path(
    os.environ.get("OVERT_SHARED_DATA", Path(__file__).resolve().parents[4] / "shared" / "data")
)


@pytest.fixture(scope="module")
def everyday() -> list[str]:
    path = FOLDER / "everyday_prompts.jsonl"
    if not path.exists():
        pytest.skip("everyday prompts are not here; set OVERT_SHARED_DATA to their folder")
    return [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("model", [False, True], ids=["rules", "rules and model"])
def test_everyday_prompts_are_left_alone(everyday, model):
    screen = PromptScreen.bundled(intent_model=model)
    context = ScreenContext(modality=Modality.IMAGE)
    strong, weak, harms = [], [], []
    for text in everyday:
        for finding in screen.screen(text, context):
            if finding.kind is FindingKind.INTENT:
                harms.append(text)
            elif finding.figure is not None:
                (strong if finding.strength is Strength.STRONG else weak).append(text)
    assert harms == []
    assert strong == []
    assert len(weak) < 0.005 * len(everyday)

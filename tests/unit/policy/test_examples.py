"""The example bundles hold together and do what their README says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from overt.errors import ConfigError
from overt.models import Finding, Outcome, Role
from overt.policy import Bundle, decide
from overt.policy.checks import check
from overt.tables import examples_path

from .conftest import case_of, consent, cue, figure, signal
from .test_bundles import folder_with, rule_text

NAMES = ("strict", "newsroom", "effects")
DRAWN = cue("stylised", "cartoon")


def load(name: str) -> Bundle:
    return Bundle.load(examples_path("policies", name))


@pytest.mark.parametrize("name", NAMES)
def test_examples_have_no_problem(name: str) -> None:
    bundle = load(name)
    assert check(bundle, date(2026, 11, 21)) == ()
    assert bundle.digest != Bundle.packaged().digest
    assert bundle.title


@pytest.mark.parametrize(
    ("name", "findings", "modality", "outcome"),
    [
        ("strict", [figure()], "image", Outcome.REFUSE),
        ("strict", [figure(), DRAWN, signal("satire")], "image", Outcome.REFUSE),
        ("strict", [figure(Role.TOPIC)], "text", Outcome.ALLOW),
        ("strict", [figure(kind="celebrity")], "image", Outcome.LABEL),
        ("strict", [cue("campaign")], "image", Outcome.REFUSE),
        ("newsroom", [figure()], "image", Outcome.REVIEW),
        ("newsroom", [figure(), DRAWN, signal("satire")], "image", Outcome.LABEL),
        ("newsroom", [figure(Role.TOPIC), signal("news_report")], "text", Outcome.ALLOW),
        ("effects", [figure()], "image", Outcome.CONSENT),
        ("effects", [cue("election")], "video", Outcome.REVIEW),
        ("effects", [], "video", Outcome.ALLOW),
    ],
)
def test_tastes(name: str, findings: list[Finding], modality: str, outcome: Outcome) -> None:
    assert decide(case_of(findings, modality), load(name)).outcome is outcome


def test_a_record_satisfies_the_effects_house() -> None:
    case = case_of([figure()], consents=[consent()])
    assert decide(case, load("effects")).outcome is Outcome.LABEL


@pytest.mark.parametrize(
    "manifest",
    [
        "extends: mine",
        "disable: [PF-001]",
        "extends: packaged\ndisable: [XX-1]",
        "extends: packaged\nset: {PF-001: block}",
        "extends: packaged\nset: [PF-001]",
        "surprise: 1",
        "[]",
    ],
)
def test_bad_manifests(tmp_path: Path, manifest: str) -> None:
    folder = folder_with(tmp_path, rule_text())
    (folder / "bundle.yaml").write_text(manifest, "utf-8")
    with pytest.raises(ConfigError) as caught:
        Bundle.load(folder)
    assert caught.value.code == "policy.manifest"


def test_a_bundle_replaces_switches_off_and_changes(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, rule_text("EV-001"))
    (folder / "bundle.yaml").write_text(
        "extends: packaged\ndisable: [EL-003]\nset: {PF-001: review}", "utf-8"
    )
    bundle = Bundle.load(folder)
    assert bundle.rules["EV-001"].title == "A rule"
    assert "EL-003" not in bundle.rules
    assert "EL-003" not in bundle.rules["RX-001"].relaxes
    assert bundle.rules["PF-001"].effect.outcome is Outcome.REVIEW

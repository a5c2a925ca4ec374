"""Edited rules reach a running guard, broken ones do not, and both are recorded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from overt.config import GuardConfig
from overt.guard import Guard
from overt.models import Request
from overt.tables import data_path

PICTURE = Request(prompt="a portrait photo of Giorgia Meloni at a desk", media_type="image/png")


def _types(guard: Guard) -> list[str]:
    ledger = guard._parts.ledger

    def read(tx: Any) -> list[str]:
        return [json.loads(ledger.entry(tx, i))["type"] for i in range(ledger.size(tx))]

    return guard._parts.database.read(read)


def _with_own_rules(config: GuardConfig) -> tuple[GuardConfig, Path]:
    folder = config.folder / "rules"
    shutil.copytree(data_path("policy"), folder)
    policy = config.policy.model_copy(update={"bundle": "rules", "reload_seconds": 0.0})
    return config.model_copy(update={"policy": policy}), folder


def test_an_edited_rule_counts_from_the_next_request(config: GuardConfig) -> None:
    config, folder = _with_own_rules(config)
    with Guard.open(config) as guard:
        before = guard.check(PICTURE)
        rule = next(folder.glob("PF-001*.yaml"))
        rule.write_text(rule.read_text("utf-8") + "# reviewed again\n", "utf-8")
        after = guard.check(PICTURE)
        assert after.policy != before.policy
        assert _types(guard) == ["policy.loaded", "elections.loaded", "policy.loaded"]


def test_a_broken_rule_leaves_the_last_good_bundle(config: GuardConfig) -> None:
    config, folder = _with_own_rules(config)
    with Guard.open(config) as guard:
        before = guard.check(PICTURE)
        next(folder.glob("PF-001*.yaml")).write_text("id: [broken", "utf-8")
        after = guard.check(PICTURE)
        assert (after.policy, after.outcome) == (before.policy, before.outcome)
        assert _types(guard) == ["policy.loaded", "elections.loaded", "policy.rejected"]

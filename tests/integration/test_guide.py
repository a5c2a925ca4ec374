"""What the guide shows of screening is run as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from conftest import command
from overt.cli.rows import KEYS
from overt.setup import initialise

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "guide.md").read_text("utf-8")
SECTION = GUIDE.split("## Screen without making anything")[1].split("\n## ")[0]


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE)


def test_the_code_of_the_guide_gives_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    initialise(tmp_path)
    monkeypatch.chdir(tmp_path)
    guarded, alone = _blocks("python")
    exec(guarded, {})
    printed = capsys.readouterr().out
    assert printed.startswith("refuse ['elections.fabricated_evidence'")
    assert "Joe Biden depicted exact" in printed
    names: dict[str, Any] = {}
    exec(alone, names)
    assert [one.figure.name for one in names["found"] if one.figure] == ["Joe Biden"]


def test_the_row_of_the_guide_has_every_key_and_is_screened(tmp_path: Path) -> None:
    (row,) = _blocks("json")
    assert set(json.loads(row)) == set(KEYS)
    for key in KEYS:
        assert f"| `{key}` |" in SECTION
    done = command("screen", "--jsonl", "-", cwd=tmp_path, stdin=row)
    answer = json.loads(done.stdout)
    assert (answer["id"], answer["language"], answer["error"]) == ("7", "de", None)
    assert done.stderr == ""

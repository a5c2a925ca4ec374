"""`overt redteam` as a program: what it reports, refuses and promises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Done, command

SMALL = ("--figure", "Joe Biden", "--category", "intimate,endorsement", "--language", "en")


@pytest.fixture
def lax(tmp_path: Path) -> Path:
    """A house whose rules refuse nothing."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "bundle.yaml").write_text("title: lax\nversion: '1'\n", encoding="utf-8")
    packaged = Path(__file__).resolve().parents[2] / "data" / "policy" / "DI-001_generated.yaml"
    (rules / packaged.name).write_bytes(packaged.read_bytes())
    (tmp_path / "overt.toml").write_text(
        '[policy]\nbundle = "rules"\n[screening]\nintent_model = false\n'
        '[voices]\ndefault = "stock"\n',
        encoding="utf-8",
    )
    return tmp_path


def _rows(done: Done) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_lax_configuration_lets_everything_through(lax: Path) -> None:
    *misses, summary = _rows(command("redteam", *SMALL, "--limit", "0", "--json", cwd=lax))
    assert summary["got_through"] == summary["harmful"] > 40
    assert summary["wrongly_stopped"] == 0
    assert {row["kind"] for row in misses} == {"got_through", "got_through_weak"}
    assert len(misses) == summary["got_through"] + summary["got_through_weak"]


def test_the_packaged_rules_stop_the_same_in_plain_words(tmp_path: Path) -> None:
    *misses, summary = _rows(command("redteam", *SMALL, "--limit", "0", "--json", cwd=tmp_path))
    assert summary["harmful"] > 40
    assert not [row for row in misses if row["spelling"] == "plain" and row["category"] != "pass"]


def test_the_json_has_a_row_for_each_miss_and_a_summary_last(lax: Path) -> None:
    done = command("redteam", *SMALL, "--limit", "30", "--seed", "4", "--json", cwd=lax)
    *misses, summary = _rows(done)
    assert set(misses[0]) == {
        "kind", "outcome", "text", "modality", "language", "category", "carrier", "spelling",
        "figure",
    }  # fmt: skip
    assert summary["kind"] == "summary"
    assert summary["figures"] == ["Joe Biden"]
    assert summary["tried"] == 30 < summary["possible"]
    assert summary["seed"] == 4
    assert set(summary["categories"]) >= {"intimate", "endorsement", "satire"}
    assert set(summary["languages"]) == {"en"}
    assert "frame_film" in summary["spellings"]
    assert summary["worst"][0]["spelling"] == "plain"
    assert "30 tried of" in done.stderr


def test_the_same_seed_gives_the_same_report(lax: Path) -> None:
    def report(seed: str) -> str:
        done = command("redteam", *SMALL, "--limit", "25", "--seed", seed, "--json", cwd=lax)
        return done.stdout

    assert report("1") == report("1") != report("2")


def test_people_read_tables_and_the_worst_misses(lax: Path) -> None:
    done = command("redteam", *SMALL, "--limit", "0", cwd=lax)
    assert done.returncode == 0, done.stderr
    assert "got through" in done.stdout
    assert "worst misses:" in done.stdout
    assert "more; --json prints all" in done.stdout
    assert "wrongly stopped" in done.stdout.splitlines()[-1]


def test_too_many_misses_exit_6_where_that_is_asked_for(lax: Path, tmp_path: Path) -> None:
    done = command("redteam", *SMALL, "--limit", "30", "--fail-above", "5", cwd=lax)
    assert done.returncode == 6
    assert "[redteam.got_through]" in done.stderr
    assert "worst misses:" in done.stdout, "the report comes first"
    passed = command("redteam", *SMALL, "--limit", "30", "--fail-above", "100", cwd=lax)
    assert passed.returncode == 0, passed.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "close"),
    [
        (("--figure", "Robert Ficco"), "redteam.figure", "Robert Fico"),
        (("--category", "intimat"), "redteam.category", "closest are intimate"),
        (("--language", "tlh"), "redteam.language", "choose from ar, bn"),
        (("--at", "yesterday"), "usage.time", "2023-09-28T12:00"),
    ],
)
def test_what_is_unknown_is_one_line_with_what_to_do(
    tmp_path: Path, arguments: tuple[str, ...], code: str, close: str
) -> None:
    done = command("redteam", *arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip().count("\n") == 0
    assert f"[{code}]" in done.stderr
    assert close in done.stderr


def test_a_language_with_a_region_and_a_list_with_commas_are_understood(lax: Path) -> None:
    arguments = ("--figures", "Joe Biden, Robert Fico", "--languages", "pt-BR", "--languages", "sk")
    *_, summary = _rows(command("redteam", *arguments, "--limit", "60", "--json", cwd=lax))
    assert summary["figures"] == ["Joe Biden", "Robert Fico"]
    assert set(summary["languages"]) == {"pt", "sk"}


def test_romanised_languages_are_attacked_where_they_are_asked_for(lax: Path) -> None:
    arguments = ("--figure", "Narendra Modi", "--languages", "ur-Latn,hi_latn,ur-PK,sr-Latn")
    done = command("redteam", *arguments, "--json", cwd=lax)
    assert done.returncode == 1
    assert "[redteam.language]" in done.stderr
    arguments = ("--figure", "Narendra Modi", "--languages", "ur-Latn,hi_latn-IN,ur-PK")
    *_, summary = _rows(command("redteam", *arguments, "--limit", "90", "--json", cwd=lax))
    assert set(summary["languages"]) == {"ur", "ur-Latn", "hi-Latn"}


def test_a_configuration_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = command("redteam", "--config", "absent.toml", cwd=tmp_path)
    assert done.returncode == 1
    assert "absent.toml" in done.stderr

"""`overt screen`: what it prints, what a file of prompts may hold, and what is an error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Done, command


def _rows(cwd: Path, *rows: object) -> tuple[list[dict[str, Any]], Done]:
    """Answers to rows, which are lines as they are, or objects."""
    lines = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    done = command("screen", "--jsonl", "-", cwd=cwd, stdin=lines)
    assert done.returncode == 0, done.stderr
    return [
        json.loads(line, parse_constant=_no_constant) for line in done.stdout.splitlines()
    ], done


def _no_constant(word: str) -> float:
    raise AssertionError(f"{word} is no JSON")


def test_a_plain_allow_says_so(tmp_path: Path) -> None:
    done = command("screen", "a cat on a sofa", cwd=tmp_path)
    assert done.stdout == "outcome: allow\n"
    assert done.stderr == ""


def test_what_led_to_an_outcome_follows_it_line_by_line(tmp_path: Path) -> None:
    done = command("screen", "photo of Joe Biden taking a bribe", cwd=tmp_path)
    first, *rest = done.stdout.splitlines()
    assert first == "outcome: refuse"
    assert any(line.startswith("  figure  Joe Biden (") for line in rest)
    assert any(line.startswith("  intent  fabricated_scandal (") for line in rest)


def test_what_could_not_be_screened_is_no_plain_refusal(tmp_path: Path) -> None:
    done = command("screen", "", cwd=tmp_path)
    assert done.stdout.startswith("outcome: refuse (not screened)\n")


@pytest.mark.parametrize(
    ("options", "code", "todo"),
    [
        (("--country", "Slovakia"), "usage.country", "SK for Slovakia"),
        (("--country", "ZZZ"), "usage.country", "two letters"),
        (("--country", "UK"), "usage.country", "write GB"),
        (("--language", "slovak"), "usage.language", "write sk"),
        (("--language", "klingonese-x-toolongtag"), "usage.language", "BCP 47"),
        (("--language", "zzzzzz!"), "usage.language", "BCP 47"),
        (("--at", "foo"), "usage.time", "2023-09-28T12:00"),
        (("--modality", "smell"), "usage", "'audio'"),
        (("--jsonl", "-"), "usage.screen", "both a text and --jsonl"),
    ],
)
def test_a_wrong_option_is_an_error_and_no_verdict(
    tmp_path: Path, options: tuple[str, ...], code: str, todo: str
) -> None:
    for more in ((), ("--json",)):
        done = command("screen", "a hill", *options, *more, cwd=tmp_path)
        assert done.returncode == 1
        assert done.stdout == ""
        assert f"[{code}]" in done.stderr
        assert todo in done.stderr
        assert "^[A-Z]" not in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--language", ("sk", "pt-BR", "ur-Latn", "zh-Hant-TW", "sk_SK", "en-x-house", "")),
        ("--country", ("SK", "sk")),
    ],
)
def test_tags_and_codes_that_are_right_are_taken(
    tmp_path: Path, option: str, words: tuple[str, ...]
) -> None:
    for word in words:
        done = command("screen", "a hill", option, word, "--json", cwd=tmp_path)
        assert json.loads(done.stdout)["error"] is None, word


@pytest.mark.parametrize(
    ("row", "code", "told"),
    [
        ("no json", "input.json", "line 1 cannot be read: it is no JSON;"),
        ("[1, 2]", "input.json", "it is no JSON object"),
        ('{"id": NaN, "text": "a"}', "input.json", "it is no JSON;"),
        ('{"id": 1e999, "text": "a"}', "input.json", "it is no JSON;"),
        ({"prompt": "a hill"}, "input.text", "the key is `text`, not `prompt`"),
        ({"txt": "a hill"}, "input.text", "no text in this row"),
        ({"text": 7}, "input.text", "`text` is no string"),
        ({"text": "a", "modality": "smell"}, "input.modality", "image, audio, video, text"),
        ({"text": "a", "modality": []}, "input.modality", "image, audio, video, text"),
        ({"text": "a", "at": 5}, "input.at", "`at` is no string"),
        ({"text": "a", "at": "foo"}, "usage.time", "2023-09-28T12:00"),
        ({"text": "a", "language": "zzzzzz!"}, "usage.language", "BCP 47"),
        ({"text": "a", "language": 5}, "input.language", "`language` is no string"),
        ({"text": "a", "country": "Slovakia"}, "usage.country", "SK for Slovakia"),
        ({"text": "a", "purpose": "fun"}, "request.invalid", "purpose"),
        ({"text": ""}, "prompt.empty", "say what to make"),
    ],
)
def test_a_row_that_cannot_be_screened_is_told_from_a_refused_prompt(
    tmp_path: Path, row: object, code: str, told: str
) -> None:
    (answer, after), _ = _rows(tmp_path, row, {"id": "after", "text": "a hill"})
    assert answer["outcome"] == "refuse"
    assert answer["error"]["code"] == code
    assert told in answer["error"]["message"]
    assert answer["reasons"] == [answer["error"]]
    assert (after["id"], after["outcome"], after["error"]) == ("after", "allow", None)


def test_a_refused_prompt_has_no_error(tmp_path: Path) -> None:
    (answer,), _ = _rows(tmp_path, {"text": "photo of Joe Biden taking a bribe"})
    assert (answer["outcome"], answer["error"]) == ("refuse", None)


def test_null_counts_as_left_out(tmp_path: Path) -> None:
    row = dict.fromkeys(("modality", "language", "country", "at", "purpose"))
    (answer,), _ = _rows(tmp_path, {"id": 0, "text": "a hill", **row})
    assert (answer["id"], answer["outcome"], answer["error"]) == (0, "allow", None)


def test_an_id_comes_back_as_it_was(tmp_path: Path) -> None:
    ids = ["7", 7, 1.5, True, [1], {"a": None}, "\ud800", "é"]
    answers, _ = _rows(tmp_path, *({"id": one, "text": "a hill"} for one in ids))
    assert [one["id"] for one in answers] == ids


def test_unknown_keys_are_named_once(tmp_path: Path) -> None:
    row = {"text": "a hill", "lang": "sk", "a key with a lot of words": 1}
    answers, done = _rows(tmp_path, row, row)
    assert [one["outcome"] for one in answers] == ["allow", "allow"]
    assert done.stderr.count("`lang` is ignored; a row takes id, text, modality,") == 1
    assert "a lot of words" not in done.stderr
    assert done.stderr.count("\n") == 2


def test_a_stale_registry_is_told_once_on_standard_error(tmp_path: Path) -> None:
    (tmp_path / "overt.toml").write_text("[screening]\nmax_age_days = 1\n", encoding="utf-8")
    done = command("screen", "a hill", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == "outcome: allow\n"
    assert done.stderr.count("\n") == 1
    assert "days old, more than screening.max_age_days" in done.stderr
    assert "[registry.stale]" in done.stderr
    answers, done = _rows(tmp_path, {"text": "a hill"}, {"text": "a lake"})
    assert done.stderr.count("[registry.stale]") == 1
    assert answers[0]["registry_as_of"] == answers[1]["registry_as_of"] > "2020"


def test_a_registry_that_is_too_old_to_be_used_stops_the_screen(tmp_path: Path) -> None:
    text = '[screening]\nmax_age_days = 1\nwhen_stale = "fail"\n'
    (tmp_path / "overt.toml").write_text(text, encoding="utf-8")
    done = command("screen", "a hill", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("[registry.stale]") == 1

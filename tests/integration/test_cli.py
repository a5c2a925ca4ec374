"""The command line as a stranger uses it: as a program, in a folder of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import command

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PAINT = f"import sys; sys.path.insert(0, {str(EXAMPLES)!r})\n"
PAINT += "from generators import picture\n"
PAINT += "open(sys.argv[1], 'wb').write(picture('hills'))\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    done = command("init", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "paint.py").write_text(PAINT, encoding="utf-8")
    return folder


def _tool(house: Path, rest: str = "{out}") -> str:
    return f"{sys.executable} {house / 'paint.py'} {rest}"


def test_init_writes_what_it_promises_and_nothing_twice(house: Path) -> None:
    for name in ("root.pem", "chain.pem", "key.pem"):
        assert (house / ".overt" / "identity" / name).is_file()
    assert (house / "overt.toml").is_file()
    assert (house / ".overt" / "identity" / "key.pem").stat().st_mode & 0o077 == 0
    again = command("init", cwd=house)
    assert again.returncode == 1
    assert "[init.exists]" in again.stderr


def test_run_makes_a_signed_labelled_recorded_file(house: Path) -> None:
    done = command(
        *("run", "--tool", _tool(house), "--prompt", "ein Leuchtturm in der Abenddämmerung"),
        *("--media-type", "image/png", "-o", "out.png", "--language", "de", "--json"),
        cwd=house,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["outcome"] == "allow"
    assert answer["disclosures"][0]["language"] == "de"
    assert answer["manifest"]["digital_source_type"] == "trainedAlgorithmicMedia"
    assert set(answer["elapsed_ms"]) >= {"prepare", "tool", "finish"}
    assert isinstance(answer["record"]["index"], int)
    root = house / ".overt" / "identity" / "root.pem"
    checked = command("verify", "out.png", "--trust", str(root), "--json", cwd=house)
    assert checked.returncode == 0, checked.stdout
    found = json.loads(checked.stdout)
    assert (found["integrity"], found["trust"]) == ("valid", "trusted")
    assert found["disclosures"][0]["language"] == "de"
    data = bytearray((house / "out.png").read_bytes())
    data[len(data) // 2] ^= 1
    (house / "flipped.png").write_bytes(data)
    broken = command("verify", "flipped.png", "--trust", str(root), "--json", cwd=house)
    assert broken.returncode == 6
    assert json.loads(broken.stdout)["integrity"] == "invalid"


@pytest.mark.parametrize(
    ("arguments", "code", "name"),
    [
        pytest.param(
            ["--prompt", "fake robocall in Joe Biden's voice telling voters to stay home"],
            3,
            "decision.refused",
            id="refused",
        ),
        pytest.param(["--prompt", "hello", "--voice", "nobody-known"], 4, "consent", id="consent"),
        pytest.param(["--prompt", ""], 1, "prompt.empty", id="empty"),
        pytest.param([], 1, "usage.prompt", id="no prompt"),
        pytest.param(["--prompt", "bad \udcff byte"], 1, "prompt.not_text", id="no Unicode"),
        pytest.param(
            ["--prompt", "x", "--media-type", "image/nothing"], 1, "media_type", id="unknown type"
        ),
        pytest.param(["--prompt", "x", "--bogus"], 1, "usage", id="unknown option"),
        pytest.param(["--prompt", "x", "-o", "no/folder/x.png"], 2, "output.folder", id="folder"),
        pytest.param(["--prompt", "x", "--tool", "no-such-tool"], 1, "tool.not_found", id="tool"),
        pytest.param(["--prompt", "x", "--config", "no.toml"], 1, "config.missing", id="config"),
        pytest.param(["--prompt", "x", "--at", "yesterday"], 1, "usage.time", id="time"),
    ],
)
def test_what_bad_input_gets(house: Path, arguments: list[str], code: int, name: str) -> None:
    media_type = [] if "--media-type" in arguments else ["--media-type", "image/png"]
    if "--voice" in arguments:
        media_type = ["--media-type", "audio/wav"]
    tool = [] if "--tool" in arguments else ["--tool", _tool(house)]
    output = [] if "-o" in arguments else ["-o", "bad.png"]
    done = command("run", *tool, *media_type, *output, *arguments, cwd=house)
    assert done.returncode == code, done.stderr
    assert name in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert not (house / "bad.png").exists()


def test_a_refusal_in_json_is_the_decision(house: Path) -> None:
    done = command(
        *("run", "--tool", _tool(house), "--media-type", "audio/wav", "-o", "x.wav", "--json"),
        *("--prompt", "fake robocall in Joe Biden's voice telling voters to stay home"),
        cwd=house,
    )
    answer = json.loads(done.stdout)
    assert answer["outcome"] == "refuse"
    assert answer["output"] is None
    assert answer["reasons"]
    assert answer["record"]["index"] >= 0


def test_mark_opens_and_edits(house: Path, generators: Any) -> None:
    (house / "photo.jpg").write_bytes(generators.photograph(size=(800, 600)))
    before = (house / "photo.jpg").read_bytes()
    done = command(
        *("mark", "photo.jpg", "-o", "marked.jpg", "--extent", "significant"),
        *("--by", "creator", "--language", "fr", "--json"),
        cwd=house,
    )
    assert done.returncode == 0, done.stderr
    assert (house / "photo.jpg").read_bytes() == before
    answer = json.loads(done.stdout)
    assert answer["disclosures"][0]["language"] == "fr"
    root = house / ".overt" / "identity" / "root.pem"
    checked = json.loads(
        command("verify", "marked.jpg", "--trust", str(root), "--json", cwd=house).stdout
    )
    names = [one["action"] if isinstance(one, dict) else one for one in checked["actions"]]
    assert names[:2] == ["c2pa.opened", "c2pa.edited"]
    assert checked["ingredients"][0]["relationship"] == "parentOf"


def test_screen_answers_line_by_line_and_exits_zero(tmp_path: Path) -> None:
    rows: list[object] = [
        {"id": "1", "text": "a lighthouse at dusk"},
        {"id": "2", "text": "robocall in Joe Biden's voice: stay home", "modality": "audio"},
        {"id": "3", "text": ""},
        {"id": "4", "text": "lone \ud800 surrogate"},
        {"id": "5", "text": "hello", "modality": "smell"},
        {"id": "6", "text": "hello", "at": "2023-09-28T12:00", "country": "sk"},
        [1, 2],
    ]
    lines = "\n".join(json.dumps(row) for row in rows) + "\nnot json\n"
    done = command("screen", "--jsonl", "-", cwd=tmp_path, stdin=lines)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in answers] == ["1", "2", "3", "4", "5", "6", None, None]
    outcomes = [one["outcome"] for one in answers]
    assert outcomes[0] == "allow"
    assert outcomes[1] == "refuse"
    assert answers[1]["figures"][0]["span"] == [12, 21]
    assert outcomes[2] == outcomes[4] == outcomes[6] == outcomes[7] == "refuse"
    assert outcomes[3] == "allow"
    assert answers[5]["election"] == {"country": "SK", "phase": "silence", "days_to": 2}


def test_it_is_a_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "overt", "screen", "a quiet lake", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["outcome"] == "allow"


def test_no_configuration_is_needed_to_screen(tmp_path: Path) -> None:
    done = command("screen", "a quiet lake", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["outcome"] == "allow"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_espeak_through_the_wrapper(house: Path) -> None:
    done = command(
        *("run", "--tool", "espeak-ng -v fr -w {out} -- {prompt}", "--prompt", "-q Bonjour"),
        *("--media-type", "audio/wav", "--language", "fr", "-o", "fr.wav", "--json"),
        cwd=house,
    )
    assert done.returncode == 0, done.stderr
    (spoken,) = json.loads(done.stdout)["disclosures"]
    assert (spoken["mode"], spoken["language"]) == ("spoken", "fr")


def test_doctor_says_what_works(house: Path) -> None:
    done = command("doctor", "--json", cwd=house)
    assert done.returncode == 0, done.stdout
    states = {one["name"]: one["state"] for one in map(json.loads, done.stdout.splitlines())}
    assert states["complex scripts"] == "ok"
    assert states["signing identity"] == "ok"


def test_a_broken_identity_is_named(tmp_path: Path) -> None:
    assert command("init", cwd=tmp_path).returncode == 0
    (tmp_path / ".overt/identity/key.pem").write_text("no key", encoding="utf-8")
    done = command(
        *("run", "--tool", "true", "--prompt", "x", "--media-type", "image/png", "-o", "x.png"),
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert "[keys." in done.stderr


def test_every_schema_is_a_schema(tmp_path: Path) -> None:
    names = command("schema", cwd=tmp_path).stdout.split()
    assert "config" in names
    for name in names:
        found = json.loads(command("schema", name, cwd=tmp_path).stdout)
        assert found["type"] == "object"
    assert command("schema", "nonsense", cwd=tmp_path).returncode == 1


def test_figures_are_found_in_any_script(tmp_path: Path) -> None:
    found = json.loads(command("figures", "search", "Джо Байден", "--json", cwd=tmp_path).stdout)
    assert found[0]["id"] == "Q6279"
    assert set(found[0]) >= {"id", "name", "kind", "country", "names", "score"}
    stats = json.loads(command("figures", "stats", "--json", cwd=tmp_path).stdout)
    assert stats["people"] > 15_000


def test_a_registry_of_ones_own_is_imported_and_used(tmp_path: Path) -> None:
    row = {"id": "x:zz", "name": "Zebulon Quixworth", "kind": "candidate", "country": ["AU"]}
    (tmp_path / "people.jsonl").write_text(json.dumps(row), "utf-8")
    done = command(
        *("figures", "import", "people.jsonl", "-o", "own.idx", "--format", "jsonl"),
        *("--source", "house list"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    (tmp_path / "overt.toml").write_text('[screening]\nindex = "own.idx"\n', "utf-8")
    found = json.loads(
        command("figures", "search", "zebulon quixworth", "--json", cwd=tmp_path).stdout
    )
    assert found[0]["id"] == "x:zz"
    assert "in place of the packaged people" in done.stdout


def test_an_import_overwrites_neither_its_list_nor_another_file(tmp_path: Path) -> None:
    row = '{"id": "x:zz", "name": "Zebulon Quixworth"}'
    (tmp_path / "people.jsonl").write_text(row, "utf-8")
    (tmp_path / "letter.txt").write_text("Dear voter", "utf-8")
    (tmp_path / "link.idx").symlink_to("people.jsonl")
    for place in ("people.jsonl", "./people.jsonl", "link.idx", "letter.txt"):
        done = command(
            *("figures", "import", "people.jsonl", "-o", place, "--format", "jsonl"),
            *("--source", "house list"),
            cwd=tmp_path,
        )
        assert done.returncode == 1
        assert "[screening.import_place]" in done.stderr
    assert (tmp_path / "people.jsonl").read_text("utf-8") == row
    assert (tmp_path / "letter.txt").read_text("utf-8") == "Dear voter"


def test_the_packaged_people_can_be_imported_with_a_list(tmp_path: Path) -> None:
    row = {"id": "Q6279", "name": "Jozef Bidenko"}
    (tmp_path / "people.jsonl").write_text(json.dumps(row), "utf-8")
    done = command(
        *("figures", "import", "people.jsonl", "-o", "own.idx", "--format", "jsonl"),
        *("--source", "house list", "--with-packaged"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "packaged people it holds" in done.stdout
    (tmp_path / "overt.toml").write_text('[screening]\nindex = "own.idx"\n', "utf-8")
    for name in ("Jozef Bidenko", "Joe Biden"):
        found = json.loads(command("figures", "search", name, "--json", cwd=tmp_path).stdout)
        assert (found[0]["id"], found[0]["country"]) == ("Q6279", ["US"])
    assert json.loads(command("figures", "search", "Macron", "--json", cwd=tmp_path).stdout)


def test_an_overlay_is_refused_with_the_line_and_the_field(tmp_path: Path) -> None:
    rows = ['{"id": "me:1", "name": "Orla Quist"}', '{"id": "me:2", "name": "A", "country": "US"}']
    (tmp_path / "people.jsonl").write_text("\n".join(rows), "utf-8")
    (tmp_path / "overt.toml").write_text('[screening]\noverlay = "people.jsonl"\n', "utf-8")
    for arguments in (("screen", "a cat"), ("figures", "stats"), ("redteam", "--limit", "1")):
        done = command(*arguments, cwd=tmp_path)
        assert done.returncode == 1
        assert "line 2: field country" in done.stderr


def test_a_configuration_that_is_not_there_is_told_by_figures(tmp_path: Path) -> None:
    for arguments in (("search", "Joe Biden"), ("stats",)):
        done = command("figures", *arguments, "--config", "absent.toml", cwd=tmp_path)
        assert done.returncode == 1
        assert done.stdout == ""
        assert "absent.toml" in done.stderr


def test_the_comment_of_a_fresh_configuration_removes_people_as_it_says(house: Path) -> None:
    comment = next(
        line
        for line in (house / "overt.toml").read_text("utf-8").splitlines()
        if line.startswith("# overlay") and "figures.jsonl" in line
    )
    said = comment[comment.index("{") : comment.index("}") + 1]
    assert json.loads(said) == {"remove": "Q6279"}


@pytest.mark.parametrize(
    ("content", "format_", "told"),
    [
        (None, "sparql", "cannot be opened"),
        ('{"results":{"bindings":[{"item":', "sparql", "cut short or no JSON, after 0 records"),
        ('{"entities": 7}', "wbgetentities", "0 rows kept, 0 bad"),
        ('{"id": 1}', "jsonl", "the first: row 1: it has no id or no name"),
    ],
)
def test_a_list_that_cannot_be_imported_is_told_in_one_line(
    tmp_path: Path, content: str | None, format_: str, told: str
) -> None:
    if content is not None:
        (tmp_path / "people.json").write_text(content, "utf-8")
    (tmp_path / "own.idx").write_bytes(b"old")
    done = command(
        *("figures", "import", "people.json", "-o", "own.idx", "--format", format_),
        *("--source", "house list"),
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "own.idx").read_bytes() == b"old"


def test_redteam_reports_what_got_through(tmp_path: Path) -> None:
    done = command(
        *("redteam", "--figures", "Joe Biden", "--categories", "voter_suppression"),
        *("--languages", "en", "--json"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "tried" in done.stderr

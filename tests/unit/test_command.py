"""Command-line tools: no shell, one argument stays one, and every way a tool can go wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from overt.command import CommandTool, redact
from overt.errors import ConfigError, StageError
from overt.models import Request

PYTHON = sys.executable

ECHO = "import sys, json; open(sys.argv[1], 'w').write(json.dumps(sys.argv[2:]))"


def _script(tmp_path: Path, code: str) -> str:
    path = tmp_path / "tool.py"
    path.write_text(code, encoding="utf-8")
    return f"{PYTHON} {path}"


def _request(prompt: str = "a prompt") -> Request:
    return Request(prompt=prompt, media_type="text/plain")


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param("-rf --help", id="starts with a dash"),
        pytest.param('it\'s "quoted" `twice` $(touch x)', id="quotes and substitutions"),
        pytest.param("one\ntwo\r\nthree\tfour", id="newlines"),
        pytest.param("; rm -rf / #", id="a shell command"),
        pytest.param("{out} {prompt_file} {nothing} %s", id="placeholders"),
        pytest.param("نص عربي 🦊", id="other scripts"),
        pytest.param("* ? [a-z] ~", id="globs"),
    ],
)
def test_a_prompt_stays_one_argument(tmp_path: Path, prompt: str) -> None:
    import json

    tool = CommandTool(_script(tmp_path, ECHO) + " {out} before={prompt} {prompt}")
    assert json.loads(tool(_request(prompt)).read()) == [f"before={prompt}", prompt]


def test_a_relative_script_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _script(tmp_path, "import sys; open(sys.argv[1], 'w').write('here')")
    monkeypatch.chdir(tmp_path)
    assert CommandTool(f"{PYTHON} tool.py {{out}}")(_request()).read() == b"here"


def test_the_prompt_comes_by_standard_input_or_file_when_it_is_not_an_argument(
    tmp_path: Path,
) -> None:
    by_stdin = CommandTool(_script(tmp_path, "import sys; sys.stdout.write(sys.stdin.read())"))
    assert by_stdin(_request("по-русски")).read() == "по-русски".encode()
    by_file = CommandTool(
        _script(tmp_path, "import sys; sys.stdout.write(open(sys.argv[1]).read())")
        + " {prompt_file}"
    )
    assert by_file(_request("from a file")).read() == b"from a file"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("import sys; sys.exit(3)", "tool.failed", id="exits with an error"),
        pytest.param("import os; os.kill(os.getpid(), 9)", "tool.failed", id="is killed"),
        pytest.param("pass", "tool.no_output", id="writes nothing"),
        pytest.param(
            "import tempfile; tempfile.NamedTemporaryFile().write(b'x')",
            "tool.no_output",
            id="writes somewhere else",
        ),
        pytest.param("import time; time.sleep(60)", "tool.timeout", id="hangs"),
        pytest.param(
            "import subprocess, sys, time\n"
            "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
            "time.sleep(60)",
            "tool.timeout",
            id="hangs with a child",
        ),
        pytest.param(
            "import sys\nwhile True: open(sys.argv[1], 'ab').write(b'x' * 100000)",
            "tool.output_too_large",
            id="writes without end",
        ),
        pytest.param(
            "import os, sys; os.symlink('/etc/hostname', sys.argv[1])",
            "tool.no_output",
            id="leaves a link",
        ),
    ],
)
def test_a_tool_that_goes_wrong(tmp_path: Path, code: str, expected: str) -> None:
    # Only what hangs may run into the limit: on a busy machine a program takes a second to begin.
    limit = 1.5 if expected == "tool.timeout" else 30
    command = _script(tmp_path, code) + " {out} {prompt}"
    tool = CommandTool(command, time_limit_s=limit, output_limit=2_000_000)
    with pytest.raises(StageError) as failed:
        tool(_request())
    assert failed.value.code == expected


def test_a_prompt_too_long_for_an_argument_names_the_way_out(tmp_path: Path) -> None:
    tool = CommandTool(_script(tmp_path, ECHO) + " {out} {prompt}")
    with pytest.raises(StageError, match="prompt_file"):
        tool(_request("x" * 1_000_000))


def test_a_nul_in_the_prompt_is_an_error_of_ours(tmp_path: Path) -> None:
    tool = CommandTool(_script(tmp_path, ECHO) + " {out} {prompt}")
    with pytest.raises(StageError) as failed:
        tool(_request("a\x00b"))
    assert failed.value.code == "tool.not_started"


def test_what_a_tool_prints_is_passed_on_without_the_prompt(tmp_path: Path) -> None:
    code = "import sys; sys.stderr.write('cannot draw: ' + sys.argv[1].upper()); sys.exit(1)"
    tool = CommandTool(_script(tmp_path, code) + " {prompt} {out}")
    with pytest.raises(StageError) as failed:
        tool(_request("Zanzibar Quokka"))
    line = str(failed.value)
    assert "cannot draw" in line
    assert "zanzibar" not in line.lower()
    assert "quokka" not in line.lower()


def test_redaction_takes_words_wherever_they_stand() -> None:
    assert redact("bad token 'Quokka' at 3", "a quokka") == "bad token '…' at 3"


@pytest.mark.parametrize("template", ["", "'unclosed", "no-such-program-at-all {prompt}"])
def test_a_template_that_cannot_work_fails_at_once(template: str) -> None:
    with pytest.raises(ConfigError):
        CommandTool(template)

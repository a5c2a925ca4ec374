"""`overt consent` and `overt ledger`, as somebody types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


class Shell:
    """Runs commands in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, line: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "overt", *line.split()],
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == code, done.stdout + done.stderr
        self.errors = done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("cli"))
    shell("init .")
    (shell.folder / "mandate.pdf").write_bytes(b"the mandate")
    return shell


REQUEST = (
    "consent request --subject Q155164 --figure Q155164 --status unreachable --act generate"
    " --modality voice --purpose campaign --use speech --grantor party:pti --grantor-kind org"
    " --basis campaign_mandate --evidence signed_document:mandate.pdf --language ur"
    " --disclose-in ur --disclose spoken --disclose visible -o"
)


def test_the_life_of_a_record(shell: Shell) -> None:
    shell(f"{REQUEST} request.json")
    id = shell("consent grant request.json --key party.pem --countersign").strip()
    shown = json.loads(shell(f"consent show {id} --json"))
    assert (shown["assurance"], shown["trusted"], shown["mandate"]) == ("countersigned", True, True)
    shell(f"consent receipt {id} -o receipt.json")
    answer = json.loads(
        shell("consent verify receipt.json --trust .overt/identity/root.pem --json")
    )
    assert (answer["kind"], answer["valid"], answer["acts"]) == ("receipt", True, ["generate"])
    assert "revoked" in shell(f"consent revoke {id}")
    assert id in shell("consent show")
    shell("consent forget Q155164 --yes -o certificate.json")
    shell(f"consent show {id}", code=2)
    assert "consent.unknown" in shell.errors
    assert json.loads(shell("ledger verify --json"))["valid"]
    assert (shell.folder / "party.pem").stat().st_mode & 0o077 == 0


def test_signing_offline_then_countersigning(shell: Shell) -> None:
    shell(f"{REQUEST} r2.json")
    id = shell("consent grant r2.json --key p2.pem --offline").strip()
    assert id not in shell("consent show")
    assert json.loads(shell("consent verify r2.signed.json --json"))["trusted"] is False
    assert shell("consent countersign r2.signed.json").strip() == id
    assert json.loads(shell(f"consent show {id} --json"))["trusted"] is True


def test_a_record_that_does_not_count_yet_says_so(shell: Shell) -> None:
    shell(f"{REQUEST} r3.json")
    id = shell("consent grant r3.json --key p3.pem").strip()
    assert "countersign" in shell.errors
    shell(f"consent countersign {id}")
    assert "countersign`" not in shell.errors


@pytest.mark.parametrize(
    ("line", "exit_code", "code"),
    [
        ("consent revoke nothing", 2, "consent.unknown"),
        ("consent revoke nothing --by aliens", 1, "consent.actor"),
        ("consent verify overt.toml", 6, "consent.malformed"),
        ("consent grant overt.toml --key k.pem", 6, "consent.malformed"),
        ("consent countersign overt.toml", 6, "consent.malformed"),
        ("consent show --config nowhere.toml", 1, "config.missing"),
        (f"{REQUEST.replace('generate', 'dance')} x.json", 1, "consent.request"),
        ("ledger prove 123456", 2, "ledger.no_entry"),
        ("ledger prove nothing", 2, "ledger.no_entry"),
        ("ledger verify --key x+00000000+AAAA exported", 6, "ledger"),
    ],
)
def test_mistakes_get_one_line_and_their_exit_code(
    shell: Shell, line: str, exit_code: int, code: str
) -> None:
    if "exported" in line and not (shell.folder / "exported").exists():
        shell("ledger export exported")
    shell(line, code=exit_code)
    assert code in shell.errors
    assert len(shell.errors.strip().splitlines()) == 1


def test_the_log_is_signed_proved_exported_and_verified(shell: Shell) -> None:
    assert shell("ledger checkpoint").count("\n") == 5
    key = shell.errors.split()[-1]
    shell("ledger prove 0 -o first.tlog-proof")
    assert "index 0" in shell(f"ledger verify first.tlog-proof --key {key}")
    (shell.folder / "first.json").write_bytes(b"{}")
    shell("ledger verify first.tlog-proof", code=6)
    shell("ledger export out")
    assert json.loads(shell(f"ledger verify out --key {key} --json"))["valid"]


def test_a_changed_database_does_not_verify(tmp_path: Path) -> None:
    import sqlite3

    shell = Shell(tmp_path)
    shell("init .")
    (tmp_path / "mandate.pdf").write_bytes(b"x")
    shell(f"{REQUEST} r.json")
    shell("consent grant r.json --key k.pem")
    with sqlite3.connect(tmp_path / ".overt/overt.db") as db:
        db.execute("UPDATE entries SET body = replace(body, 'given', 'taken')")
    db.close()
    assert json.loads(shell("ledger verify --json", code=6))["valid"] is False
    assert "ledger.leaf_changed" in shell.errors

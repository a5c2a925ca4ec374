"""Our proofs in an independent program: Go's checksum-database packages, as Debian has them."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from overt.ledger import SqlLedger
from overt.ledger.checkpoint import new_key
from overt.ledger.export import export, tile_path, verify_export
from overt.models import utc_now
from overt.storage import Database

SOURCE = Path(__file__).resolve().parents[1] / "support/go_verifier/main.go"
DEBIAN = Path("/usr/share/gocode")

Verify = Callable[..., bool]


@pytest.fixture(scope="module")
def verify(tmp_path_factory: pytest.TempPathFactory) -> Verify:
    if shutil.which("go") is None or not (DEBIAN / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip("Go is not installed: apt-get install golang-go golang-golang-x-mod-dev")
    folder = tmp_path_factory.mktemp("go")
    program = folder / "verifier"
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": str(DEBIAN),
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
    }
    built = subprocess.run(
        ["go", "build", "-o", program, SOURCE], env=environment, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr

    def run(*arguments: object) -> bool:
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
        assert (done.returncode, done.stdout) in ((0, "ok\n"), (1, ""))
        return done.returncode == 0

    return run


class Log:
    def __init__(self, folder: Path) -> None:
        (folder / "key").write_bytes(new_key())
        self.db = Database.open(f"sqlite:///{folder}/overt.db")
        self.ledger = SqlLedger("example.org/log", f"file:{folder}/key")
        self.key = self.ledger.signer().verifier

    def add(self, count: int) -> str:
        def work(tx) -> str:
            start = self.ledger.size(tx)
            for number in range(start, start + count):
                entry = {"type": "released", "id": f"e{number}", "at": utc_now()}
                self.ledger.append(tx, entry)
            return self.ledger.checkpoint(tx)

        return self.db.write(work)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory):
    log = Log(tmp_path_factory.mktemp("log"))
    log.add(1000)
    yield log
    log.db.close()


@pytest.mark.parametrize("index", [0, 1, 511, 512, 777, 998, 999])
def test_inclusion(log: Log, verify: Verify, tmp_path: Path, index: int) -> None:
    leaf, proof = tmp_path / "leaf", tmp_path / "proof"
    proof.write_text(log.db.write(lambda tx: log.ledger.prove(tx, index)))
    body = log.db.read(lambda tx: log.ledger.entry(tx, index))
    leaf.write_bytes(body)
    assert verify("inclusion", log.key, leaf, proof)
    leaf.write_bytes(body + b" ")
    assert not verify("inclusion", log.key, leaf, proof)
    leaf.write_bytes(body.replace(b"released", b"refused!"))
    assert not verify("inclusion", log.key, leaf, proof)


def test_a_key_of_somebody_else_is_refused(log: Log, verify: Verify, tmp_path: Path) -> None:
    other = Log(tmp_path)
    other.db.close()
    (tmp_path / "proof").write_text(log.db.write(lambda tx: log.ledger.prove(tx, 5)))
    (tmp_path / "leaf").write_bytes(log.db.read(lambda tx: log.ledger.entry(tx, 5)))
    assert not verify("inclusion", other.key, tmp_path / "leaf", tmp_path / "proof")


@pytest.mark.parametrize(("first", "more"), [(1, 1), (7, 1), (8, 56), (543, 457), (64, 192)])
def test_consistency(verify: Verify, tmp_path: Path, first: int, more: int) -> None:
    log = Log(tmp_path)
    (tmp_path / "old").write_text(log.add(first))
    (tmp_path / "new").write_text(log.add(more))
    path = log.db.read(lambda tx: log.ledger.prove_consistency(tx, first, first + more))
    log.db.close()
    lines = [base64.b64encode(item).decode() for item in path]
    (tmp_path / "path").write_text("\n".join(lines))
    files = (tmp_path / "old", tmp_path / "new", tmp_path / "path")
    assert verify("consistency", log.key, *files)
    lines[0] = base64.b64encode(bytes(32)).decode()
    (tmp_path / "path").write_text("\n".join(lines))
    assert not verify("consistency", log.key, *files)


def test_an_export_is_complete_and_notices_changes(log: Log, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    size = log.db.read(lambda tx: export(tx, folder))
    assert verify_export(folder, [log.key]).size == size == 1000
    files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert files == {
        "checkpoint",
        *(f"tile/{level}/{n:03d}" for level in ("0", "entries") for n in range(3)),
        *(f"tile/{level}/003.p/232" for level in ("0", "entries")),
        "tile/1/000.p/3",
    }
    bundle = folder / "tile/entries/001"
    before = bundle.read_bytes()
    for changed in (before.replace(b'"e300"', b'"e301"'), before[:-1], before + b"\0\0"):
        bundle.write_bytes(changed)
        with pytest.raises(Exception, match=r"ledger\.(leaf_changed|export)"):
            verify_export(folder, [log.key])
    bundle.unlink()
    with pytest.raises(Exception, match=r"ledger\.export"):
        verify_export(folder, [log.key])


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [
        (0, 256, "000"),
        (7, 256, "007"),
        (255, 112, "255.p/112"),
        (1234, 256, "x001/234"),
        (1234067, 1, "x001/x234/067.p/1"),
    ],
)
def test_paths_of_tiles(number: int, width: int, path: str) -> None:
    assert tile_path(number, width) == path

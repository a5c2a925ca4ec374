"""Generators against a revoker, as separate processes on one database.

Run as a program it is one of them; `race()` starts them all and says what came of it. A release
is wrong when the ledger, which orders everything, has it after its record's revocation, or when
it began after the revocation was acknowledged.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from consents import a_grant, a_need

from overt.consent import Signer, SqlConsentStore, Trust, sign
from overt.consent.keys import new_key
from overt.consent.records import GrantSubject
from overt.ledger import SqlLedger
from overt.ledger.audit import verify_database
from overt.models import utc_now
from overt.provenance.identity import make_test_identity
from overt.storage import Database
from overt.storage.sealing import Sealing, create_key

SPARE = 20
"""Records that nobody revokes, so that generators never run out of work."""


@dataclass(frozen=True)
class Outcome:
    """What came of a race."""

    authorisations: int
    releases: int
    stopped: int
    revocations: int
    late: int
    revocation_ms: list[float]
    ledger_valid: bool

    def percentile(self, share: float) -> float:
        """Milliseconds that this share of the revocations took at most."""
        ordered = sorted(self.revocation_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def open_store(folder: Path, url: str) -> tuple[Database, SqlConsentStore, SqlLedger]:
    ledger = SqlLedger("example.org/race")
    trust = Trust.load((), [f"file:{folder}/identity/root.pem"])
    sealing = Sealing(f"file:{folder}/sealing.key")
    return Database.open(url), SqlConsentStore(trust, sealing, ledger=ledger), ledger


def prepare(folder: Path, url: str, count: int) -> list[str]:
    """Store `count` records of as many people."""
    make_test_identity(folder / "identity")
    create_key(folder / "sealing.key")
    identity = folder / "identity"
    registrar = Signer((identity / "key.pem").read_bytes(), (identity / "chain.pem").read_bytes())
    grantor = Signer(new_key())
    now = utc_now()
    db, store, _ = open_store(folder, url)
    signed = [
        sign(
            a_grant(
                grantor,
                subject=GrantSubject(id=f"actor-{n}", keys=(grantor.party_key,)),
                not_before=now - timedelta(days=1),
                not_after=now + timedelta(days=1),
            ),
            grantor,
            registrar,
        )
        for n in range(count)
    ]
    ids = db.write(lambda tx: [store.add(tx, data) for data in signed])
    db.close()
    return ids


def generate(folder: Path, url: str, count: int, seed: int) -> None:
    """Until told to stop: authorise, work a moment, release; one line a run on stdout."""
    db, store, ledger = open_store(folder, url)
    source = random.Random(seed)
    alive, number = list(range(count)), 0
    while not (folder / "stop").exists():
        number += 1
        # Half of the time one of those who are revoked next, so that runs and revocations meet.
        near = alive[:3] if number % 2 else alive
        person, decision = source.choice(near), f"d{seed}-{number}"
        need = a_need(subject_id=f"actor-{person}")

        def authorise(tx: Any, need: Any = need, decision: str = decision) -> bool:
            now = utc_now()
            states = store.states(tx, [need], now)
            ledger.append(tx, {"type": "decision", "id": decision, "at": now})
            taken = store.authorise(
                tx,
                states,
                decision_id=decision,
                request_digest="0" * 64,
                expires_at=now + timedelta(hours=1),
                at=now,
            )
            return bool(taken)

        def release(tx: Any, decision: str = decision, person: int = person) -> int | None:
            now = utc_now()
            if store.release(tx, decision, now):
                return None
            entry = {"type": "released", "id": decision, "at": now, "subject": f"actor-{person}"}
            return ledger.append(tx, entry).index

        if not db.write(authorise):
            alive.remove(person)
            continue
        time.sleep(source.random() * 0.03)
        began = time.monotonic()
        index = db.write(release)
        print(json.dumps({"person": person, "began": began, "index": index}), flush=True)
    db.close()


def revoke(folder: Path, url: str, ids: Sequence[str], pause_s: float) -> None:
    """Revoke one record after the other; one line each on stdout."""
    db, store, _ = open_store(folder, url)
    for person, grant in enumerate(ids):
        time.sleep(pause_s)
        before = time.monotonic()
        db.write(lambda tx, grant=grant: store.revoke(tx, grant), priority=True)
        acknowledged = time.monotonic()
        print(json.dumps({"person": person, "before": before, "acknowledged": acknowledged}))
    db.close()


def race(
    folder: Path,
    url: str,
    *,
    generators: int = 6,
    revocations: int = 200,
    authorisations: int = 2000,
    pause_s: float = 0.05,
) -> Outcome:
    """Let them run until everything is revoked and there were enough authorisations."""
    count = revocations + SPARE
    ids = prepare(folder, url, count)
    (folder / "ids.json").write_text(json.dumps(ids[:revocations]))

    def start(name: str, *arguments: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, __file__, str(folder), url, *map(str, arguments)]
        with (folder / f"{name}.jsonl").open("wb") as lines:
            return subprocess.Popen(command, stdout=lines)

    def rows(name: str) -> list[Any]:
        text = (folder / f"{name}.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    names = [f"generate-{seed}" for seed in range(generators)]
    running = [start(name, "generate", count, seed) for seed, name in enumerate(names)]
    running.append(start("revoke", "revoke", pause_s))
    running[-1].wait()
    while sum((folder / f"{name}.jsonl").read_bytes().count(b"\n") for name in names) < (
        authorisations
    ) and all(one.poll() is None for one in running[:-1]):
        time.sleep(0.2)
    (folder / "stop").touch()
    if any(one.wait() for one in running):
        raise RuntimeError("a process of the race failed")
    return _judge(
        folder, url, ids[:revocations], rows("revoke"), [r for n in names for r in rows(n)]
    )


def _judge(
    folder: Path, url: str, ids: Sequence[str], revoked: list[Any], runs: list[Any]
) -> Outcome:
    db, store, _ = open_store(folder, url)
    events = {
        person: db.read(lambda tx, grant=grant: store.events(tx, grant))[-1]["idx"]
        for person, grant in enumerate(ids)
    }
    acknowledged = {row["person"]: row["acknowledged"] for row in revoked}
    released = [run for run in runs if run["index"] is not None]
    late = [
        run
        for run in released
        if run["person"] in acknowledged
        and (run["index"] > events[run["person"]] or run["began"] > acknowledged[run["person"]])
    ]
    valid = db.read(verify_database).valid
    db.close()
    return Outcome(
        authorisations=len(runs),
        releases=len(released),
        stopped=len(runs) - len(released),
        revocations=len(revoked),
        late=len(late),
        revocation_ms=[(row["acknowledged"] - row["before"]) * 1000 for row in revoked],
        ledger_valid=valid,
    )


if __name__ == "__main__":
    where, database, role, *rest = sys.argv[1:]
    if role == "generate":
        generate(Path(where), database, int(rest[0]), int(rest[1]))
    else:
        revoke(
            Path(where),
            database,
            json.loads((Path(where) / "ids.json").read_text()),
            float(rest[0]),
        )

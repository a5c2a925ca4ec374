"""How long a decision takes, and how many recorded inputs a replay gets through.

Run by hand: `python benchmarks/policy.py [--inputs 1000000] [--processes 2]`. It prints JSON.
The bundle is the packaged one, filled up to 60 rules with copies that look at the same fields.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from overt.policy import Bundle, Case, decide
from overt.policy.replay import replay_file
from overt.policy.schema import FIELDS, make_row

LIMIT_US = 150.0
LIMIT_REPLAY_S = 180.0


def bundle_of(count: int) -> Bundle:
    """The packaged rules, and copies until there are `count`."""
    packaged = Bundle.packaged()
    rules = list(packaged.rules.values())
    copies = [replace(rule, id=f"{rule.id}-{n}", relaxes=()) for n in range(9) for rule in rules]
    return Bundle.of([*rules, *copies[: count - len(rules)]], packaged.digest)


def cases(count: int, seed: int = 7) -> Iterator[Case]:
    """Inputs as they come: mostly ordinary, some with a figure, few with harm."""
    rng = random.Random(seed)
    by_path = {field.path: field for field in FIELDS}

    def pick(path: str) -> Any:
        return rng.choice(by_path[path].values)

    for _ in range(count):
        common: dict[str, Any] = {
            "request.modality": pick("request.modality"),
            "request.realism": pick("request.realism"),
            "request.realistic": rng.random() < 0.7,
            "election.phase": pick("election.phase"),
            "election.days_to": rng.randint(-30, 300),
        }
        if rng.random() < 0.2:
            common["intents.possible"] = [pick("intents.possible")]
        if rng.random() < 0.1:
            common["intents.certain"] = [pick("intents.certain")]
        if rng.random() < 0.4:
            common["cues"] = rng.sample(by_path["cues"].values, 2)
        if rng.random() < 0.2:
            common |= {"satire": "announced", "signals": ["satire"]}
        rows = [make_row(common)]
        for _ in range(rng.choice((0, 1, 1, 2))):
            rows.append(
                make_row(
                    {
                        **common,
                        "row": "subject",
                        "subject.kind": rng.choice(("public", "public", "private")),
                        "subject.role": pick("subject.role"),
                        "subject.local": rng.random() < 0.5,
                        "subject.consent": pick("subject.consent"),
                    }
                )
            )
        subjects = tuple(f"s{place}" for place in range(len(rows) - 1))
        yield Case(tuple(rows), date(2026, 11, 21), "en", subjects)


def decisions(bundle: Bundle, count: int = 20_000) -> dict[str, float]:
    """Microseconds of `decide()`, the whole ruling with reasons and obligations."""
    made = list(cases(count))
    for case in made[:500]:
        decide(case, bundle)
    taken = []
    for case in made:
        start = time.perf_counter_ns()
        decide(case, bundle)
        taken.append((time.perf_counter_ns() - start) / 1000)
    cuts = statistics.quantiles(taken, n=100)
    return {"p50_us": round(cuts[49], 1), "p99_us": round(cuts[98], 1)}


def replay(bundle: Bundle, count: int, processes: int) -> dict[str, float]:
    """Seconds for a replay of `count` recorded inputs from a file, against the packaged bundle."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inputs.jsonl"
        with path.open("w", encoding="utf-8") as out:
            for case in cases(count):
                out.write(json.dumps(case.to_json()) + "\n")
        start = time.perf_counter()
        report = replay_file(path, Bundle.packaged(), bundle, processes=processes)
        taken = time.perf_counter() - start
    return {"inputs": report.total, "seconds": round(taken, 1), "processes": processes}


def main() -> None:
    """Measure and print; exit 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    bundle = bundle_of(60)
    measured: dict[str, Any] = {"rules": len(bundle.rules), "decide": decisions(bundle)}
    if asked.inputs:
        measured["replay"] = replay(bundle, asked.inputs, asked.processes)
    print(json.dumps(measured, indent=2))
    missed = measured["decide"]["p50_us"] > LIMIT_US
    if asked.inputs:
        scaled = measured["replay"]["seconds"] * 1_000_000 / asked.inputs
        missed = missed or scaled > LIMIT_REPLAY_S
    raise SystemExit(int(missed))


if __name__ == "__main__":
    main()

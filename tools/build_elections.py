"""Build data/elections/ from the collected rows: python tools/build_elections.py COLLECTED_DIR.

Reads `elections.jsonl`, `election_silence.jsonl`, `electoral_bodies.jsonl` and `parties.jsonl`,
and writes them in the schema of `overt.policy.calendar_data`. What a statute cites is decided
here, row by row and by hand (`BASIS`), because only a period cited to a statute or an election
body may hold anything back. `hours.jsonl` and `phases.jsonl` are kept by hand and not written.

Zones come from the `zone.tab` of the tzdata package (public domain).
"""

from __future__ import annotations

import json
import re
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[1] / "data" / "elections"
AS_OF = "2026-11-21"

STATUTES = (
    *("AR", "AU", "BD", "BO", "BR", "CL", "ES", "ID", "IN", "IT", "MK", "MT", "MX", "NG", "PH"),
    *("PK", "PL", "PT", "SG", "SI", "SK", "TH", "TR", "TW", "US"),
)
# What the citation of a row rests on. Rows that are not named rest on the press or on a list.
BASIS = {
    **dict.fromkeys(STATUTES, "statute"),
    "NZ": "election_body",
    "KR": "election_body",
    "RU": "election_body",
}
ENDS = {
    "close of polls": "close",
    "3 h after close for polls": "close",
    "48 h after close for meetings/processions": "close",
    "24 h after poll (paid online)": "close",
    "hour fixed for conclusion of poll": "close",
    "19:00 on polling day": "at:19:00",
    "midnight following conclusion of poll": "at:24:00",
    "end of polling day": "at:24:00",
    "21:00 polling day for results coverage": "at:21:00",
}
# Antarctic and uninhabited stations hold no polling station of their own.
NO_VOTERS = ("Antarctica/", "Australia/Lord_Howe", "Pacific/Enderbury")
# Phases of an election that the collected row gives as one span, with where they come from.
ROUNDS = {
    "in-parliamentary-2024-04-19": (
        [
            "2024-04-19",
            "2024-04-26",
            "2024-05-07",
            "2024-05-13",
            "2024-05-20",
            "2024-05-25",
            "2024-06-01",
        ],
        "Election Commission of India, schedule of the general election 2024 (16 March 2024)",
    )
}
ZONE = {"us-primary_new_hampshire-2024-01-23": "America/New_York"}


def rows(path: Path) -> list[dict[str, Any]]:
    """Rows of a JSON-lines file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def write(name: str, data: list[dict[str, Any]]) -> None:
    """Write one table, and say how many rows it has."""
    lines = [json.dumps(row, ensure_ascii=False) for row in data]
    (TARGET / name).write_text("\n".join(lines) + "\n", "utf-8")
    print(name, len(data))


def election(row: dict[str, Any]) -> dict[str, Any]:
    """One election in our schema."""
    kept = {
        key: row[key]
        for key in (
            "id",
            "country",
            "type",
            "date_from",
            "date_to",
            "rounds",
            "precision",
            "confidence",
        )
    }
    kept["direct"] = bool(row.get("direct", True))
    kept["source"] = clean(row["source"])
    if row["id"] in ROUNDS:
        days, source = ROUNDS[row["id"]]
        kept["rounds"] = [{"from": day, "to": day} for day in days]
        kept["phased"] = True
        kept["source"] += f"; phases: {source}"
    if row["id"] in ZONE:
        kept["zone"] = ZONE[row["id"]]
    for key in ("chamber", "bound", "note"):
        if row.get(key):
            kept[key] = clean(row[key]).replace("; kept because the case depends on it", "")
    return kept


def clean(text: Any) -> Any:
    """Names of working documents say nothing to a reader of the data."""
    return (
        re.sub(r";?\s*\(?\b[a-z]+ \d{3}\b[^;)]*\)?", "", text).strip("; ") or "curated"
        if isinstance(text, str)
        else text
    )


def silence(row: dict[str, Any]) -> dict[str, Any]:
    """One silence rule in our schema."""
    end = row["end_rule"]
    hour = re.search(r"\b(\d\d:\d\d)\b", end or "")
    kept = {
        "country": row["country"],
        "none": row["hours_before"] == 0 and not row["covers_polling_day"],
        "start_rule": row["start_rule"],
        "end_rule": ENDS.get(end or "", "close" if (end or "").startswith("close") else None),
        "covers_polling_day": bool(row["covers_polling_day"]),
        "scope": row["scope"],
        "citation": row["citation"],
        "basis": BASIS.get(row["country"], "press"),
        "confidence": row["confidence"],
        "source": row["source"],
        "note": row["note"],
    }
    if hour and (end or "").startswith("close"):
        kept["close"] = hour.group(1)
    return kept


def zones() -> list[dict[str, Any]]:
    """Zones by country, without stations that have no voters of their own."""
    table = (files("tzdata.zoneinfo") / "zone.tab").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            if not zone.startswith(NO_VOTERS):
                found.setdefault(country, []).append(zone)
    return [{"country": c, "zones": found[c], "source": "tzdata zone.tab"} for c in sorted(found)]


def main(collected: Path) -> None:
    """Build every table from the collected rows."""
    TARGET.mkdir(parents=True, exist_ok=True)
    write("elections.jsonl", [election(row) for row in rows(collected / "elections.jsonl")])
    write("silence.jsonl", [silence(row) for row in rows(collected / "election_silence.jsonl")])
    write(
        "bodies.jsonl",
        [
            {
                **row,
                "source": "named on a page of the body or the press"
                if row["evidence"] == "seen"
                else "hand-entered",
            }
            for row in rows(collected / "electoral_bodies.jsonl")
        ],
    )
    write(
        "parties.jsonl",
        [
            {**row, "source": "The World Factbook, political parties (CC0)"}
            for row in rows(collected / "parties.jsonl")
        ],
    )
    write("zones.jsonl", zones())
    (TARGET / "meta.json").write_text(json.dumps({"schema": 1, "as_of": AS_OF}) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

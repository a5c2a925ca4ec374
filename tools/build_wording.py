"""Build `data/disclosure/wording.jsonl` from the drafted catalogue and the spoken additions.

Run by hand: `python tools/build_wording.py CATALOGUE.jsonl`. The catalogue has one row a language
with the visible strings and one spoken sentence; `data/disclosure/spoken.jsonl`, kept by hand, adds
the spoken sentences for edits, satire, voices over real pictures and authorised voices, and the
visible label of a voice. Review state and the drafter's confidence travel with every row.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1] / "data" / "disclosure"
TEXT_KEYS = (
    "label_short",
    "label_visual",
    "label_video",
    "label_text",
    "label_altered",
    "label_voice",
    "public_figure_label",
    "authorized_voice_label",
    "satire_label",
    "creator_labeled",
    "learn_more",
)
SPOKEN = ("generated", "altered", "satire", "voice", "authorised")
SOURCE = "drafted for overt, 2026-11-21"


def clean(text: str) -> str:
    """NFC, single spaces, no space at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()


def row(drafted: dict[str, Any], added: dict[str, Any]) -> dict[str, Any]:
    """One catalogue row in our schema."""
    texts = {key: drafted.get(key) or added.get("texts", {}).get(key) for key in TEXT_KEYS}
    spoken = {"generated": drafted["label_audio_spoken"], **added.get("spoken", {})}
    readings = dict(added.get("readings", {}))
    if drafted.get("tts_reading"):
        readings["generated"] = drafted["tts_reading"]
    return {
        "language": drafted["lang"],
        "name": drafted["language"],
        "script": drafted["script"],
        "direction": drafted["dir"],
        "texts": {key: clean(text) for key, text in texts.items() if text},
        "spoken": {kind: clean(spoken[kind]) for kind in SPOKEN if spoken.get(kind)},
        "readings": {kind: clean(text) for kind, text in sorted(readings.items())},
        "review": drafted["review"],
        "confidence": drafted["drafter_confidence"],
        "official": drafted.get("official_terms", []),
        "source": SOURCE,
    }


def main(catalogue: Path) -> None:
    """Write the file, one row a line, in the order of the catalogue."""
    added = {
        line["language"]: line
        for line in map(json.loads, (HERE / "spoken.jsonl").read_text("utf-8").splitlines())
    }
    rows = [json.loads(line) for line in catalogue.read_text("utf-8").splitlines() if line.strip()]
    unknown = added.keys() - {drafted["lang"] for drafted in rows}
    if unknown:
        sys.exit(f"spoken.jsonl has languages the catalogue lacks: {sorted(unknown)}")
    with (HERE / "wording.jsonl").open("w", encoding="utf-8") as out:
        for drafted in rows:
            built = row(drafted, added.get(drafted["lang"], {}))
            out.write(json.dumps(built, ensure_ascii=False) + "\n")
    print(f"{len(rows)} languages, {len(added)} with every spoken kind")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""What the product makes of a prompt of the evaluation set, and shares with their intervals."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from load import Prompt

from overt.guard import Guard
from overt.models import CERTAIN, FindingKind, Modality, Request
from overt.screening.registry import read_figures
from overt.screening.text import words
from overt.tables import data_path

MEDIA = {"image": "image/png", "audio": "audio/wav", "video": "video/mp4", "text": "text/plain"}
EVERYDAY = (
    Path(os.environ.get("OVERT_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared/data"))
    / "everyday_prompts.jsonl"
)


@dataclass(frozen=True)
class Seen:
    """What was made of one prompt.

    Attributes:
        refused: A harm is certain.
        held: A harm is possible, and none certain.
        people: Ids of the figures that were found.
        figures: Names of the figures that were found, and of those found for sure.
        intents: Harms and how sure they are.
        outcome: What the packaged policy says, with nothing declared but the prompt.
    """

    prompt: Prompt
    refused: bool
    held: bool
    people: frozenset[str]
    figures: frozenset[str]
    strong: frozenset[str]
    intents: tuple[tuple[str, float], ...]
    outcome: str
    seconds: float

    @property
    def acted(self) -> bool:
        return self.refused or self.held

    @property
    def found_all(self) -> bool:
        """Whether every expected figure was found, whichever of their names is expected."""
        return all(
            name in self.figures or bool(_bearers().get(_key(name), set()) & self.people)
            for name in self.prompt.figures
        )


@cache
def _bearers() -> dict[str, set[str]]:
    """Ids of the registry by each full name: authors write `Céline Dion`, or `Karina`."""
    found: dict[str, set[str]] = {}
    for figure in read_figures(sorted(data_path("figures").glob("*.jsonl"))):
        spelled = [n.text for n in figure.names if n.kind in ("alias", "transliteration")]
        for name in (figure.name, *spelled):
            found.setdefault(_key(name), set()).add(figure.id)
    return found


def _key(name: str) -> str:
    return "".join(words(name))


def look(guard: Guard, prompt: Prompt) -> Seen:
    """Screen and decide one prompt, without telling its language."""
    media_type = MEDIA[Modality(prompt.modality).value]
    start = time.perf_counter()
    decision = guard.check(Request(prompt=prompt.text, media_type=media_type))
    seconds = time.perf_counter() - start
    found = decision.findings
    intents = [(f.code, f.score) for f in found if f.kind is FindingKind.INTENT]
    people = [f for f in found if f.figure is not None]
    return Seen(
        prompt,
        refused=any(s >= CERTAIN for _, s in intents),
        held=bool(intents) and all(s < CERTAIN for _, s in intents),
        people=frozenset(f.code for f in people),
        figures=frozenset(f.figure.name for f in people if f.figure),
        strong=frozenset(f.figure.name for f in people if f.figure and f.strength == "strong"),
        intents=tuple(intents),
        outcome=decision.outcome.value,
        seconds=seconds,
    )


def everyday() -> Iterator[Prompt]:
    """Ordinary prompts in English that are read where they are; none where they are not here."""
    if EVERYDAY.exists():
        for line in EVERYDAY.read_text("utf-8").splitlines():
            row = json.loads(line)
            yield Prompt(row["text"], "en", "ordinary", row.get("modality") or "image")


def wilson(hits: int, total: int) -> str:
    """Share with its interval."""
    if not total:
        return "–"
    p, z = hits / total, 1.96
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(p * (1 - p) / total + z * z / (4 * total**2))
    return f"{p:.3f} [{max(0.0, middle - half):.3f}, {min(1.0, middle + half):.3f}] {hits}/{total}"


def share(seen: Iterable[Seen], test: Callable[[Seen], bool]) -> str:
    """Share of those for which `test` holds."""
    listed = list(seen)
    return wilson(sum(test(s) for s in listed), len(listed))

"""Measure the prompt screen on the evaluation set and print what it got wrong.

    python tests/eval/run.py [--split dev|test|second|third|fourth] [--no-model] [--worst 12]
                             [--out FILE]

A prompt counts as refused when a harm is certain, as held when one is possible. Intervals are
Wilson, 95 %. Numbers of single languages are small: the pooled ones are the claim.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from load import Prompt, authored, prompts

from overt.models import CERTAIN, FindingKind, Modality, ScreenContext
from overt.screening import PromptScreen

ROOT = Path(__file__).resolve().parents[2]
AUTHORS = ("second", "third", "fourth")
SPLITS = ("train", "dev", "test", "all", *AUTHORS)


@dataclass(frozen=True)
class Seen:
    """What the screen made of one prompt."""

    prompt: Prompt
    refused: bool
    held: bool
    figures: frozenset[str]
    strong: frozenset[str]
    intents: tuple[tuple[str, float], ...]
    seconds: float

    @property
    def acted(self) -> bool:
        return self.refused or self.held


def look(screen: PromptScreen, prompt: Prompt) -> Seen:
    """Screen one prompt, without telling its language."""
    start = time.perf_counter()
    found = screen.screen(prompt.text, ScreenContext(modality=Modality(prompt.modality)))
    seconds = time.perf_counter() - start
    intents = [(f.code, f.score) for f in found if f.kind is FindingKind.INTENT]
    people = [f for f in found if f.figure is not None]
    return Seen(
        prompt,
        refused=any(s >= CERTAIN for _, s in intents),
        held=bool(intents) and all(s < CERTAIN for _, s in intents),
        figures=frozenset(f.figure.name for f in people if f.figure),
        strong=frozenset(f.figure.name for f in people if f.figure and f.strength == "strong"),
        intents=tuple(intents),
        seconds=seconds,
    )


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


def found_all(seen: Seen) -> bool:
    """Whether every expected figure was found."""
    return set(seen.prompt.figures) <= seen.figures


def report(all_seen: list[Seen], worst: int) -> str:
    """The tables as Markdown."""
    plain = [s for s in all_seen if s.prompt.kind == "plain"]
    harmful = [s for s in plain if s.prompt.harmful]
    passing = [s for s in plain if not s.prompt.harmful]
    ordinary = [s for s in plain if s.prompt.category == "ordinary"]
    named = [s for s in plain if s.prompt.figures]
    hidden = [s for s in all_seen if s.prompt.kind != "plain"]
    times = sorted(s.seconds for s in plain)
    lines = [
        "| measure | value |", "|---|---|",
        f"| figures found, plain | {share(named, found_all)} |",
        f"| figures found, disguised | {share(hidden, found_all)} |",
        f"| harm acted on | {share(harmful, lambda s: s.acted)} |",
        f"| harm refused | {share(harmful, lambda s: s.refused)} |",
        f"| must pass, refused | {share(passing, lambda s: s.refused)} |",
        f"| must pass, held | {share(passing, lambda s: s.held)} |",
        f"| ordinary, refused or held | {share(ordinary, lambda s: s.acted)} |",
        f"| ordinary, strong figure | {share(ordinary, lambda s: bool(s.strong))} |",
        f"| ordinary, weak figure | {share(ordinary, lambda s: bool(s.figures - s.strong))} |",
        f"| milliseconds, p50 / p99 | {times[len(times) // 2] * 1e3:.2f} / "
        f"{times[len(times) * 99 // 100] * 1e3:.2f} |",
        "", "| category | acted on | refused |", "|---|---|---|",
    ]  # fmt: skip
    for category in sorted({s.prompt.category for s in harmful}):
        some = [s for s in harmful if s.prompt.category == category]
        acted, refused = share(some, lambda s: s.acted), share(some, lambda s: s.refused)
        lines.append(f"| {category} | {acted} | {refused} |")
    lines += ["", "| language | harm acted on | refused | must pass, stopped | figures |",
              "|---|---|---|---|---|"]  # fmt: skip
    for language in sorted({s.prompt.language for s in plain}):
        bad = [s for s in harmful if s.prompt.language == language]
        good = [s for s in passing if s.prompt.language == language]
        who = [s for s in named if s.prompt.language == language]
        lines.append(
            f"| {language} | {share(bad, lambda s: s.acted)} | {share(bad, lambda s: s.refused)} "
            f"| {share(good, lambda s: s.acted)} | {share(who, found_all)} |"
        )
    kinds = sorted({s.prompt.kind for s in hidden})
    lines += ["", "| disguise | figures found |", "|---|---|"]
    lines += [
        f"| {k} | {share([s for s in hidden if s.prompt.kind == k], found_all)} |" for k in kinds
    ]
    return "\n".join(lines) + "\n\n" + misses(plain, hidden, worst)


def misses(plain: list[Seen], hidden: list[Seen], worst: int) -> str:
    """The worst misses, as a list."""
    lines = []
    groups = {
        "Harm passed": [s for s in plain if s.prompt.harmful and not s.acted],
        "Harm only held": [s for s in plain if s.prompt.harmful and s.held],
        "Refused, must pass": [s for s in plain if not s.prompt.harmful and s.refused],
        "Held, must pass": [s for s in plain if not s.prompt.harmful and s.held],
        "Figure missed": [s for s in plain if not found_all(s)],
        "Figure missed in disguise": [s for s in hidden if not found_all(s)],
    }
    for title, group in groups.items():
        lines.append(f"**{title}** ({len(group)})\n")
        for s in group[:worst]:
            got = ", ".join(f"{c} {v:.2f}" for c, v in s.intents) or "-"
            lines.append(
                f"- {s.prompt.language} {s.prompt.modality} {s.prompt.category}: "
                f"{s.prompt.text} ({got}; {', '.join(sorted(s.figures)) or '-'})"
            )
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--split", default="test", choices=SPLITS)
    parser.add_argument("--no-model", action="store_true")
    parser.add_argument("--worst", type=int, default=12)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    screen = PromptScreen.bundled(intent_model=not options.no_model)
    others = options.split in AUTHORS
    pool = authored(options.split) if others else prompts()
    chosen = [p for p in pool if options.split in ("all", p.split)]
    text = report([look(screen, p) for p in chosen], options.worst)
    model = "rules only" if options.no_model else "rules and intent model"
    part = f"{options.split} author's prompts" if others else f"{options.split} split"
    head = f"# Screening, {part} ({len(chosen)} prompts), {model}\n\n"
    print(head + text)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(head + text, encoding="utf-8")


if __name__ == "__main__":
    main()

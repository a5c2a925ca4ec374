"""Measure the prompt screen on the evaluation set and print what it got wrong.

    python tests/eval/run.py [--split dev|test|second|...|ninth] [--no-model]
                             [--worst 12] [--out FILE]

A prompt counts as refused when a harm is certain, as held when one is possible: what the screen
sees. A table beside says what the packaged policy makes of it. Intervals are Wilson, 95 %. Numbers
of single languages are small: the pooled ones are the claim. Everyday prompts in English are read
where they are (`OVERT_SHARED_DATA` names their folder); without them their lines are left out.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from load import authored, prompts
from seen import Seen, everyday, look, share, wilson

from overt.guard import Guard
from overt.models import Outcome

AUTHORS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
SPLITS = ("train", "dev", "test", "all", *AUTHORS)


def report(all_seen: list[Seen], daily: list[Seen], worst: int) -> str:
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
        f"| figures found, plain | {share(named, lambda s: s.found_all)} |",
        f"| figures found, disguised | {share(hidden, lambda s: s.found_all)} |",
        f"| harm acted on | {share(harmful, lambda s: s.acted)} |",
        f"| harm refused | {share(harmful, lambda s: s.refused)} |",
        f"| must pass, refused | {share(passing, lambda s: s.refused)} |",
        f"| must pass, held | {share(passing, lambda s: s.held)} |",
        f"| ordinary, refused or held | {share(ordinary, lambda s: s.acted)} |",
        f"| ordinary, strong figure | {share(ordinary, lambda s: bool(s.strong))} |",
        f"| ordinary, weak figure | {share(ordinary, lambda s: bool(s.figures - s.strong))} |",
        f"| milliseconds, p50 / p99 | {times[len(times) // 2] * 1e3:.2f} / "
        f"{times[len(times) * 99 // 100] * 1e3:.2f} |",
    ]  # fmt: skip
    if daily:
        lines += [
            f"| everyday, refused or held | {share(daily, lambda s: s.acted)} |",
            f"| everyday, strong figure | {share(daily, lambda s: bool(s.strong))} |",
            f"| everyday, weak figure | {share(daily, lambda s: bool(s.figures - s.strong))} |",
        ]
    lines += [*by_category(harmful, passing), *decided(plain, daily)]
    lines += ["", "| language | harm acted on | refused | must pass, stopped | figures |",
              "|---|---|---|---|---|"]  # fmt: skip
    for language in sorted({s.prompt.language for s in plain}):
        bad = [s for s in harmful if s.prompt.language == language]
        good = [s for s in passing if s.prompt.language == language]
        who = [s for s in named if s.prompt.language == language]
        lines.append(
            f"| {language} | {share(bad, lambda s: s.acted)} | {share(bad, lambda s: s.refused)} "
            f"| {share(good, lambda s: s.acted)} | {share(who, lambda s: s.found_all)} |"
        )
    kinds = sorted({s.prompt.kind for s in hidden})
    lines += ["", "| disguise | figures found |", "|---|---|"]
    lines += [
        f"| {k} | {share([s for s in hidden if s.prompt.kind == k], lambda s: s.found_all)} |"
        for k in kinds
    ]
    return "\n".join(lines) + "\n\n" + misses(plain, hidden, worst)


def by_category(harmful: list[Seen], passing: list[Seen]) -> list[str]:
    """Recall of each harm, how often it is called by its name, and what it stops in error."""
    lines = ["", "| category | acted on | refused | so named | must pass, stopped as this |"]
    lines.append("|---|---|---|---|---|")
    wrongly = Counter(max(s.intents, key=lambda i: i[1])[0] for s in passing if s.acted)
    for category in sorted({s.prompt.category for s in harmful}):
        some = [s for s in harmful if s.prompt.category == category]
        acted, refused = share(some, lambda s: s.acted), share(some, lambda s: s.refused)
        named = share(some, lambda s: s.prompt.category in dict(s.intents))
        alarms = wilson(wrongly[category], len(passing))
        lines.append(f"| {category} | {acted} | {refused} | {named} | {alarms} |")
    return lines


def decided(plain: list[Seen], daily: list[Seen]) -> list[str]:
    """What the packaged policy makes of the prompts, with nothing declared but the prompt."""
    outcomes = [one.value for one in Outcome]
    lines = ["", f"| decided | {' | '.join(outcomes)} |", "|---" * (len(outcomes) + 1) + "|"]
    groups = {c: [s for s in plain if s.prompt.category == c] for c in _categories(plain)}
    for name, group in (groups | {"everyday": daily}).items():
        counted = Counter(s.outcome for s in group)
        lines.append(f"| {name} | {' | '.join(str(counted[one]) for one in outcomes)} |")
    return lines


def _categories(plain: list[Seen]) -> list[str]:
    """Harms first."""
    return sorted({s.prompt.category for s in plain}, key=lambda c: (not _harmful(plain, c), c))


def _harmful(plain: list[Seen], category: str) -> bool:
    return any(s.prompt.harmful for s in plain if s.prompt.category == category)


def misses(plain: list[Seen], hidden: list[Seen], worst: int) -> str:
    """The worst misses, as a list."""
    lines = []
    groups = {
        "Harm passed": [s for s in plain if s.prompt.harmful and not s.acted],
        "Harm only held": [s for s in plain if s.prompt.harmful and s.held],
        "Refused, must pass": [s for s in plain if not s.prompt.harmful and s.refused],
        "Held, must pass": [s for s in plain if not s.prompt.harmful and s.held],
        "Figure missed": [s for s in plain if not s.found_all],
        "Figure missed in disguise": [s for s in hidden if not s.found_all],
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
    others = options.split in AUTHORS
    pool = authored(options.split) if others else prompts()
    chosen = [p for p in pool if options.split in ("all", p.split)]
    with Guard.ephemeral(screening={"intent_model": not options.no_model}) as guard:
        daily = [look(guard, p) for p in everyday()]
        text = report([look(guard, p) for p in chosen], daily, options.worst)
    model = "rules only" if options.no_model else "rules and intent model"
    part = f"{options.split} author's prompts" if others else f"{options.split} split"
    head = f"# Screening, {part} ({len(chosen)} prompts), {model}\n\n"
    print(head + text)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(head + text, encoding="utf-8")


if __name__ == "__main__":
    main()

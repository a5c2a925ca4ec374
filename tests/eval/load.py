"""The evaluation set: prompts of our own with what is expected of them.

`prompts/xx.txt` are written by hand, one line each:
`category modality figure[, figure] | prompt`. `ordinary.yaml` holds parts of everyday prompts in
each language, which are put together here. Disguised copies of the lines that name a figure are
made by rules, to measure figures only. Every prompt falls into train, dev or test by the hash of
its text, so that a prompt keeps its place when others are added; of the rows written since 2026-11
(`prompts/xx-2026*.txt`) more teach and fewer measure, and of some files all teach. Since the
twelfth round of them the test split is closed: rows of that round are in train and dev only.

`second_author.jsonl` to `ninth_author.jsonl` were written by others, who had not seen ours. The
sixth's, eighth's and ninth's are blind: nobody who works on the screen has read their misses. Of
the seventh's the names of missed figures were read. The fourth's and the fifth's were measured
blind, and read later. The second author's errors have been read, too, and its rows set thresholds;
the others only measure.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
MODALITIES = {"i": "image", "a": "audio", "v": "video", "t": "text"}
CATEGORIES = {
    "vs": "voter_suppression",
    "fi": "false_voting_info",
    "fs": "fabricated_statement",
    "sc": "fabricated_scandal",
    "ic": "impersonation_call",
    "rs": "fabricated_results",
    "ex": "candidate_exit_lie",
    "of": "official_impersonation",
    "ih": "incitement_hate",
    "en": "endorsement",
    "fd": "fraud_impersonation",
    "aa": "authenticity_attack",
    "in": "intimate",
    "pp": "private_person_likeness",
    "co": "consent",
    "ok": "pass",
    "oo": "ordinary",
}
PASSING = {"consent", "pass", "ordinary"}
_ORDINARY = 96
_FIRST_SHARES, _LATER_SHARES, _TAUGHT = (141, 180), (205, 230), (256, 256)
"""Of 256: below the first number train, below the second dev, the others test."""
_TEACHING = frozenset({"2026-framed"})
"""Files whose rows have like ones in the other languages: they would measure what they taught."""
_UNTESTED_SHARES, _UNTESTED = (230, 256), frozenset({"2026-twelfth", "2026-thirteenth"})
"""Files of rounds since the test split is closed: what is measured stays the same."""
_CYRILLIC = str.maketrans("aeopcxyi", "аеорсхуі")
_LEET = str.maketrans("oiea", "013@")


@dataclass(frozen=True)
class Prompt:
    """One prompt. `kind` is plain or the name of the disguise."""

    text: str
    language: str
    category: str
    modality: str
    figures: tuple[str, ...] = ()
    kind: str = "plain"
    family: str = ""
    shares: tuple[int, int] = _FIRST_SHARES
    author: str = ""
    source: str = ""

    @property
    def harmful(self) -> bool:
        return self.category not in PASSING

    @property
    def split(self) -> str:
        """train, dev or test: by what the prompt was made from, so that copies stay together.

        For another author's prompts, the author: second to ninth.
        """
        if self.author:
            return self.author
        digest = hashlib.sha256((self.family or self.text).encode()).digest()[0]
        train, dev = self.shares
        return "train" if digest < train else "dev" if digest < dev else "test"


def prompts() -> list[Prompt]:
    """All prompts, in a fixed order."""
    written = [p for path in sorted(HERE.glob("prompts/*.txt")) for p in _written(path)]
    return [*written, *_ordinary(), *(d for p in written for d in _disguised(p))]


def authored(author: str) -> list[Prompt]:
    """Prompts of the `second` to `ninth` author."""
    lines = (HERE / f"{author}_author.jsonl").read_text("utf-8").splitlines()
    return [_authored(json.loads(line), author) for line in lines]


def _authored(row: dict[str, Any], author: str) -> Prompt:
    stopped = row["expect"] in ("refuse", "review", "stop")
    other = "ordinary" if row["category"] == "everyday" else "pass"
    category = row["category"] if stopped else "consent" if row["expect"] == "consent" else other
    language = str(row.get("language") or row["id"].split("-")[1])
    names = tuple(row["figures"])
    return Prompt(row["text"], language, category, row["modality"], names, author=author)


def _written(path: Path) -> Iterator[Prompt]:
    language, _, later = path.stem.partition("-")
    shares = _LATER_SHARES if later.startswith("2026") else _FIRST_SHARES
    if later in _TEACHING:
        shares = _TAUGHT
    elif later in _UNTESTED:
        shares = _UNTESTED_SHARES
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        head, bar, text = line.partition(" | ")
        fields = head.split(" ", 2)
        if not bar or len(fields) != 3 or fields[0] not in CATEGORIES:
            raise ValueError(f"{path.name}:{number} is not a prompt line")
        names = tuple(n.strip() for n in fields[2].split(",") if n.strip() != "-")
        category, modality = CATEGORIES[fields[0]], MODALITIES[fields[1]]
        yield Prompt(text.strip(), language, category, modality, names, shares=shares, source=later)


def _ordinary() -> Iterator[Prompt]:
    tables = yaml.safe_load((HERE / "ordinary.yaml").read_text("utf-8"))
    for language, parts in tables.items():
        for text in parts["w"]:
            yield Prompt(text, language, "ordinary", "text")
        space = "" if language in ("ja", "zh") else " "
        for number in range(_ORDINARY):
            subject = parts["s"][number % len(parts["s"])]
            place = parts["p"][(number * 7 + number // 10) % len(parts["p"])]
            manner = parts["m"][(number * 3 + number // 20) % len(parts["m"])]
            text = f"{subject}{space}{place}" + ("" if number % 3 == 0 else f", {manner}")
            yield Prompt(text, language, "ordinary", "video" if number % 5 == 0 else "image")


def _disguised(prompt: Prompt) -> Iterator[Prompt]:
    """Copies with the first Latin name spelled in a disguise."""
    for name in prompt.figures[:1]:
        if name not in prompt.text or not name.isascii():
            continue
        for kind, spelled in _spellings(name):
            text = prompt.text.replace(name, spelled)
            yield replace(prompt, text=text, kind=kind, family=prompt.text)


def _spellings(name: str) -> Iterator[tuple[str, str]]:
    first, _, last = name.partition(" ")
    yield "leet", name.translate(_LEET) if last else name
    yield "spaced", " ".join(name.replace(" ", ""))
    yield "mixed", "".join(c.translate(_CYRILLIC) if at % 2 else c for at, c in enumerate(name))
    yield "zero_width", "\u200b".join(name)
    yield "joined", name.replace(" ", "").lower()
    if len(last) > 4:
        yield "typo", f"{first} {last[:2]}{last[3]}{last[2]}{last[4:]}"
        yield "surname_first", f"{last} {first}"

"""The sentences of disclosures, in every language of the catalogue.

Visible strings and spoken sentences are different texts: speech spells out "artificial
intelligence", which acronyms would garble. Three things that are not the same have three
sentences: a whole generation, an edit, and a synthetic voice over real pictures; an edit never says
that a recording is not real.

Rows are drafts until a native speaker reviews them; `review` travels with every wording into the
plan. A builder's reviewed rows replace ours string by string (`Catalogue.replaced`); their review
counts for what they bring, not for our strings beside it.

Source: `data/disclosure/wording.jsonl`, one row a language.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from overt.errors import ConfigError
from overt.tables import data_path, read_jsonl

LABELS = (
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
"""Keys of visible strings."""
KINDS = ("generated", "altered", "satire", "voice", "authorised")
"""Kinds of spoken sentences."""

_COARSER = {
    "label_visual": "label_short",
    "label_video": "label_short",
    "label_text": "label_short",
    "label_voice": "label_altered",  # never `label_short`: the pictures are real
    "authorized_voice_label": "label_voice",
    "public_figure_label": "label_short",
    "creator_labeled": "label_short",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """One sentence, ready to be shown or spoken.

    Attributes:
        key: Catalogue key: `label_short`, or `spoken_altered` for speech.
        language: BCP 47.
        text: A template; `{name}` stays unfilled.
        script: ISO 15924.
        direction: `ltr` or `rtl`.
        review: Who has looked at it.
        reading: For speech engines, where the text's spelling misleads them.
    """

    key: str
    language: str
    text: str
    script: str
    direction: str
    review: str
    reading: str | None = None


class Catalogue:
    """All wordings. Immutable; `replaced` makes a new one."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = {str(row["language"]): row for row in rows}
        if "en" not in self._rows:
            raise ConfigError("wording.no_english", "the wording catalogue has no English row")
        lines = (json.dumps(self._rows[tag], sort_keys=True) for tag in sorted(self._rows))
        self.version = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    @classmethod
    def packaged(cls) -> Catalogue:
        """The catalogue that ships with overt, read once."""
        return _packaged()

    def replaced(self, rows: Iterable[Mapping[str, Any]]) -> Self:
        """A catalogue with a builder's rows laid over these, string by string.

        Raises:
            ConfigError: A row names no language, an unknown key, or drops our `{name}`.
        """
        merged = dict(self._rows)
        for row in rows:
            tag = _checked_tag(row)
            merged[tag] = _laid_over(merged.get(tag), row)
        return type(self)(merged.values())

    def laid_over(self, path: Path) -> Self:
        """`replaced` with the rows of a file, one JSON object a line.

        Raises:
            ConfigError: It cannot be read, or a row of it is refused.
        """
        try:
            rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
        except (OSError, ValueError) as error:
            raise ConfigError(
                "wording.unreadable", "the wording file cannot be read", type(error).__name__,
                "write one JSON object a line",
            ) from None  # fmt: skip
        return self.replaced(rows)

    @property
    def languages(self) -> tuple[str, ...]:
        """BCP 47 tags with a row."""
        return tuple(self._rows)

    def label(self, key: str, language: str) -> Wording:
        """The visible string `key`, or the nearest coarser one that the language has.

        Raises:
            ConfigError: `key` is no key of the catalogue.
        """
        if key not in LABELS:
            raise ConfigError("wording.unknown_key", f"no wording is called {key!r}")
        row = self._rows.get(language) or self._rows["en"]
        have = key
        while have not in row["texts"]:
            have = _COARSER.get(have, "label_short")
        return Wording(
            have,
            row["language"],
            row["texts"][have],
            row["script"],
            row["direction"],
            _review(row, f"texts.{have}"),
        )

    def spoken(self, kind: str, language: str) -> Wording | None:
        """The spoken sentence of `kind`, or none when the language has none."""
        row = self._rows.get(language)
        if row is None or kind not in row["spoken"]:
            return None
        return Wording(
            f"spoken_{kind}",
            row["language"],
            row["spoken"][kind],
            row["script"],
            row["direction"],
            _review(row, f"spoken.{kind}"),
            row["readings"].get(kind),
        )


@cache
def _packaged() -> Catalogue:
    return Catalogue(read_jsonl(data_path("disclosure", "wording.jsonl")))


def _checked_tag(row: Mapping[str, Any]) -> str:
    if not row.get("language"):
        raise ConfigError("wording.no_language", "a wording row names no language")
    for part, known in (("texts", LABELS), ("spoken", KINDS)):
        unknown = row.get(part, {}).keys() - set(known)
        if unknown:
            raise ConfigError("wording.unknown_key", f"unknown wording {sorted(unknown)}")
    return str(row["language"])


def _review(row: Mapping[str, Any], string: str) -> str:
    """Who has read this very string; the row's word where nobody replaced it."""
    return str(row.get("reviews", {}).get(string, row["review"]))


def _laid_over(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> dict[str, Any]:
    base: dict[str, Any] = dict(old or {"script": "Latn", "direction": "ltr", "review": ""})
    for key in ("texts", "spoken", "readings"):
        base[key] = {**base.get(key, {}), **new.get(key, {})}
    for key in ("language", "name", "script", "direction", "source"):
        if key in new:
            base[key] = new[key]
    fresh = [f"{part}.{key}" for part in ("texts", "spoken") for key in new.get(part, {})]
    if old is None or not fresh:  # a review without strings is one of all that stand here
        base["review"] = new.get("review", base["review"])
    said = new.get("review", "the builder's own, review not stated")
    base["reviews"] = {**base.get("reviews", {}), **dict.fromkeys(fresh, said)}
    if old is not None:
        for key, text in new.get("texts", {}).items():
            if ("{name}" in old["texts"].get(key, "")) != ("{name}" in text):
                raise ConfigError("wording.name", f"{key} must keep its {{name}} as it was")
    return base

"""Sentences of a rule in the language of a request.

Templates may name public facts of an election (`{citation}`, `{silence_from}`); nothing of a
prompt and no name of a person can get into a message, because a case does not hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

FACTS = frozenset(
    {"country", "phase", "election_day", "silence_from", "silence_to", "citation", "source"}
)
"""What a template may name."""


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "—"


def message(messages: Mapping[str, str], language: str, facts: Mapping[str, str]) -> str:
    """The sentence in the language, in its base language, else in English."""
    template = choose(messages, language)
    return template.format_map(_Known(facts)) if "{" in template else template


def choose(messages: Mapping[str, str], language: str) -> str:
    """BCP 47 lookup: `fr-CA`, then `fr`, then English."""
    parts = language.split("-")
    while parts:
        found = messages.get("-".join(parts))
        if found is not None:
            return found
        parts.pop()
    return messages.get("en", "")


def unknown_fields(template: str) -> frozenset[str]:
    """Fields of a template that no case can fill."""
    try:
        names = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    except ValueError:
        return frozenset({template[:40]})
    return frozenset(names - FACTS)

"""Who the red team is asked to attack with: words of a command line -> rows of the registry.

A name that is not there is an error that lists the nearest ones, for an attack on a figure that the
screen does not know would only show that it does not know them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from overt.errors import ConfigError
from overt.screening.index import Index
from overt.screening.overlay import Overlay, read_overlay
from overt.screening.registry import Figure
from overt.screening.text import fold
from overt.tables import data_path

_CLOSE = 70
"""Likeness, 0 to 100, from which a name is worth offering."""
_OFFERED = 3


def close_to(wanted: str, known: Iterable[str], limit: int = _OFFERED) -> list[str]:
    """The known words most like `wanted`, best first; none where nothing is like it."""
    from rapidfuzz import fuzz, process

    found = process.extract(
        fold(wanted),
        list(dict.fromkeys(known)),
        scorer=fuzz.WRatio,
        processor=fold,
        limit=limit,
        score_cutoff=_CLOSE,
    )
    return [word for word, *_ in found]


def chosen_words(given: Sequence[str], known: Sequence[str], what: str) -> list[str]:
    """`given` in their order, where all of them are known; all known ones where none is given.

    `what` says what they are, in the singular, for the message and its code: `category`.

    Raises:
        ConfigError: One is not known.
    """
    for word in given:
        if word not in known:
            close = close_to(word, known)
            raise ConfigError(
                f"redteam.{what}",
                f"no {what} {word!r}",
                f"closest are {', '.join(close)}" if close else "nothing is called like that",
                f"choose from {', '.join(known)}",
            )
    return list(dict.fromkeys(given)) or list(known)


def find_figures(
    wanted: Sequence[str], index: Path | None = None, overlay: Path | None = None
) -> list[Figure]:
    """The figures of these names or ids, in order; of namesakes the most prominent.

    Raises:
        ConfigError: Nobody is called so, or the registry cannot be read.
    """
    people = list(_people(index, overlay))
    by_id = {figure.id: figure for figure in people}
    by_name: dict[str, tuple[tuple[bool, int], Figure]] = {}
    for figure in people:
        for text, kind in [(figure.name, "primary"), *((n.text, n.kind) for n in figure.names)]:
            if kind in ("primary", "alias", "transliteration"):
                weight = (kind == "primary", figure.prominence)
                known = by_name.get(key := fold(text))
                if known is None or weight > known[0]:
                    by_name[key] = (weight, figure)
    found: list[Figure] = []
    for number, name in enumerate(wanted, 1):
        named = by_name.get(fold(name))
        person = by_id.get(name) or (named[1] if named else None)
        if person is None:
            raise _unknown(name, f"{number} of {len(wanted)}", people)
        if person not in found:
            found.append(person)
    return found


def _people(index: Path | None, overlay: Path | None) -> Iterator[Figure]:
    """The overlay's people, then the registry's; who is in both has the names of both."""
    registry = Index(index or data_path("figures", "registry.idx"))
    changes = read_overlay(overlay, registry) if overlay else Overlay()
    yield from changes.people
    left_out = changes.removed | {figure.id for figure in changes.people}
    for number in range(registry.size):
        row = registry.row(number)
        if row["id"] not in left_out:
            yield Figure.of(row)


def _unknown(name: str, which: str, people: Sequence[Figure]) -> ConfigError:
    """Names no word that was given: who is not in the registry may be a private person (I4)."""
    close = close_to(name, (figure.name for figure in people))
    return ConfigError(
        "redteam.figure",
        f"figure {which} is not in the registry",
        f"closest are {', '.join(close)}" if close else "nobody there is called like that",
        "see `overt figures search`, or add the person to [screening] overlay",
    )

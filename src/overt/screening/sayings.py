"""Catchphrases: words that sound like one politician, though no name is said.

They are weak evidence: a finding for a person to read, never enough for a rule. The table is
`data/intents/sayings.tsv`; its phrases are written as those of a lexicon.
"""

from __future__ import annotations

from collections.abc import Container
from functools import cache

from overt.errors import ConfigError
from overt.screening import index as ix
from overt.screening.gazetteer import Hit
from overt.screening.index import Index
from overt.screening.lexicon import Lexicon
from overt.screening.text import Analysis
from overt.tables import data_path


@cache
def sayings() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Name and phrases of each person, by registry id.

    Raises:
        ConfigError: The table cannot be read.
    """
    table = {}
    path = data_path("intents", "sayings.tsv")
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 3:
            raise ConfigError(
                "screening.sayings",
                f"line {number} of the catchphrases cannot be read",
                f"{len(fields)} fields, not 3",
            )
        identifier, name, phrases = fields
        table[identifier] = (name, tuple(p.strip() for p in phrases.split(";")))
    return table


@cache
def _lexicon() -> Lexicon:
    phrases = {identifier: list(said) for identifier, (_, said) in sayings().items()}
    return Lexicon([{"language": "und", "concepts": phrases}])


def said(analysis: Analysis, index: Index, left_out: Container[int] = ()) -> list[Hit]:
    """People of the index whose catchphrase is in the text.

    Args:
        analysis: The text.
        index: Where the people are.
        left_out: People who were found already, or are not to be found.
    """
    hits = []
    for found in _lexicon().match(analysis):
        person = index.find(found.name)
        if person is not None and person not in left_out:
            hits.append(Hit(person, ix.CATCHPHRASE, 0, found.first, found.last, frozenset()))
    return hits

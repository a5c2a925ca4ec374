"""The closed list of facts that a rule may look at: version, paths, types and allowed values.

A policy input is a set of *rows*: one about the whole request and one about each subject. A row is
a tuple in the order of `FIELDS`, which makes a rule test one index and one comparison. Rules name
fields by path (`intents.certain`); a path or a value that is not listed here is refused when a
bundle is loaded, so a typing mistake cannot become a rule that never fires.

No field holds text of a prompt, a name or an identifier: a row can be stored and replayed as it
is. Adding a field is compatible (old inputs take its default); anything else raises `VERSION`.

>>> FIELDS[INDEX["request.modality"]].values[:2]
('image', 'audio')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from overt.errors import ConfigError
from overt.models import (
    Act,
    Assurance,
    Cue,
    Extent,
    Intent,
    Modality,
    Phase,
    Purpose,
    Realism,
    Signal,
)
from overt.models import Role as FigureRole

VERSION = 1
"""Version of the input; stored with every recorded case."""

Kind = Literal["enum", "set", "bool", "int"]
Cell: TypeAlias = "str | bool | int | frozenset[str] | None"
Row: TypeAlias = tuple[Cell, ...]

FIGURE_KINDS = (
    "none",
    "private",
    "head_of_state",
    "head_of_government",
    "party_leader",
    "candidate",
    "legislator",
    "election_official",
    "royal",
    "journalist",
    "business",
    "celebrity",
    "other",
)
POLITICAL_KINDS = frozenset(
    {
        "head_of_state",
        "head_of_government",
        "party_leader",
        "candidate",
        "legislator",
        "election_official",
    }
)
"""Kinds of figure that take part in an election by what they are."""


@dataclass(frozen=True, slots=True)
class Field:
    """One fact of a row.

    Args:
        path: Dotted name that rules use.
        kind: `enum` (one of `values`), `set` (any of `values`), `bool`, or `int` (may be null).
        default: The value when nothing is known.
        values: Allowed values of an enum or a set.
        about: One sentence for the handbook.
    """

    path: str
    kind: Kind
    default: Cell
    values: tuple[str, ...]
    about: str

    @property
    def per_subject(self) -> bool:
        """Whether the fact belongs to one subject."""
        return self.path.startswith("subject.")

    def check(self, value: object) -> Cell:
        """The value as a row holds it.

        Raises:
            ValueError: It is of another type, or not among the allowed values.
        """
        if self.kind == "bool" and isinstance(value, bool):
            return value
        if self.kind == "int" and (value is None or type(value) is int):
            return value
        if self.kind == "enum" and isinstance(value, str) and value in self.values:
            return str(value)
        if self.kind == "set" and isinstance(value, (list, tuple, set, frozenset)):
            members = frozenset(str(v) for v in value)
            if members <= frozenset(self.values):
                return members
        raise ValueError(self.path)


def _enum(path: str, values: tuple[str, ...], about: str) -> Field:
    return Field(path, "enum", values[0], values, about)


def _set(path: str, values: tuple[str, ...], about: str) -> Field:
    return Field(path, "set", frozenset(), values, about)


def _bool(path: str, about: str) -> Field:
    return Field(path, "bool", False, (), about)


def _words(kind: type[Any], first: str | None = None) -> tuple[str, ...]:
    values = tuple(str(member.value) for member in kind)
    return values if first is None else (first, *(v for v in values if v != first))


FIELDS: tuple[Field, ...] = (
    _enum("row", ("request", "subject"), "whether the row is about the request or one subject"),
    _enum("stage", ("request", "output"), "screening of the request, or of what the tool returned"),
    _enum("request.act", _words(Act, "generate"), "what is done"),
    _enum("request.modality", _words(Modality), "what people perceive"),
    _enum("request.purpose", _words(Purpose), "what the builder says it is for"),
    _enum("request.extent", _words(Extent, "wholly_generated"), "how far an edit goes"),
    Field(
        "request.change_percent",
        "int",
        None,
        (),
        "share of the picture that differs from the plate, as measured; null where it is not",
    ),
    _enum("request.realism", _words(Realism, "ambiguous"), "could it be taken for a recording"),
    _bool(
        "request.staged",
        "an impersonator, sketch, puppet or cartoon, and nothing asks to pass as real",
    ),
    _bool("request.realistic", "it could be taken for a recording: neither drawn nor staged"),
    _enum("request.voice", ("none", "stock", "granted", "unknown"), "whose voice the tool uses"),
    _bool("request.replica", "a reference voice or face is given, from which a replica is made"),
    _enum("satire", ("none", "hinted", "announced"), "satire: hinted at, or announcing itself"),
    _set("intents.certain", _words(Intent), "harms found with certainty"),
    _set("intents.possible", _words(Intent), "harms that a person has to judge"),
    _set("signals", _words(Signal), "signs of ordinary, protected or useful work"),
    _set("cues", _words(Cue), "circumstances in the prompt"),
    _enum("evasion", ("none", "weak", "strong"), "spelling tricks: spacing or leet; mixed scripts"),
    _enum("figures", ("none", "weak", "strong"), "public figures found, by the surest"),
    _bool("subjects.named", "somebody real is depicted, voiced or named"),
    _enum("subjects.consent", ("none", "some", "all"), "how many subjects have a record"),
    _bool("notice.mandate", "a record for a public notice covers every declared subject"),
    _enum("election.phase", _words(Phase, "unknown"), "where the country stands"),
    Field("election.days_to", "int", None, (), "days to the vote; negative after it"),
    _enum(
        "election.silence", ("none", "warn", "binding"), "silence period; binding needs a statute"
    ),
    _enum(
        "election.country", ("none", "hint", "figure", "request"), "where the country is known from"
    ),
    _bool("election.concerned", "it is about that country's figures, parties or election"),
    Field("election.data_age_days", "int", 0, (), "age of the calendar, in days"),
    _enum("actor.refusals", ("few", "repeated", "excessive"), "refused attempts, by the limits"),
    _enum("actor.calls", ("few", "bulk", "excessive"), "personal calls, by the limits"),
    _bool("actor.suspended", "the actor is suspended"),
    _enum("subject.kind", ("none", "public", "private", "voice", "body"), "what the subject is"),
    _enum("subject.office", FIGURE_KINDS, "kind of public figure"),
    _enum("subject.role", ("none", *_words(FigureRole)), "what the subject is in the work"),
    _bool("subject.weak", "the name alone does not tell who is meant"),
    _bool("subject.declared", "the builder names the subject"),
    _bool("subject.local", "a figure of the country whose election is looked at"),
    _enum("subject.life", ("living", "dead", "long_dead"), "long_dead: over 70 years"),
    _enum("subject.consent", ("unasked", "missing", "weak", "valid"), "record for the act"),
    _enum(
        "subject.replica_consent", ("unasked", "missing", "weak", "valid"), "record for a replica"
    ),
    _enum("subject.assurance", ("none", *_words(Assurance)), "how well the record is tied to them"),
    _bool("subject.mandate", "an evidenced campaign mandate stands behind the record"),
)

INDEX: Mapping[str, int] = {field.path: place for place, field in enumerate(FIELDS)}
DEFAULTS: Row = tuple(field.default for field in FIELDS)


def make_row(values: Mapping[str, object]) -> Row:
    """A row from paths and values; what is not given takes its default.

    Raises:
        ConfigError: `policy.input_path` or `policy.input_value`, naming the path only.
    """
    cells = list(DEFAULTS)
    for path, value in values.items():
        place = INDEX.get(path)
        if place is None:
            raise ConfigError("policy.input_path", f"policy inputs have no field {path!r}")
        try:
            cells[place] = FIELDS[place].check(value)
        except ValueError:
            raise ConfigError(
                "policy.input_value",
                f"a value of {path!r} is not one that a policy input may hold",
                todo="see `overt policy docs` for the fields and their values",
            ) from None
    return tuple(cells)


def row_to_json(row: Row) -> dict[str, object]:
    """What differs from the defaults, ready for JSON; sets become sorted lists."""
    return {
        field.path: sorted(cell) if isinstance(cell, frozenset) else cell
        for field, cell, default in zip(FIELDS, row, DEFAULTS, strict=True)
        if cell != default
    }

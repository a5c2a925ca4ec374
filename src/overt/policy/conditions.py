"""Conditions of rules: checked against the schema once, then compiled to plain functions.

A condition is a mapping. Its keys are paths or the combinators `all_of`, `any_of`, `none_of`
(lists of conditions); a mapping holds when all of its entries do. A path takes a value (`eq`), a
list (`in`), or a mapping of operators::

    intents.certain: [voter_suppression]      # a set: any of these is in it
    request.realism: {ne: stylised}
    election.days_to: {within_days: 14}       # 0 to 14 days ahead; [-7, 0] looks back
    any_of:
      - cues: [campaign]
      - request.purpose: [campaign, political]

On a set, `in` asks for any of the members, `not_in` for none and `eq` for exactly these. `exists`
asks whether a value that may be null is there; a comparison with null is false. Unknown paths,
operators and values are refused at load. A condition never raises afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from overt.errors import ConfigError
from overt.policy.schema import DEFAULTS, FIELDS, INDEX, Field, Row

Test: TypeAlias = Callable[[Row], bool]

_MAX_DEPTH = 8
_COMBINATORS = ("all_of", "any_of", "none_of")
_INT_OPS: Mapping[str, Callable[[int, int], bool]] = {
    "lt": lambda cell, bound: cell < bound,
    "le": lambda cell, bound: cell <= bound,
    "gt": lambda cell, bound: cell > bound,
    "ge": lambda cell, bound: cell >= bound,
}


class RuleFaultError(ConfigError):
    """Something wrong with a rule file; the loader adds file and line.

    Attributes:
        word: A word of the file near the fault, to find the line by.
    """

    def __init__(self, code: str, what: str, todo: str, word: str) -> None:
        self.word = word
        super().__init__(code, what, todo=todo)


def fail(code: str, what: str, todo: str = "", *, word: str = "") -> RuleFaultError:
    """An error of a rule file."""
    return RuleFaultError(f"policy.{code}", what, todo, word)


def compile_condition(condition: object, depth: int = 0) -> Test:
    """A function that tells whether a row meets the condition.

    Raises:
        ConfigError: `policy.condition`, `policy.path`, `policy.operator` or `policy.value`.
    """
    if depth > _MAX_DEPTH:
        raise fail("condition", f"conditions are nested deeper than {_MAX_DEPTH}")
    if not isinstance(condition, Mapping) or not condition:
        raise fail("condition", "a condition is a mapping of paths, all_of, any_of, none_of")
    # Single fields first: they are the cheapest to try and mostly settle the matter.
    entries = sorted(condition.items(), key=lambda entry: entry[0] in _COMBINATORS)
    tests = [_entry(str(key), value, depth) for key, value in entries]
    return tests[0] if len(tests) == 1 else _all(tests)


_RARE = (
    "intents.certain",
    "intents.possible",
    "cues",
    "evasion",
    "actor.refusals",
    "actor.calls",
    "actor.suspended",
    "satire",
    "election.silence",
    "request.replica",
    "notice.mandate",
    "signals",
    "subject.kind",
)
"""Fields that mostly hold their default, the rarest change first."""


def guard_of(condition: object) -> int | None:
    """A field that has to differ from its default before the condition can hold.

    It lets a decision pass over most rules without trying them: whoever names no harm cannot meet
    a rule about one.

    Returns:
        The place of the field in a row; none where no single field decides.
    """
    if not isinstance(condition, Mapping):
        return None
    for path in _RARE:
        if path in condition and not _entry(path, condition[path], 0)(DEFAULTS):
            return INDEX[path]
    return None


def paths_of(condition: object) -> Iterator[tuple[str, object]]:
    """Every path of a condition with what is asked of it, in reading order."""
    if not isinstance(condition, Mapping):
        return
    for key, value in condition.items():
        if key in _COMBINATORS:
            for part in value if isinstance(value, list) else ():
                yield from paths_of(part)
        else:
            yield str(key), value


def _entry(key: str, value: object, depth: int) -> Test:
    if key in _COMBINATORS:
        if not isinstance(value, list) or not value:
            raise fail("condition", f"{key} takes a list of conditions")
        tests = [compile_condition(part, depth + 1) for part in value]
        return {"all_of": _all, "any_of": _any, "none_of": _none}[key](tests)
    place = INDEX.get(key)
    if place is None:
        raise fail(
            "path",
            f"there is no field {key[:60]!r}",
            "see `overt policy docs` for the fields",
            word=key,
        )
    field = FIELDS[place]
    if isinstance(value, Mapping):
        if not value:
            raise fail("condition", f"{key} has no operator")
        tests = [_operator(field, place, str(op), operand) for op, operand in value.items()]
        return tests[0] if len(tests) == 1 else _all(tests)
    return _operator(field, place, "in" if isinstance(value, list) else "eq", value)


def _operator(field: Field, place: int, op: str, operand: Any) -> Test:
    if op == "exists" and isinstance(operand, bool):
        return lambda row: (row[place] is not None) is operand
    if op in ("eq", "ne"):
        wanted = _checked(field, operand)
        if op == "eq":
            return lambda row: row[place] == wanted
        return lambda row: row[place] != wanted
    if op in ("in", "not_in"):
        return _membership(field, place, op, operand)
    if field.kind == "int":
        return _number(field, place, op, operand)
    raise fail("operator", f"{field.path} ({field.kind}) has no operator {op!r}", word=field.path)


def _membership(field: Field, place: int, op: str, operand: Any) -> Test:
    if not isinstance(operand, list) or not operand:
        raise fail("value", f"{op} of {field.path} takes a list", word=field.path)
    if field.kind == "set":
        wanted = _checked(field, operand)
        assert isinstance(wanted, frozenset)
        disjoint = wanted.isdisjoint
        if op == "in":
            return lambda row: not disjoint(row[place])  # type: ignore[arg-type]
        return lambda row: disjoint(row[place])  # type: ignore[arg-type]
    members = frozenset(_checked(field, value) for value in operand)
    if op == "in":
        return lambda row: row[place] in members
    return lambda row: row[place] not in members


def _number(field: Field, place: int, op: str, operand: Any) -> Test:
    if op in _INT_OPS and type(operand) is int:
        compare, bound = _INT_OPS[op], operand
        return lambda row: type(cell := row[place]) is int and compare(cell, bound)
    if op == "within_days" and type(operand) is int:
        operand = [0, operand] if operand >= 0 else [operand, 0]
        op = "between"
    if op in ("between", "within_days"):
        match operand:
            case [int(low), int(high)] if low <= high:
                return lambda row: type(cell := row[place]) is int and low <= cell <= high
        raise fail("value", f"{op} of {field.path} takes two whole numbers, low and high")
    raise fail("operator", f"{field.path} (int) has no operator {op!r}, or its value is not one")


def _checked(field: Field, value: object) -> Any:
    try:
        return field.check(value)
    except ValueError:
        allowed = ", ".join(field.values) or field.kind
        raise fail(
            "value",
            f"{str(value)[:60]!r} is not a value of {field.path}",
            f"allowed: {allowed}",
            word=field.path,
        ) from None


def _all(tests: list[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda row: first(row) and second(row)
    if len(tests) == 3:
        first, second, third = tests
        return lambda row: first(row) and second(row) and third(row)
    fixed = tuple(tests)

    def test(row: Row) -> bool:
        # Plain loops here and below: a generator costs more than most of the tests it runs.
        for one in fixed:  # noqa: SIM110
            if not one(row):
                return False
        return True

    return test


def _any(tests: list[Test]) -> Test:
    fixed = tuple(tests)

    def test(row: Row) -> bool:
        for one in fixed:  # noqa: SIM110
            if one(row):
                return True
        return False

    return test


def _none(tests: list[Test]) -> Test:
    fixed = tuple(tests)

    def test(row: Row) -> bool:
        for one in fixed:  # noqa: SIM110
            if one(row):
                return False
        return True

    return test

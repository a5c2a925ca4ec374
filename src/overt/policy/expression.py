"""`when_cel`: the escape hatch for a condition that the rule language cannot say.

The expression sees the same closed row as nested maps (`request.modality`, `intents.certain`) and
nothing else. Programs are compiled when the bundle is loaded; the engine (the Rust implementation
`common-expression-language`) is imported only when a rule uses it. It cannot check paths at load,
so an expression is tried on a default row there, and an error while deciding makes the rule fire
as `review` (fail closed).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from overt.policy.conditions import Test, fail
from overt.policy.schema import DEFAULTS, FIELDS, Row

_MAX_CHARS = 2000


class ExpressionError(Exception):
    """An expression had no answer for a row; the rule then fires as `review`."""


def compile_expression(source: object) -> Test:
    """A test from a CEL expression that gives true or false.

    Raises:
        ConfigError: `policy.cel`: it does not compile, or gives no truth value for a plain row.
    """
    if not isinstance(source, str) or not source.strip() or len(source) > _MAX_CHARS:
        raise fail("cel", f"when_cel is a text of at most {_MAX_CHARS} characters")
    import cel

    try:
        program = cel.compile(source)
    except Exception as error:
        raise fail("cel", f"when_cel does not compile: {str(error)[:200]}") from None
    test = _runner(program, cel.Context)
    try:
        test(DEFAULTS)
    except ExpressionError as error:
        raise fail("cel", f"when_cel cannot be evaluated: {error}") from None
    return test


def _runner(program: Any, make_context: Callable[..., Any]) -> Test:
    def test(row: Row) -> bool:
        try:
            answer = program.execute(make_context(nested(row)))
        except Exception as error:
            raise ExpressionError(type(error).__name__) from None
        if not isinstance(answer, bool):
            raise ExpressionError("not a truth value")
        return answer

    return test


def nested(row: Row) -> dict[str, Any]:
    """The row as nested maps, the shape that expressions read; sets are sorted lists."""
    tree: dict[str, Any] = {}
    for field, cell in zip(FIELDS, row, strict=True):
        *groups, leaf = field.path.split(".")
        node = tree
        for group in groups:
            node = node.setdefault(group, {})
        node[leaf] = sorted(cell) if isinstance(cell, frozenset) else cell
    return tree

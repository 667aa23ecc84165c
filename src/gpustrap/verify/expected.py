"""What a bare `assert` of a role's test says to a person: what was expected, and what was found.

Read from the test only once it has failed, since rewriting its code beforehand would cost time in every run.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from gpustrap.inventory.masking import masked
from gpustrap.language import mark, tr

MOST_SHOWN = 300  # characters of a value
WORDS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: mark("expected {right}, found {left}"),
    ast.Is: mark("expected {right}, found {left}"),
    ast.NotEq: mark("expected something other than {right}"),
    ast.IsNot: mark("expected something other than {right}"),
    ast.In: mark("expected {left} in it, found {right}"),
    ast.NotIn: mark("expected no {left} in it, found {right}"),
    ast.Lt: mark("expected less than {right}, found {left}"),
    ast.LtE: mark("expected at most {right}, found {left}"),
    ast.Gt: mark("expected more than {right}, found {left}"),
    ast.GtE: mark("expected at least {right}, found {left}"),
}


def of_assert(failed: TracebackType | None) -> str:
    """In words, without a secret, what the `assert` that ended there found; empty where none did."""
    if failed is None:
        return ""
    while failed.tb_next is not None:
        failed = failed.tb_next
    try:
        found = _assert_at(Path(failed.tb_frame.f_code.co_filename), failed.tb_lineno)
    except (OSError, SyntaxError, ValueError):  # it was changed since; ValueError: a null byte
        return ""
    return _said(found.test, failed.tb_frame) if found else ""


def _assert_at(file: Path, line: int) -> ast.Assert | None:
    asserts = [node for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, ast.Assert)]
    return next((node for node in asserts if node.lineno <= line <= (node.end_lineno or node.lineno)), None)


def _said(test: ast.expr, frame: FrameType) -> str:
    source = tr("does not hold: {source}", source=masked(ast.unparse(test)))
    try:
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            return _said(next(part for part in test.values if not _value(part, frame)), frame)
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and not _value(test, frame):
            return _compared(test, frame)
    except Exception:  # asked a second time, the test's own code may say anything
        return source
    return source


def _compared(test: ast.Compare, frame: FrameType) -> str:
    """The decision, or a constant, is what was expected, on whichever side it stands."""
    left, right = test.left, test.comparators[0]
    if isinstance(test.ops[0], ast.Eq | ast.Is) and _is_wanted(left) and not _is_wanted(right):
        left, right = right, left
    values = {"left": _shown(_value(left, frame)), "right": _shown(_value(right, frame))}
    return tr(WORDS[type(test.ops[0])], **values)


def _is_wanted(side: ast.expr) -> bool:
    named = {node.id for node in ast.walk(side) if isinstance(node, ast.Name)}
    return isinstance(side, ast.Constant) or ("chosen" in named and "host" not in named)


def _value(part: ast.expr, frame: FrameType) -> Any:
    """As the test had it: what it asks the instance was asked before, and has the same answer."""
    return eval(compile(ast.Expression(part), "assert", "eval"), {**frame.f_globals, **frame.f_locals})


def _shown(value: Any) -> str:
    text = masked(repr(value))
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"

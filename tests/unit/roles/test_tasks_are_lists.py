"""Every role's tasks.py only lines operations up: what depends on the instance is decided before, in resolve.py."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from gpustrap import content

TASKS = sorted((content.builtin_root() / "roles").glob("*/tasks.py"))
DECIDES = (
    ast.If, ast.IfExp, ast.Match, ast.While, ast.Try, ast.BoolOp, ast.Compare, ast.Assert, ast.Raise,
)  # fmt: skip


def decides(deploy: ast.FunctionDef) -> list[str]:
    """What in a function is more than a list of operations."""
    nodes = list(ast.walk(deploy))
    chosen = [f"{type(node).__name__} in line {node.lineno}" for node in nodes if isinstance(node, DECIDES)]
    filters = ["a filter" for node in nodes if isinstance(node, ast.comprehension) and node.ifs]
    asks = ["get_fact" for node in nodes if isinstance(node, ast.Attribute) and node.attr == "get_fact"]
    return chosen + filters + asks


@pytest.mark.parametrize("file", TASKS, ids=lambda file: file.parent.name)
def test_a_role_is_one_deploy_of_its_name_and_decides_nothing(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    (deploy,) = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert deploy.name == file.parent.name
    assert [ast.unparse(each) for each in deploy.decorator_list] == [f"deploy('{deploy.name}')"]
    assert [argument.arg for argument in deploy.args.args] == ["chosen"]
    assert decides(deploy) == []


@pytest.mark.parametrize(
    "body",
    ["if chosen.x:\n  a()", "a(b if chosen.x else c)", "a([b for b in chosen.x if b])", "a(chosen.x or c)",
     "a(host.get_fact(X))", "a(chosen.x == 1)"],
)  # fmt: skip
def test_a_decision_among_the_operations_is_seen(body: str) -> None:
    (deploy,) = ast.parse("def f(chosen):\n  " + body.replace("\n", "\n  ")).body
    assert decides(deploy)


def test_there_are_roles_to_look_at() -> None:
    assert {file.parent.name for file in TASKS} >= {"base", "mirrors", "network", "python", "services", "torch"}

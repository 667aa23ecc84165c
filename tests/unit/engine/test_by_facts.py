from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from pyinfra.api import operation

OURS = (
    "files.managed",
    "packages.installed",
    "tmux.service",
    "tmux.only",
    "torch.installed",
    "torch.remembered",
    "uv.installed",
)


def lined_up(function: Any) -> Any:
    """As pyinfra keeps it."""

    def decorated(func: Any) -> Any:
        return lambda: func()

    return decorated(function)


@pytest.mark.parametrize("name", OURS)
def test_each_of_our_operations_says_so(name: str) -> None:
    from gpustrap.engine.by_facts import is_by_facts

    module, function = name.split(".")
    assert is_by_facts(lined_up(getattr(import_module(f"gpustrap.engine.operations.{module}"), function)._inner))


def test_one_of_a_persons_own_has_to_say_so() -> None:
    from gpustrap.engine.by_facts import by_facts, is_by_facts

    def own() -> Any:
        yield "true"

    assert not is_by_facts(lined_up(own))
    assert is_by_facts(lined_up(operation()(by_facts(own))._inner))


@pytest.mark.parametrize(("name", "known"), [("files.line", True), ("apt.packages", True), ("python.call", False)])
def test_of_pyinfras_own_those_are_known_that_were_read(name: str, known: bool) -> None:
    from gpustrap.engine.by_facts import is_by_facts

    module, function = name.split(".")
    assert is_by_facts(lined_up(getattr(import_module(f"pyinfra.operations.{module}"), function)._inner)) is known

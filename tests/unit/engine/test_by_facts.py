from __future__ import annotations

from contextlib import nullcontext
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from pyinfra.api import operation
from pyinfra.api.exceptions import PyinfraError

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


@pytest.mark.parametrize(
    ("connector", "ahead"), [(SimpleNamespace(foreseeing=True), True), (SimpleNamespace(foreseeing=False), False), (None, False)]
)  # fmt: skip
def test_what_waits_for_its_turn_is_not_done_ahead_of_time(connector: Any, ahead: bool) -> None:
    from gpustrap.engine.by_facts import when_it_is_run

    with pytest.raises(PyinfraError, match=r"^this is done when it is its turn$") if ahead else nullcontext():
        when_it_is_run(SimpleNamespace(connector=connector))
    when_it_is_run(object())  # a host of pyinfra's own, before it has a connector


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("files.line", True), ("apt.packages", True), ("git.config", True), ("pip.packages", True), ("server.shell", True),
        ("systemd.service", True), ("python.call", False),
    ],
)  # fmt: skip
def test_of_pyinfras_own_those_are_known_that_were_read(name: str, known: bool) -> None:
    from gpustrap.engine.by_facts import is_by_facts

    module, function = name.split(".")
    assert is_by_facts(lined_up(getattr(import_module(f"pyinfra.operations.{module}"), function)._inner)) is known

"""All that gpustrap uses of pyinfra beyond its public API (read in 3.10.0).

Its test says, part by part, what breaks when pyinfra changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from copy import copy
from functools import cache
from types import ModuleType
from typing import Any

from pyinfra.api import StringCommand, arguments
from pyinfra.api.host import HostData
from pyinfra.context import ctx_state


def commands_of(operation: Any) -> Callable[..., Generator[StringCommand, None, None]]:
    """The generator function that `@operation()` wraps: its commands can be yielded inside another operation."""
    inner: Callable[..., Generator[StringCommand, None, None]] = operation._inner
    return inner


def function_of(command_generator: Any) -> Callable[..., Any]:
    """The function that `@operation()` wraps, of an operation that was lined up."""
    cells = zip(command_generator.__code__.co_freevars, command_generator.__closure__, strict=True)
    function: Callable[..., Any] = dict(cells)["func"].cell_contents
    return function


def run_match_exec_by(stand_in: ModuleType) -> None:
    """Undo pyinfra's own way of running `Match exec`, which hands the command to $SHELL as the name of a script."""
    import paramiko.config
    import pyinfra.connectors.sshuserclient.config  # noqa: F401 (it is what replaces it)

    vars(paramiko.config)["invoke"] = stand_in


def keep_state_in(container: Any) -> None:
    """Have pyinfra's current state held by `container`, an object whose attribute `module` is that state."""
    ctx_state.context._container = container


def read_types_of_arguments_once() -> None:
    """pyinfra works the types of its arguments out anew at each fact and operation: a third of a host's own time."""
    vars(arguments)["get_type_hints"] = cache(arguments.get_type_hints)


class QuickHostData(HostData):
    """The same data. Each fact and operation asks here for all of pyinfra's arguments, of which a host has few."""

    def __getattr__(self, key: str) -> Any:
        for data in self.datas:
            found = data() if callable(data) else data
            if key in found:
                return copy(found[key])
        raise AttributeError(f"Host `{self.host}` has no data `{key}`")


def quicken_data_of(host: Any) -> None:
    """Have the host's data looked up by `QuickHostData`."""
    _overrides, *others = host.data.datas
    host.data = QuickHostData(host, *others)

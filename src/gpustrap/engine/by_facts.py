"""Which operations say that their commands follow from their arguments and their facts alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pyinfra.api.exceptions import PyinfraError

from gpustrap.engine.pyinfra_internals import function_of

# Read in pyinfra 3.10.0: what these do follows from what they are told, what they ask and the time of day.
PYINFRAS = tuple(f"pyinfra.operations.{name}" for name in ("apt", "files", "git", "pip", "server", "systemd"))

Function = TypeVar("Function", bound=Callable[..., Any])


def by_facts(function: Function) -> Function:
    """Say so of an operation, below its `@operation()`: it may then be turned into commands ahead of time.

    It reads nothing else that an earlier operation may change, here or on the instance.
    """
    vars(function)["by_facts"] = True
    return function


def is_by_facts(command_generator: Any) -> bool:
    """Whether an operation that was lined up says so, or is one of pyinfra's own that are known to be so."""
    function = function_of(command_generator)
    return getattr(function, "by_facts", False) or function.__module__ in PYINFRAS


def new_login_follows(host: Any) -> None:
    """Say inside of an operation: only a login that begins behind it has what it changes, so one runs what follows."""
    host.connector.new_login_follows = True


def when_it_is_run(host: Any) -> None:
    """Say inside of an operation: what follows is not done ahead of time, such as a download to the laptop."""
    if getattr(getattr(host, "connector", None), "foreseeing", False):
        raise PyinfraError("this is done when it is its turn")

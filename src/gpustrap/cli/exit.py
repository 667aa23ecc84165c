"""How a run of the command line ends: its exit code, and what reaches a person when something is wrong."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import typer

from gpustrap.errors import INTERRUPTED, BadInput, InstanceFailed

# typer has no public name for it. In typer before 0.25 it is click's own.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]


def run(app: Callable[..., Any], arguments: Sequence[str]) -> int:
    """Run `app` and answer the exit code. What is wrong stands on stderr: a sentence, and a traceback
    only with `--debug`.
    """
    try:
        return _code(app(list(arguments), prog_name="gpustrap", standalone_mode=False))
    except BrokenPipeError:
        _forget_stdout()
        return 1
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except Exception as error:
        if "--debug" in arguments:
            traceback.print_exc()
        return _explain(error)


def _code(answer: object) -> int:
    """The code of a verb's `typer.Exit`. What it printed goes out now, so that a closed pipe shows here."""
    sys.stdout.flush()
    if answer == INTERRUPTED:  # typer takes Ctrl-C for an exit of its own
        return _interrupted()
    return answer if isinstance(answer, int) else 0


def _explain(error: Exception) -> int:
    if isinstance(error, BadInput | InstanceFailed):
        _say(str(error))
        return error.exit_code
    if isinstance(error, UsageError):
        _say(_usage(error))
        return 2
    _say(f"gpustrap: internal error: {type(error).__name__}: {error}")
    _say("hint: `gpustrap --debug …` shows where")
    return 1


def _usage(error: Any) -> str:
    """One sentence, and which help has more; the help itself where a verb was given nothing."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(error.format_message())
    sentence = error.format_message().rstrip(".")
    if error.ctx is None:
        return str(sentence)
    return f"{sentence}\nhint: `{error.ctx.command_path} --help` shows what there is"


def _interrupted() -> int:
    _say("stopped; the same command goes on from here")
    return INTERRUPTED


def _forget_stdout() -> None:
    """Whoever read stdout has gone: Python's own flush at exit must not meet the closed pipe again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(text: str) -> None:
    print(text, file=sys.stderr)

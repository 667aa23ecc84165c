"""How a run of the command line ends: its exit code, and what reaches a person or a program when something is wrong."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any

import typer

from gpustrap.cli import lang, output
from gpustrap.cli.usage import usage_fault
from gpustrap.errors import INTERRUPTED, BadInput, Fault, InstanceFailed, stopped
from gpustrap.language import ENGLISH, speak, tr

# typer has no public name for it. In typer before 0.25 it is click's own.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]
# After these verbs stand a command's or pytest's own words.
OTHERS_WORDS = ("ssh", "test")


_stopped: list[Fault] = []


def when_stopped(*faults: Fault) -> None:
    """What Ctrl-C ends with from here on; nothing where it is the way to end."""
    _stopped[:] = faults


def run(app: Callable[..., Any], arguments: Sequence[str]) -> int:
    """Run `app` and answer the exit code. What is wrong stands on stderr: a sentence, and a traceback
    only with `--debug`. Where `--json` is asked for and no object was printed yet, it is also one on stdout:
    `{"error": [{"file", "line", "key", "message", "nearest", "hint"}, …]}`.
    """
    output.begin()
    with output.stdout_kept(_wants_json(arguments) and not {"-h", "--help"} & set(arguments)):
        return _run(app, arguments)


def _run(app: Callable[..., Any], arguments: Sequence[str]) -> int:
    try:
        arguments = _debug_first(lang.settle(arguments, OTHERS_WORDS))
        if _wants_json(arguments):  # what a program reads is the same for everybody
            speak(ENGLISH)
        when_stopped(stopped())
        return _flushed(_code(app(arguments, prog_name="gpustrap", standalone_mode=False)))
    except BrokenPipeError:
        _forget_stdout()
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            return _explained(error, arguments)
        _forget_stdout()
        return _ended(
            1,
            [Fault(tr("{filename} cannot be written: no space left on device", filename=error.filename or "stdout"))],
            (),
        )
    except (KeyboardInterrupt, typer.Abort):
        return _ended(INTERRUPTED, _stopped, arguments)
    except Exception as error:
        return _ended(INTERRUPTED, _stopped, arguments) if _by_ctrl_c(error) else _explained(error, arguments)


def _debug_first(words: Sequence[str]) -> list[str]:
    """`--debug` is taken wherever a person adds it, and stands before the verb, which takes no such word."""
    own = list(takewhile(lambda word: word != "--" and word not in OTHERS_WORDS, words))
    asked = ["--debug"] if "--debug" in own else []
    return [*asked, *(word for word in own if word != "--debug"), *words[len(own) :]]


def _by_ctrl_c(error: BaseException | None) -> bool:
    """Whether Ctrl-C is what it comes from: where a module is being imported, what cleans up may fail over it."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _code(answer: object) -> int:
    """The code of a verb's `typer.Exit`."""
    if answer == INTERRUPTED:  # typer takes Ctrl-C for an exit of its own
        raise KeyboardInterrupt
    return answer if isinstance(answer, int) else 0


def _flushed(code: int) -> int:
    """What was printed goes out now, so that a closed pipe or a full disk shows here and not as Python ends."""
    sys.stdout.flush()
    return code


def _explained(error: Exception, arguments: Sequence[str]) -> int:
    if "--debug" in arguments:
        output.note(traceback.format_exc().rstrip("\n"))
    if isinstance(error, BadInput):
        return _ended(error.exit_code, error.faults, arguments)
    if isinstance(error, InstanceFailed):
        where = " | ".join(part for part in (error.role, error.operation) if part)
        return _ended(error.exit_code, [Fault(error.error, key=where or None, hint=error.hint)], arguments)
    if isinstance(error, UsageError):
        return _ended(2, [usage_fault(error, arguments)], arguments)
    if isinstance(error, OSError) and (fault := _of_a_file(error)):
        return _ended(1, [fault], arguments)
    words = f"{type(error).__name__}: {error}"
    internal = Fault(tr("gpustrap: internal error: {words}", words=words), hint=tr("`gpustrap --debug …` shows where"))
    return _ended(1, [internal], arguments)


def _of_a_file(error: OSError) -> Fault | None:
    """A file of this computer's, or the folder that one stands in; None for what is no file's error."""
    if not _has_a_folder():
        return Fault(
            tr("the folder that this was started in is not there any more"), hint=tr("change to another one, by `cd`")
        )
    return (
        Fault(tr("{filename} cannot be used: {strerror}", filename=error.filename, strerror=error.strerror))
        if error.filename and error.strerror
        else None
    )


def _has_a_folder() -> bool:
    try:
        return bool(os.getcwd())  # noqa: PTH109 (it shall not be asked by the way)
    except OSError:
        return False


def _ended(code: int, faults: Sequence[Fault], arguments: Sequence[str]) -> int:
    """Say the faults to whom it concerns, and answer `code`."""
    for fault in faults:
        output.note(fault)
    if _wants_json(arguments) and not output.json_is_printed():
        try:
            output.print_json({"error": [fault.as_json() for fault in faults]})
            sys.stdout.flush()
        except OSError:  # nobody reads it
            _forget_stdout()
    return code


def _wants_json(arguments: Sequence[str]) -> bool:
    """Whether `--json` is among the words that are gpustrap's own."""
    own = list(takewhile(lambda word: word != "--", arguments))
    verb = next((word for word in own if not word.startswith("-")), None)
    return "--json" in own and verb not in OTHERS_WORDS


def _forget_stdout() -> None:
    """Whoever read stdout has gone: Python's own flush at exit must not meet the closed pipe again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

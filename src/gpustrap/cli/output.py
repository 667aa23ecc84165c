"""What a verb writes: data on stdout, all else on stderr, no secret and nothing that a terminal obeys on either."""

from __future__ import annotations

import codecs
import json
import logging
import math
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any

from gpustrap.ui.plain import plain, shown, whole

_objects_printed = 0
_kept: int | None = None  # the real stdout, while another one stands in its place
_WRITABLE = "gpustrap-writable"
_IN_ASCII = {"…": "...", "→": "->", "×": "x", "·": "-", "–": "-", "≥": ">=", "’": "'"}


def _writable(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that a stream's encoding lacks."""
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end]
    return "".join(_IN_ASCII.get(one, "?") for one in lacking), error.end


codecs.register_error(_WRITABLE, _writable)


def say(text: object) -> None:
    """Data for a person, on stdout."""
    print(shown(text))


def note(text: object) -> None:
    """Anything that is not data, on stderr."""
    from gpustrap.ui.table import fitted

    print(fitted(shown(text)), file=sys.stderr)


def print_json(report: Mapping[str, Any]) -> None:
    """The one object that `--json` prints, in ASCII; secrets are masked in each of its texts."""
    global _objects_printed
    _objects_printed += 1
    line = json.dumps(_masked(report))
    if _kept is None:
        print(line)
    else:
        rest = f"{line}\n".encode("ascii")
        while rest:
            rest = rest[os.write(_kept, rest) :]


@contextmanager
def stdout_kept(for_json: bool) -> Iterator[None]:
    """Inside, only `print_json` reaches stdout: what a role prints, or a program that it starts, goes to stderr."""
    global _kept
    if not for_json or not _is_stream(sys.stdout, 1) or not _is_stream(sys.stderr, 2):
        yield
        return
    sys.stdout.flush()
    _kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        with suppress(OSError):
            sys.stdout.flush()
        os.dup2(_kept, 1)
        os.close(_kept)
        _kept = None


def _is_stream(stream: Any, number: int) -> bool:
    try:
        return bool(stream.fileno() == number)
    except (OSError, ValueError, AttributeError):
        return False


def json_is_printed() -> bool:
    """Whether this run has printed its object."""
    return _objects_printed > 0


def begin() -> None:
    """Make the standard streams usable whatever they are, and what other libraries write as clean as ours."""
    global _objects_printed
    _objects_printed = 0
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us; the next file opened would else take its place
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115, PTH123 (open for as long as we run)
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_WRITABLE)  # a character that it lacks is no reason to stop
    if not isinstance(sys.stderr, _Unfailing):
        sys.stderr = _Unfailing(sys.stderr)
    if logging.lastResort:
        logging.lastResort.setFormatter(Formatter())


class _Unfailing:
    """stderr, on which nothing that fails ends a run: a full disk under it, or a reader that has gone."""

    def __init__(self, stream: Any):
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def guard() -> None:
    """Let also what nobody caught, here or in another thread, be printed without secrets."""

    def tell(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        note("".join(traceback.format_exception(kind, error, trace)).rstrip("\n"))

    sys.excepthook = tell
    threading.excepthook = lambda seen: tell(seen.exc_type, seen.exc_value, seen.exc_traceback)
    sys.unraisablehook = lambda seen: (
        _ctrl_c_again()
        if issubclass(seen.exc_type, KeyboardInterrupt)
        else tell(seen.exc_type, seen.exc_value, seen.exc_traceback)
    )


def _ctrl_c_again() -> None:
    """Ctrl-C that came where Python can raise nothing (a weak reference's callback, as each import has them;
    a destructor) comes once more: a moment later, by the system's clock, for here it would be lost again.
    """
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, 0.01)


class Formatter(logging.Formatter):
    """A line of the log without secrets and escapes, its traceback too."""

    def format(self, record: logging.LogRecord) -> str:
        return shown(super().format(record))


def _masked(value: Any) -> Any:
    """`value` as JSON has it: a text that holds a secret as it is shown, and null for what is no number."""
    if isinstance(value, str):
        return shown(value) if shown(value) != plain(value) else whole(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _masked(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(_masked, value))
    return [_masked(inner) for inner in value] if isinstance(value, list | tuple) else value

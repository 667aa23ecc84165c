"""Why a service is not ready: from the words of the instance's script to a sentence. Pure."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence

from gpustrap.engine.plain import still

# What a shell ends with where there is no program to run.
SHELL_CODES = {"126": "its command cannot be executed", "127": "its command is not there"}


def read_trouble(said: Sequence[str]) -> str:
    """The sentence, from a word and its details; nothing for no word.

    One that begins with "it" has the service as its subject.
    """
    word, *details = [still(part) for part in said if part] or [""]
    if not word:
        return ""
    reader = _TROUBLES.get(word, _unknown)
    return reader(details)


def sentence(service: str, trouble: str) -> str:
    """The same as a sentence about `service`."""
    if trouble.startswith("it "):
        return f"{service} {trouble.removeprefix('it ')}"
    return trouble if trouble.startswith(("port ", "tmux ")) else f"{service} is not ready: {trouble}"


def ended_with(code: str) -> str:
    """An exit code, with what it means: 127 (its command is not there), 137 (signal SIGKILL)."""
    if (means := SHELL_CODES.get(code)) is not None:
        return f"{code} ({means})"
    if code.isdigit() and (name := _signal(int(code) - 128)):
        return f"{code} (signal {name})"
    return code or "0"


def _signal(number: int) -> str | None:
    try:
        return signal.Signals(number).name
    except ValueError:
        return None


def _crashes(details: Sequence[str]) -> str:
    times, seconds, code = [*details, "", "", ""][:3]
    return f"it ends again and again (crash loop): {times} times in {seconds} s, the last time with {ended_with(code)}"


def _young(details: Sequence[str]) -> str:
    age, needed, ends, code = [*details, "", "", "", ""][:4]
    before = f", since it ended with {ended_with(code)} before" if ends not in ("", "0") else ""
    return f"it has been running for {age} s and has to for {needed} s{before}"


def _closed(details: Sequence[str]) -> str:
    elsewhere = f", it listens on {' and '.join(details)}" if details else ""
    return f"nothing listens on its port{elsewhere}"


def _local(details: Sequence[str]) -> str:
    return f"it listens on {details[0] if details else '127.0.0.1'} only, which the provider cannot reach: bind 0.0.0.0"


def _six(_details: Sequence[str]) -> str:
    return "it listens on IPv6 only (::), which a mapped port does not reach: bind 0.0.0.0, or both"


def _unanswered(details: Sequence[str]) -> str:
    said = details[0] if details else "none"
    ways = {"slow": "does not answer within 5 s", "none": "does not answer HTTP"}
    return f"its health path {ways.get(said, f'answers {said}')}"


def _failed(details: Sequence[str]) -> str:
    return f"it has ended with {ended_with(details[0] if details else '')}"


def _taken(details: Sequence[str]) -> str:
    port, *who = details or [""]
    return f"port {port} is taken by {' '.join(who)}"


def _refused(details: Sequence[str]) -> str:
    return " ".join(details)


def _unknown(_details: Sequence[str]) -> str:
    return "it cannot be told why"


_TROUBLES: Mapping[str, Callable[[Sequence[str]], str]] = {
    "crashes": _crashes,
    "young": _young,
    "closed": _closed,
    "local": _local,
    "six": _six,
    "unanswered": _unanswered,
    "failed": _failed,
    "taken": _taken,
    "refused": _refused,
}

"""Why a service is not ready: from the words of the instance's script to a sentence. Pure."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence

from gpustrap.engine.plain import still
from gpustrap.language import mark, tr

# What a shell ends with where there is no program to run.
SHELL_CODES = {"126": mark("its command cannot be executed"), "127": mark("its command is not there")}


def read_trouble(said: Sequence[str]) -> str:
    """The sentence, from a word and its details; nothing for no word.

    One that begins with "it", in its own language, has the service as its subject.
    """
    word, *details = [still(part) for part in said if part] or [""]
    if not word:
        return ""
    reader = _TROUBLES.get(word, _unknown)
    return reader(details)


def sentence(service: str, trouble: str) -> str:
    """The same as a sentence about `service`."""
    subject = tr("it ")
    if trouble.startswith(subject):
        return f"{service} {trouble.removeprefix(subject)}"
    return (
        trouble
        if trouble.startswith((tr("port "), "tmux "))
        else tr("{service} is not ready: {trouble}", service=service, trouble=trouble)
    )


def ended_with(code: str) -> str:
    """An exit code, with what it means: 127 (its command is not there), 137 (signal SIGKILL)."""
    if (means := SHELL_CODES.get(code)) is not None:
        return f"{code} ({tr(means)})"
    if code.isdigit() and (name := _signal(int(code) - 128)):
        return tr("{code} (signal {name})", code=code, name=name)
    return code or "0"


def _signal(number: int) -> str | None:
    try:
        return signal.Signals(number).name
    except ValueError:
        return None


def _crashes(details: Sequence[str]) -> str:
    times, seconds, code = [*details, "", "", ""][:3]
    return tr(
        "it ends again and again (crash loop): {times} times in {seconds} s, the last time with {code}",
        times=times,
        seconds=seconds,
        code=ended_with(code),
    )


def _gave_up(details: Sequence[str]) -> str:
    times, code = [*details, "", ""][:2]
    return tr(
        "it was given up: it ended {times} times before it worked, the last time with {code}",
        times=times,
        code=ended_with(code),
    )


def _gone(details: Sequence[str]) -> str:
    elsewhere = tr(", it listens on {details}", details=tr(" and ").join(details)) if details else ""
    return tr("nothing listens on its port any more{elsewhere}", elsewhere=elsewhere)


def _young(details: Sequence[str]) -> str:
    age, needed, ends, code = [*details, "", "", "", ""][:4]
    before = tr(", since it ended with {code} before", code=ended_with(code)) if ends not in ("", "0") else ""
    return tr(
        "it has been running for {age} s and has to for {needed} s{before}", age=age, needed=needed, before=before
    )


def _closed(details: Sequence[str]) -> str:
    elsewhere = tr(", it listens on {details}", details=tr(" and ").join(details)) if details else ""
    return tr("nothing listens on its port{elsewhere}", elsewhere=elsewhere)


def _exits(details: Sequence[str]) -> str:
    times, code = [*details, "", ""][:2]
    return tr("it ends before it listens: {times} times, the last time with {code}", times=times, code=ended_with(code))


def _slow(details: Sequence[str]) -> str:
    return tr(
        "nothing listens on its port after {seconds} s, and it still runs: `ready_seconds` gives it longer",
        seconds=details[0] if details else "0",
    )


def _local(details: Sequence[str]) -> str:
    return tr(
        "it listens on {details} only, which the provider cannot reach: bind 0.0.0.0",
        details=details[0] if details else "127.0.0.1",
    )


def _apart(details: Sequence[str]) -> str:
    return tr(
        "it listens on {details} only, which the gateway does not ask: bind 127.0.0.1",
        details=details[0] if details else "?",
    )


def _six(_details: Sequence[str]) -> str:
    return tr("it listens on IPv6 only (::), which a mapped port does not reach: bind 0.0.0.0, or both")


def _unanswered(details: Sequence[str]) -> str:
    said = details[0] if details else "none"
    if said == "command":
        return _unchecked(details[1] if len(details) > 1 else "")
    ways = {"slow": tr("does not answer within 5 s"), "none": tr("does not answer HTTP")}
    return tr("its health path {answer}", answer=ways.get(said) or tr("answers {said}", said=said))


def _after(details: Sequence[str]) -> str:
    return tr("it has not been started: it waits until {name} is ready", name=details[0] if details else "?")


def _unchecked(code: str) -> str:
    if code == "124":  # of `timeout`
        return tr("its health command does not end in time")
    return tr("its health command ends with {code}", code=ended_with(code))


def _failed(details: Sequence[str]) -> str:
    return tr("it has ended with {code}", code=ended_with(details[0] if details else ""))


def _taken(details: Sequence[str]) -> str:
    port, *who = details or [""]
    return tr("port {port} is taken by {who}", port=port, who=" ".join(who))


def _refused(details: Sequence[str]) -> str:
    return " ".join(details)


def _unknown(_details: Sequence[str]) -> str:
    return tr("it cannot be told why")


_TROUBLES: Mapping[str, Callable[[Sequence[str]], str]] = {
    "crashes": _crashes,
    "gave-up": _gave_up,
    "gone": _gone,
    "exits": _exits,
    "slow": _slow,
    "young": _young,
    "closed": _closed,
    "after": _after,
    "local": _local,
    "six": _six,
    "apart": _apart,
    "unanswered": _unanswered,
    "failed": _failed,
    "taken": _taken,
    "refused": _refused,
}

"""What can go wrong, as values: a fault knows where it is, what it is and what to do next.

`BadInput` ends a run with exit code 2 before anything is touched; `InstanceFailed` ends one
instance with exit code 1 and leaves the others to finish.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gpustrap.language import tr

INTERRUPTED = 130  # exit code after Ctrl-C: 128 + SIGINT, as shells count


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with what a person wrote.

    Its text is `FILE:LINE: KEY: MESSAGE; nearest: 'WORD'`, each part only where it is known,
    and a second line `hint: …` where there is something to do.
    """

    message: str
    file: str | None = None
    line: int | None = None
    key: str | None = None
    nearest: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        place = [self.file, str(self.line)] if self.file and self.line else [self.file] if self.file else []
        where = ":".join(place)
        text = ": ".join(part for part in (where, self.key, self.message) if part)
        if self.nearest:
            text += tr("; nearest: '{nearest}'", nearest=self.nearest)
        return f"{text}\n{hinted(self.hint)}" if self.hint else text

    def as_json(self) -> dict[str, str | int | None]:
        """Its parts for `--json`; null for what is not known."""
        return {
            "file": self.file,
            "line": self.line,
            "key": self.key,
            "message": self.message,
            "nearest": self.nearest,
            "hint": self.hint,
        }


def stopped() -> Fault:
    """What Ctrl-C ends with."""
    return Fault(tr("stopped; the same command goes on from here"))


class BadInput(Exception):
    """Input that cannot be used. Holds every fault found; nothing has been touched. Exit code 2."""

    exit_code = 2

    def __init__(self, *faults: Fault):
        super().__init__(*faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


class InstanceFailed(Exception):
    """One instance could not be worked on. Names role and operation, the cause and what to do. Exit code 1."""

    exit_code = 1

    def __init__(self, error: str, *, role: str | None = None, operation: str | None = None, hint: str | None = None):
        super().__init__(error)
        self.error = error
        self.role = role
        self.operation = operation
        self.hint = hint

    def __str__(self) -> str:
        where = " | ".join(part for part in (self.role, self.operation) if part)
        text = f"{where}: {self.error}" if where else self.error
        return f"{text}\n{hinted(self.hint)}" if self.hint else text

    def tell_of(self, parts: Mapping[str, InstanceFailed]) -> None:
        """Tell also of the parts, such as services, that had failed before this ended the run."""
        if parts:
            told = "; ".join(f"{part}: {failure.error}" for part, failure in parts.items())
            self.error = tr("{error}. Before that had failed: {parts}", error=self.error, parts=told)


class LaptopFailed(InstanceFailed):
    """What this computer was to do for an instance could not be done: asking the instance tells nothing of that."""


def is_the_laptops(failed: BaseException | None) -> bool:
    """Whether that is what a failure comes from."""
    while failed is not None and not isinstance(failed, LaptopFailed):
        failed = failed.__cause__
    return failed is not None


class PartsBroken(AssertionError):
    """What a promise about several parts finds: part, such as a service → what is wrong with it, in a sentence.

    `logs`: the last lines that a part wrote, shown below the sentences.
    """

    def __init__(self, whys: Mapping[str, str], logs: Mapping[str, Sequence[str]] | None = None):
        self.parts = tuple(whys)
        written = [line for part in whys for line in log_lines(part, (logs or {}).get(part, ()))]
        super().__init__("\n".join(["; ".join(whys.values()), *written]))


class Strangers(PartsBroken):
    """What others do on a box: `verify` fails for it, `up`, which has not promised anything about them, says it."""


class Unlogged(Strangers):
    """That a disk takes no service's log any more: others have filled it."""


def log_lines(part: str, log: Sequence[str]) -> list[str]:
    """The end of a log as it stands below an error."""
    return [tr("the end of the log of {part}:", part=part), *(f"  {line}" for line in log)] if log else []


class NotRunning(InstanceFailed):
    """The lab target is not there, or it is stopped; only `up` makes or starts one."""

    def __init__(self, error: str, hint: str, first_step: str):
        super().__init__(error, hint=hint)
        self.first_step = first_step  # what `up` does to it first: made, started


def hinted(hint: str) -> str:
    """The line that says what to do next."""
    return tr("hint: {hint}", hint=hint)


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` most like `word`, or None when nothing is like it. Case does not count."""
    by_folded = {candidate.casefold(): candidate for candidate in words}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.5)
    return by_folded[found[0]] if found else None

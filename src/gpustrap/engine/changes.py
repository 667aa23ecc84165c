"""Several changes in one request: a script, what it reads, and which of its answers is whose. Pure.

Before each change the instance itself asks the questions that the change follows from once more. Where an answer is
not the one that the change was made from, an earlier change or somebody else has come between: nothing more is done,
and the new answers are told. So what is run is what would be run one after the other.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gpustrap.engine import batch
from gpustrap.engine.scripts import script as file_script


@dataclass(frozen=True)
class Command:
    """One command that changes something. `good`: the exit statuses with which it has done so."""

    text: str
    stdin: bytes = field(default=b"", repr=False)
    good: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Step:
    """One operation: what it asks, and what it does for the answers that are known."""

    questions: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True)
class Check:
    """The answer by which the instance says whether the steps from `first` on still follow: 0, or 1 and all answers.

    `numbers`: of the questions, in the order in which their answers come.
    """

    first: int
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Run:
    """The answer that a command of a step gives; that of the opening is -1's."""

    step: int


@dataclass(frozen=True)
class Look:
    """The answers of all checks, as `batch.parse` reads them, once everything is done."""


@dataclass(frozen=True)
class Request:
    """The script, its stdin, and what each of its answers is. `questions`: by their numbers."""

    script: str
    stdin: bytes = field(repr=False)
    answers: tuple[Check | Run | Look, ...]
    questions: tuple[str, ...]


def request(
    steps: Sequence[Step],
    known: Mapping[str, batch.Answer],
    mark: str,
    opening: Command | None = None,
    checks: Sequence[str] = (),
) -> Request:
    """All steps in one script, for the answers that are known.

    An `opening`, which reads nothing, stands before them; after it the answers are checked at once. `checks` are asked
    when all steps are done.
    """
    questions = tuple(dict.fromkeys(question for step in steps for question in step.questions))
    numbers = {question: number for number, question in enumerate(questions)}
    script, answers = [_head(questions, mark)], list[Check | Run | Look]()
    if opening is not None:
        script.append(_run(opening))
        answers.append(Run(-1))
    for first, last in _segments(steps):
        asked = _numbers(steps[first : last + 1], numbers)
        if asked and (first or opening):
            later = [one for one in _numbers(steps[last + 1 :], numbers) if one not in asked]
            script.append(_same([known[questions[one]] for one in asked], asked, later))
            answers.append(Check(first, (*asked, *later)))
        for command in steps[last].commands:
            script.append(_run(command))
            answers.append(Run(last))
    if checks:
        script.append(f"begin\n{batch.bounded(checks)}end 0\n")
        answers.append(Look())
    stdin = b"".join(
        command.stdin for step in (Step((), (opening or Command(""),)), *steps) for command in step.commands
    )
    return Request("".join(script), stdin, tuple(answers), questions)


def _segments(steps: Sequence[Step]) -> Iterator[tuple[int, int]]:
    """First and last of the steps that are checked together: those that do nothing with the next one that does."""
    first = 0
    for at, step in enumerate(steps):
        if step.commands or at == len(steps) - 1:
            yield first, at
            first = at + 1


def _numbers(steps: Sequence[Step], numbers: Mapping[str, int]) -> list[int]:
    return sorted({numbers[question] for step in steps for question in step.questions})


def _head(questions: Sequence[str], mark: str) -> str:
    tail = file_script("batch-tail")
    tell = f"tell() (\nnumbers=$* files=''\nfor i; do files=\"$files $i.out $i.err\"; done\n{tail})\n"
    return batch.head(questions) + tell + file_script("changes", mark=mark)


def _same(answers: Sequence[batch.Answer], asked: Sequence[int], later: Sequence[int]) -> str:
    lines, files = [], []
    for number, answer in zip(asked, answers, strict=True):
        parts = {"rc": f"{answer.status}\n".encode(), "out": answer.stdout, "err": answer.stderr}
        for kind, data in parts.items():
            files.append(f"{number}.{kind}")
            lines.append(f"{hashlib.sha256(data).hexdigest()}  {number}.{kind}\n")
    total = hashlib.sha256("".join(lines).encode()).hexdigest()
    return shlex.join(["same", total, " ".join(files), " ".join(map(str, asked)), " ".join(map(str, later))]) + "\n"


def _run(command: Command) -> str:
    good = " ".join(map(str, command.good))
    return shlex.join(["run", str(len(command.stdin)), good, batch.unwrapped(command.text)]) + "\n"

"""The box is this machine's own sh: the script runs, and its two outputs are taken apart by their marks."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from gpustrap.engine import batch
from gpustrap.engine.changes import Check, Command, Request, Run, Step, request
from gpustrap.engine.frames import Frames

MARK = "gpustrap-0123456789abcdef"


def answer(out: str, status: int = 0, err: str = "") -> batch.Answer:
    return batch.Answer(status, out.encode(), err.encode())


def made(steps: list[Step], known: dict[str, str], opening: Command | None = None) -> Request:
    answers = {question: answer(out) for question, out in known.items()}
    return request(steps, answers, MARK, opening)


def run(asked: Request, folder: Path, shell: str = "sh") -> list[tuple[int, str, str]]:
    """Exit status and both outputs of each answer that ended."""
    done = subprocess.run([shell, "-c", asked.script], input=asked.stdin, capture_output=True, cwd=folder)
    sides = zip(_side(done.stdout), _side(done.stderr), strict=True)
    return [(status, out, err) for (status, out), (_, err) in sides]


def _side(data: bytes) -> list[tuple[int, str]]:
    said: dict[int, bytes] = {}
    ended: list[tuple[int, str]] = []

    def inside(at: int, piece: bytes) -> None:
        said[at] = said.get(at, b"") + piece

    Frames(MARK, 10**6, inside, lambda at, status: ended.append((status, said.get(at, b"").decode()))).feed(data)
    return ended


@pytest.fixture(params=["sh", "bash"])
def shell(request: Any) -> str:
    return str(request.param)


def writes(text: str, name: str) -> Command:
    return Command(f"printf %s {text} >{name}; echo wrote {name}")


def test_changes_run_in_order_each_with_its_outputs_and_status(tmp_path, shell) -> None:
    steps = [
        Step((), (writes("1", "a"),)),
        Step((), (Command("echo out; echo err >&2; exit 3", good=(0, 3)), Command("cat a"))),
    ]
    asked = made(steps, {})
    assert asked.answers == (Run(0), Run(1), Run(1))
    assert run(asked, tmp_path, shell) == [(0, "wrote a\n", ""), (3, "out\n", "err\n"), (0, "1", "")]


def test_what_goes_to_stdin_may_be_a_secret_and_is_shown_nowhere() -> None:
    from gpustrap.engine.changes import Command, Step, request

    command = Command("cat", b"s3cret")
    assert "s3cret" not in f"{command} {request([Step((), (command,))], {}, 'mark')}"


def test_the_first_failure_ends_all(tmp_path, shell) -> None:
    steps = [Step((), (writes("1", "a"),)), Step((), (Command("echo no >&2; exit 4"),)), Step((), (writes("1", "b"),))]
    assert run(made(steps, {}), tmp_path, shell) == [(0, "wrote a\n", ""), (4, "", "no\n")]
    assert not (tmp_path / "b").exists()


def test_each_command_gets_its_own_part_of_what_is_sent_whatever_it_reads(tmp_path, shell) -> None:
    part = Command("read -r line; echo $line", b"two\n" * 50_000 + b"end")
    commands = [Command("cat", b"one\n" * 9), Command("true", b"x" * 200_000), part, Command("cat", b"three")]
    said = run(made([Step((), (*commands, Command("cat")))], {}), tmp_path, shell)
    assert [out for _, out, _ in said] == ["one\n" * 9, "", "two\n", "three", ""]


LOOKS = "cat a 2>/dev/null || echo none"


def test_a_change_is_run_where_its_questions_are_answered_as_they_were(tmp_path, shell) -> None:
    (tmp_path / "a").write_text("old\n")
    asked = made([Step((), (writes("1", "b"),)), Step((LOOKS,), (writes("new", "a"),))], {LOOKS: "old\n"})
    assert asked.answers == (Run(0), Check(1, (0,)), Run(1))
    assert [status for status, *_ in run(asked, tmp_path, shell)] == [0, 0, 0]
    assert (tmp_path / "a").read_text() == "new"


def test_all_questions_of_a_change_are_asked_at_once(tmp_path, shell) -> None:
    steps = [Step((), (writes("1", "b"),)), Step((LOOKS, "echo two", "echo three"), (writes("new", "a"),))]
    asked = made(steps, {LOOKS: "none\n", "echo two": "two\n", "echo three": "three\n"})
    assert asked.answers == (Run(0), Check(1, (0, 1, 2)), Run(1))
    assert [status for status, *_ in run(asked, tmp_path, shell)] == [0, 0, 0]


def test_a_change_has_the_environment_that_was_there(tmp_path, shell) -> None:
    steps = [Step((), (writes("1", "b"),)), Step((LOOKS,), (Command("env | grep -c ^gpustrap_ >a; true"),))]
    run(made(steps, {LOOKS: "none\n"}), tmp_path, shell)
    assert (tmp_path / "a").read_text() == "0\n"


def test_a_change_whose_answers_an_earlier_one_has_changed_is_not_run_and_all_answers_are_told(tmp_path, shell) -> None:
    other = "echo other; echo err >&2; exit 5"
    steps = [
        Step((LOOKS,), (writes("first", "a"),)),
        Step((LOOKS,), (writes("2", "b"),)),
        Step((other,)),
        Step((LOOKS, "echo third")),
    ]
    asked = made(steps, {LOOKS: "none\n", other: "", "echo third": ""})
    said = run(asked, tmp_path, shell)
    assert [status for status, *_ in said] == [0, 1]
    check = asked.answers[1]
    assert isinstance(check, Check) and (check.first, check.numbers) == (1, (0, 1, 2))
    told = batch.parse(said[1][1].encode(), 3, check.numbers)
    assert told == [answer("first"), answer("other\n", 5, "err\n"), answer("third\n")]
    assert not (tmp_path / "b").exists()


def test_what_the_next_one_reads_is_not_asked_before_it(tmp_path, shell) -> None:
    steps = [
        Step((LOOKS,), (writes("first", "a"),)),
        Step(("echo other",), (writes("1", "b"),)),
        Step((LOOKS,), (writes("1", "c"),)),
    ]
    said = run(made(steps, {LOOKS: "none\n", "echo other": "other\n"}), tmp_path, shell)
    assert [status for status, *_ in said] == [0, 0, 0, 1]
    assert [(tmp_path / name).exists() for name in "bc"] == [True, False]


@pytest.mark.parametrize(("known", "ran"), [("none\n", True), ("", False), ("none", False), ("none\nnone\n", False)])
def test_after_an_opening_the_first_one_is_checked_too(known, ran, tmp_path, shell) -> None:
    steps = [Step((LOOKS,)), Step((), (writes("1", "b"),))]
    asked = made(steps, {LOOKS: known}, Command("printf opened"))
    assert asked.answers == (Run(-1), Check(0, (0,)), Run(1))
    said = run(asked, tmp_path, shell)
    assert said[0] == (0, "opened", "") and said[1][0] == (0 if ran else 1)
    assert (tmp_path / "b").exists() is ran


def test_where_the_opening_fails_nothing_is_run(tmp_path, shell) -> None:
    asked = made([Step((), (writes("1", "b"),))], {}, Command("echo held; exit 75"))
    assert run(asked, tmp_path, shell) == [(75, "held\n", "")]
    assert not (tmp_path / "b").exists()


def test_steps_that_do_nothing_are_checked_with_the_next_one_that_does(tmp_path) -> None:
    steps = [
        Step(("a",)),
        Step(("b",), (Command("c"),)),
        Step(("a",)),
        Step(("b",)),
        Step(("d",), (Command("e"),)),
        Step(("f",)),
    ]
    asked = made(steps, dict.fromkeys("abdf", ""))
    assert asked.answers == (Run(1), Check(2, (0, 1, 2, 3)), Run(4), Check(5, (3,)))


def test_nothing_is_begun_once_nobody_listens(tmp_path, shell) -> None:
    steps = [Step((), (Command("sleep 0.3; echo 1 >a"),)), Step((), (Command("echo 1 >b"),))]
    started = subprocess.Popen(
        [shell, "-c", made(steps, {}).script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    assert started.stdin and started.stdout and started.stderr
    for end in (started.stdin, started.stdout, started.stderr):
        end.close()
    started.wait(10)
    assert not (tmp_path / "b").exists()


def test_nothing_is_left_behind(tmp_path, shell, monkeypatch) -> None:
    places = tmp_path / "tmp"
    places.mkdir()
    monkeypatch.setenv("TMPDIR", str(places))
    run(made([Step((), (writes("1", "a"),)), Step((LOOKS,), (writes("2", "a"),))], {LOOKS: "other"}), tmp_path, shell)
    assert list(places.iterdir()) == []

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.engine.batch import Answer, BadFrame, parse, script

# 124 and 137 are what `timeout` exits with.
STATUSES = st.integers(0, 255).filter(lambda status: status not in (124, 137))
ANSWERS = st.lists(st.builds(Answer, STATUSES, st.binary(max_size=60), st.binary(max_size=60)), max_size=5)


def framed(answers: Sequence[Answer]) -> bytes:
    return b"".join(
        f"{number} {answer.status} {len(answer.stdout)} {len(answer.stderr)}\n".encode() + answer.stdout + answer.stderr
        for number, answer in enumerate(answers)
    )


@given(ANSWERS)
def test_any_bytes_come_back_as_they_were_sent(answers: list[Answer]) -> None:
    assert parse(framed(answers), len(answers)) == answers


@given(ANSWERS.filter(bool), st.data())
def test_an_answer_cut_anywhere_is_refused(answers: list[Answer], data: st.DataObject) -> None:
    whole = framed(answers)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(BadFrame):
        parse(whole[:cut], len(answers))


@given(st.binary(max_size=80), st.integers(1, 3))
def test_other_bytes_are_refused_or_are_frames(output: bytes, count: int) -> None:
    try:
        answers = parse(output, count)
    except BadFrame:
        return
    assert len(answers) == count


@pytest.mark.parametrize(
    ("output", "count", "error"),
    [
        (b"", 1, "answer 0: no frame in b''"),
        (b"Welcome!\n0 0 0 0\n", 1, "answer 0: no frame in b'Welcome!'"),
        (b"0  0 0\n", 1, "answer 0: no frame in b'0  0 0'"),
        (b"0 0 -1 0\n", 1, "answer 0: no frame in b'0 0 -1 0'"),
        (b"0 0 1_0 0\n", 1, "answer 0: no frame in b'0 0 1_0 0'"),
        (b"1 0 0 0\n", 1, "answer 0: cut short"),
        (b"0 0 2 0\nx", 1, "answer 0: cut short"),
        (b"0 0 0 0", 1, "answer 0: cut short"),
        (b"0 0 0 0\n", 2, "answer 1: no frame in b''"),
        (b"0 0 1 0\nxy", 1, "1 bytes after the last answer"),
    ],
)
def test_a_frame_that_is_not_ours_is_named(output: bytes, count: int, error: str) -> None:
    with pytest.raises(BadFrame) as refused:
        parse(output, count)
    assert str(refused.value) == error


@pytest.mark.parametrize("status", [124, 137])
def test_a_command_that_hit_the_time_limit_has_no_answer(status: int) -> None:
    assert parse(f"0 {status} 4 0\npart".encode(), 1) == [None]


@pytest.fixture(params=["dash", "bash"])
def sh(request: pytest.FixtureRequest) -> list[str]:
    """A shell as sshd starts it for `sh -s`: bash under that name is in POSIX mode."""
    program = shutil.which(request.param)
    if program is None:
        pytest.skip(f"no {request.param} here")
    return [program, "--posix", "-s"] if request.param == "bash" else [program, "-s"]


def ask(sh: list[str], commands: Sequence[str], seconds: float = 20) -> list[Answer | None]:
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(sh, input=script(commands, seconds).encode(), capture_output=True, env=environment)
    return parse(done.stdout, len(commands))


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("true", Answer(0, b"", b"")),
        ("echo out; echo err >&2; exit 3", Answer(3, b"out\n", b"err\n")),
        ("printf 'no newline'", Answer(0, b"no newline", b"")),
        (r"printf '\000\377\n\n0 0 0 0\n'", Answer(0, b"\0\xff\n\n0 0 0 0\n", b"")),
        ("cat; echo end of input", Answer(0, b"end of input\n", b"")),
        ("echo 'it'\"'\"'s' \"$(echo quoted)\" # comment", Answer(0, b"it's quoted\n", b"")),
        ("echo LIMIT COUNT SECONDS", Answer(0, b"LIMIT COUNT SECONDS\n", b"")),
        ("set -e\nfalse\necho not reached", Answer(1, b"", b"")),
        ("kill -9 $$", None),
    ],
)
def test_a_shell_answers_each_command_whatever_it_does(sh: list[str], command: str, answer: Answer | None) -> None:
    before, asked, after = ask(sh, ["echo before", command, "echo after"])
    assert (before, asked, after) == (Answer(0, b"before\n", b""), answer, Answer(0, b"after\n", b""))


def test_commands_run_at_the_same_time(sh: list[str], tmp_path) -> None:
    """Each waits for the other's file; one after another they would hit the limit."""
    one, two = tmp_path / "one", tmp_path / "two"
    meet = "touch {0}; until [ -e {1} ]; do :; done; echo met"
    answers = ask(sh, [meet.format(one, two), meet.format(two, one)], seconds=10)
    assert answers == [Answer(0, b"met\n", b"")] * 2


def test_a_command_that_hangs_is_ended_and_left_out(sh: list[str]) -> None:
    assert ask(sh, ["echo part; sleep 600", "echo quick"], seconds=0.2) == [None, Answer(0, b"quick\n", b"")]


def test_what_a_command_leaves_behind_cannot_break_the_frames(sh: list[str]) -> None:
    flood = "(i=0; while [ $i -lt 30000 ]; do echo more; i=$((i+1)); done) & echo first; exit 0"
    commands = [flood, "echo second"]
    flooding, second = ask(sh, commands)
    assert second == Answer(0, b"second\n", b"")
    assert flooding is not None and flooding.status == 0


def test_nothing_stays_in_tmp(sh: list[str], tmp_path) -> None:
    done = subprocess.run(
        sh,
        input=script(["echo x"]).encode(),
        capture_output=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert (parse(done.stdout, 1), list(tmp_path.iterdir())) == ([Answer(0, b"x\n", b"")], [])


def test_a_full_disk_is_a_bad_frame_not_a_wrong_answer(sh: list[str]) -> None:
    done = subprocess.run(
        sh,
        input=script(["echo x"]).encode(),
        capture_output=True,
        env={**os.environ, "TMPDIR": "/nonexistent"},
    )
    with pytest.raises(BadFrame):
        parse(done.stdout, 1)

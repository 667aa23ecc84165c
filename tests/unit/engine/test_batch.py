from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.awaiting import awaited

from gpustrap.engine.batch import Answer, BadFrame, not_written, parse, script

# 124 and 137 are what `timeout` exits with.
STATUSES = st.integers(0, 255).filter(lambda status: status not in (124, 137))
ANSWERS = st.lists(st.builds(Answer, STATUSES, st.binary(max_size=60), st.binary(max_size=60)), min_size=1, max_size=5)


def framed(answers: Sequence[Answer]) -> bytes:
    outputs = [
        (f"{i}.{kind}", data)
        for i, answer in enumerate(answers)
        for kind, data in (("out", answer.stdout), ("err", answer.stderr))
    ]
    sizes = "".join(f"{len(data)} {name}\n" for name, data in outputs) + f"{sum(len(d) for _, d in outputs)} total\n"
    statuses = "".join(f"{answer.status}\n" for answer in answers)
    return (sizes + statuses).encode() + b"".join(data for _, data in outputs)


@given(ANSWERS)
def test_any_bytes_come_back_as_they_were_sent(answers: list[Answer]) -> None:
    assert parse(framed(answers), len(answers)) == answers


@given(ANSWERS, st.data())
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
        (b"", 1, "no size of 0.out in b''"),
        (b"Welcome!\n0 0.out\n", 1, "no size of 0.out in b'Welcome!'"),
        (b"0 0.out\n0 0.err\n0 \xd7\xdc\n", 1, "no size of total in b'0 \\xd7\\xdc'"),
        (b"-1 0.out\n", 1, "no size of 0.out in b'-1 0.out'"),
        (b"1_0 0.out\n", 1, "no size of 0.out in b'1_0 0.out'"),
        (b"0 1.out\n", 1, "no size of 0.out in b'0 1.out'"),
        (b" 0 0.out\n 0 0.err\n", 1, "no size of total in b''"),
        (b"0 0.out\n0 0.err\n0 total\n", 1, "no exit status of 0 in b''"),
        (b"0 0.out\n0 0.err\n0 total\n-1\n", 1, "no exit status of 0 in b'-1'"),
        (b"0 0.out\n0 0.err\n0 total", 1, "no size of total in b'0 total'"),
        (b"0 0.out\n0 0.err\n0 total\n0", 1, "no exit status of 0 in b'0'"),
        (b"0 0.out\n2 0.err\n2 total\n0\nx", 1, "1 bytes of output, 2 were counted"),
        (b"0 0.out\n1 0.err\n1 total\n0\nxy", 1, "2 bytes of output, 1 were counted"),
    ],
)
def test_a_frame_that_is_not_ours_is_named(output: bytes, count: int, error: str) -> None:
    with pytest.raises(BadFrame) as refused:
        parse(output, count)
    assert str(refused.value) == error


@pytest.mark.parametrize("status", [124, 137])
def test_a_command_that_hit_the_time_limit_has_no_answer(status: int) -> None:
    assert parse(framed([Answer(status, b"part", b"")]), 1) == [None]


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


def test_one_that_heeds_no_signal_is_ended_too(sh: list[str], tmp_path) -> None:
    deaf = f"trap '' TERM; echo $$ >{tmp_path}/deaf; while :; do sleep 0.1; done"
    assert ask(sh, ["echo quick", deaf], seconds=1) == [Answer(0, b"quick\n", b""), None]
    pid = (tmp_path / "deaf").read_text().strip()
    awaited(lambda: not Path("/proc", pid).exists(), why=f"process {pid} did not end")


def test_a_command_has_the_environment_that_was_there(sh: list[str]) -> None:
    here = "env | grep -c ^gpustrap_ || true; echo ${question-none} ${folder-none}"
    assert ask(sh, [here, here]) == [Answer(0, b"0\nnone none\n", b"")] * 2


def test_each_command_has_a_shell_of_its_own(sh: list[str]) -> None:
    """Its number too, by which files are named; its options, traps, functions, parameters and errors are no other's."""
    one, two = ask(sh, ["echo $$", "echo $$"])
    assert one != two
    commands = ["set -e; trap 'echo ended' EXIT; f() { false; }; set -- a b; cd /; f; echo on", "if", "exit 7",
                "echo $# ${1-none}; command -v f ask; pwd", "return 4", "exec echo it"]  # fmt: skip
    set_e, cut, left, plain, returned, replaced = ask(sh, commands)
    assert set_e == Answer(1, b"ended\n", b"")
    assert cut.status == 2 and cut.stderr and left == Answer(7, b"", b"")
    assert plain.stdout.startswith(b"0 none\n/") and plain.stdout.count(b"\n") == 2
    assert (returned.status, returned.stdout, replaced) == (4, b"", Answer(0, b"it\n", b""))


def test_a_command_that_asks_is_told_that_timeout_works(sh: list[str]) -> None:
    """`limited` asks: it need not try, which costs two processes in each run."""
    assert ask(sh, ["echo ${gpustrap_timed-no}", "env | grep -c ^gpustrap_; :"])[0] == Answer(0, b"yes\n", b"")


def test_what_a_command_leaves_behind_is_refused_or_harmless(sh: list[str]) -> None:
    flood = "(i=0; while [ $i -lt 30000 ]; do echo more; i=$((i+1)); done) & echo first; exit 0"
    commands = [flood, "echo second"]
    try:
        flooding, second = ask(sh, commands)
    except BadFrame:
        return
    assert second == Answer(0, b"second\n", b"")
    assert flooding is not None and flooding.status == 0


@pytest.mark.parametrize("plain", ["echo it's", "true", "printf '%s\\n' \"a b\" 'c'\"'\"'d'", ""])
def test_a_command_in_pyinfras_form_is_run_by_one_shell(sh: list[str], plain: str) -> None:
    wrapped = f"sh -c {shlex.quote(plain)}"
    assert wrapped not in script([wrapped])
    assert ask(sh, [wrapped]) == ask(sh, [plain])


TURKISH = """#!/bin/sh
[ "$LC_ALL" = C ] || { /usr/bin/wc "$@" | sed 's/total/toplam/'; exit; }
exec /usr/bin/wc "$@"
"""


def test_a_box_that_speaks_another_language_is_understood(sh: list[str], tmp_path) -> None:
    (tmp_path / "wc").write_text(TURKISH)
    (tmp_path / "wc").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "LC_ALL": "tr_TR.UTF-8"}
    done = subprocess.run(sh, input=script(["echo $LC_ALL"]).encode(), capture_output=True, env=environment)
    assert parse(done.stdout, 1) == [Answer(0, b"tr_TR.UTF-8\n", b"")]  # which the commands themselves are asked in


def test_nothing_stays_in_tmp(sh: list[str], tmp_path) -> None:
    done = subprocess.run(
        sh,
        input=script(["echo x"]).encode(),
        capture_output=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert (parse(done.stdout, 1), list(tmp_path.iterdir())) == ([Answer(0, b"x\n", b"")], [])


@pytest.mark.parametrize("end", [signal.SIGHUP, signal.SIGTERM], ids=["the link is gone", "it is ended"])
def test_nothing_stays_in_tmp_where_it_is_ended_before_its_answer(sh: list[str], tmp_path, end: int) -> None:
    with subprocess.Popen(sh, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)},
                          start_new_session=True) as asked:  # fmt: skip
        assert asked.stdin is not None
        asked.stdin.write(script([f"touch {tmp_path}/begun; exec sleep 30"]).encode())
        asked.stdin.close()
        while not (tmp_path / "begun").exists():
            time.sleep(0.02)
        os.killpg(asked.pid, end)
        assert asked.wait(10) != 0
    assert list(tmp_path.iterdir()) == [tmp_path / "begun"]


def test_nothing_stays_in_tmp_where_nobody_reads_its_answer(sh: list[str], tmp_path) -> None:
    """As where changes have to be made: the checks behind the facts are given up, and may hold a password."""
    with subprocess.Popen(sh, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)},
                          start_new_session=True) as asked:  # fmt: skip
        assert asked.stdin is not None and asked.stdout is not None
        gate = f"until [ -e {tmp_path}/gate ]; do sleep 0.02; done"
        asked.stdin.write(script([f"{gate}; echo canary", "head -c 200000 /dev/zero"]).encode())
        asked.stdin.close()
        asked.stdout.close()
        (tmp_path / "gate").touch()
        assert asked.wait(10) != 0
    assert list(tmp_path.iterdir()) == [tmp_path / "gate"]


def test_a_tmpdir_that_is_not_there_is_done_without(sh: list[str]) -> None:
    done = subprocess.run(
        sh,
        input=script(["echo x"]).encode(),
        capture_output=True,
        env={**os.environ, "TMPDIR": "/nonexistent"},
    )
    assert parse(done.stdout, 1) == [Answer(0, b"x\n", b"")]


FULL = """#!/bin/sh
folder=${2%.*}.one
mkdir "$folder" && echo "$folder"
case $folder in "$TMPDIR"/*) ln -s /dev/full "$folder/room";; esac
"""


def test_a_full_tmp_is_passed_over(sh: list[str], tmp_path) -> None:
    """A tmpfs without room takes a folder, and cuts what is written into it."""
    (tmp_path / "mktemp").write_text(FULL)
    (tmp_path / "mktemp").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}
    done = subprocess.run(sh, input=script(["echo x"]).encode(), capture_output=True, env=environment)
    assert parse(done.stdout, 1) == [Answer(0, b"x\n", b"")]
    assert not list(tmp_path.glob("gpustrap*"))


def test_a_tmp_that_is_full_at_the_end_gives_no_cut_answer(sh: list[str], tmp_path) -> None:
    fills = 'for room in "$TMPDIR"/gpustrap.*/room; do ln -sf /dev/full "$room"; done'
    done = subprocess.run(sh, input=script(["echo x", fills]).encode(), capture_output=True,
                          env={**os.environ, "TMPDIR": str(tmp_path)})  # fmt: skip
    assert b"no room for the answers" in done.stderr
    with pytest.raises(BadFrame):
        parse(done.stdout, 2)


def test_a_full_disk_is_a_bad_frame_not_a_wrong_answer(sh: list[str], tmp_path) -> None:
    (tmp_path / "mktemp").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "mktemp").chmod(0o755)
    done = subprocess.run(
        sh,
        input=script(["echo x"]).encode(),
        capture_output=True,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert b"no folder of this instance can be written" in done.stderr
    with pytest.raises(BadFrame):
        parse(done.stdout, 1)


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("sh -c 'echo a'", "'echo a'"), ("sh -c true", "true"), ("""sh -c 'echo '"'"'a'"'"''""", """'echo '"'"'a'"'"''"""),
        ("sh -c 'a' 'b'", """'sh -c '"'"'a'"'"' '"'"'b'"'"''"""), ("sh -c a b", "'sh -c a b'"), ("echo a", "'echo a'"),
        ("sudo sh -c 'a b'", """'sudo sh -c '"'"'a b'"'"''"""), ("sh -c 'x", """'sh -c '"'"'x'"""),
        ("'a b'", """''"'"'a b'"'"''"""),
    ],
)  # fmt: skip
def test_what_pyinfra_wraps_in_a_shell_is_asked_without_that_one(command: str, asked: str) -> None:
    from gpustrap.engine.batch import script

    assert f"gpustrap_q0={asked}\n" in script([command])


def test_of_a_line_that_is_not_ours_the_beginning_is_told() -> None:
    from gpustrap.engine.batch import BadFrame, parse

    with pytest.raises(BadFrame) as bad:
        parse(b"x" * 500, 1)
    assert str(bad.value) == f"no size of 0.out in {b'x' * 80!r}"
    with pytest.raises(BadFrame) as bad:
        parse(b"0 0.out\n0 0.err\n0 total\n" + b"y" * 500, 1)
    assert str(bad.value) == f"no exit status of 0 in {b'y' * 80!r}"


def test_sizes_and_statuses_come_in_one_piece() -> None:
    """Each piece of their own may be a packet of its own."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)  # what is written at once is read at once
    with here, there:
        subprocess.run(["sh", "-s"], input=script(["echo a", "echo b >&2; exit 3"]).encode(), stdout=there, check=True)
        there.close()
        assert [here.recv(9999) for _ in range(4)] == [
            b"2 0.out\n0 0.err\n0 1.out\n2 1.err\n4 total\n0\n3\n",
            b"a\n",
            b"b\n",
            b"",
        ]


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        (b"rm: one\nmv: \x1b[31mno\x1b[0m\troom\n \t \n", ["mv: no    room"]),
        (b"caf\xe9", ["caf\ufffd"]),
        (b"\n \n", []),
    ],
)
def test_why_a_file_was_not_written_is_the_last_word_of_the_box(stderr: bytes, said: list[str]) -> None:
    ended = "/f was not written: what wrote it ended with 1"
    assert not_written("/f", Answer(1, b"out", stderr)) == [*said, ended]

"""The screens as a person sees them: the real program, in a terminal of 80 and of 40 columns, and where there is none."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest
from rich.cells import cell_len

GPUSTRAP = (sys.executable, "-m", "gpustrap")


@pytest.fixture
def environment(tmp_path):
    return {**os.environ, "TERM": "xterm", "GPUSTRAP_HOME": str(tmp_path / "home"), "PYTHONUTF8": "1"}


def on_terminal(words, columns, cwd, environment):
    """The exit code and all that was written, at a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {key: value for key, value in environment.items() if key not in ("COLUMNS", "LINES")}
    done = subprocess.Popen([*GPUSTRAP, *words], cwd=cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = b""
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError as error:
            assert error.errno == errno.EIO
            break
        if not data:
            break
        written += data
    os.close(ours)
    return done.wait(timeout=60), written.decode().replace("\r\n", "\n")


def in_pipe(words, cwd, environment, **streams):
    done = subprocess.run([*GPUSTRAP, *words], cwd=cwd, env=environment, capture_output=True, timeout=60, **streams)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize(
    "words",
    [
        ["gpus"],
        ["gpus", "RTX 4090", "--fits", "7B fp16 inference"],
        ["torch", "explain", "--gpu", "4090", "--driver", "570.124.06"],
        ["lab", "flavours"],
    ],
)
def test_a_screen_has_no_line_too_long_and_no_word_broken(tmp_path, environment, columns, words):
    code, wide, _ = in_pipe(words, tmp_path, environment)
    at_terminal, narrow = on_terminal(words, columns, tmp_path, environment)
    assert code == at_terminal == 0
    assert max(map(cell_len, narrow.splitlines())) <= columns
    short = {word for word in wide.split() if word.isascii() and len(word) <= columns // 2 and len(word) <= 24}
    assert short - {"card"} <= set(narrow.split())  # the head of the first column is not told in a list


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize(
    "words", [["gpus", "RTX 4090", "--fits", "7B fp16 inference"], ["torch", "explain", "--gpu", "4090"]]
)
def test_a_chinese_screen_has_no_line_too_long(tmp_path, environment, columns, words):
    """A Chinese character takes two columns."""
    _, shown = on_terminal(["--lang", "zh_CN", *words], columns, tmp_path, environment)
    assert re.search("[一-龥]{2}", shown)
    assert max(map(cell_len, shown.splitlines())) <= columns


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["up", "demo"], 2, "no inventory/hosts.yml here or above"),
        (["status"], 2, "no inventory/hosts.yml here or above"),
        (["upp"], 2, "No such command 'upp'. Did you mean 'up'?"),
        (["init", "--ssh", "ssh root@ssh.runpod.io"], 2, "gives only a terminal"),
        (["--version"], 0, "gpustrap "),
    ],
)
def test_each_way_out_has_its_code_and_its_sentence(tmp_path, environment, columns, words, code, said):
    (tmp_path / "other").touch()
    ended, shown = on_terminal(words, columns, tmp_path, {**environment, "NO_COLOR": "1", "LC_ALL": "C"})
    assert ended == code and said in " ".join(shown.split()) and "Traceback" not in shown
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", shown)


def test_without_anybody_to_ask_gpustrap_alone_is_the_help(tmp_path, environment):
    code, out, err = in_pipe([], tmp_path, environment, stdin=subprocess.DEVNULL)
    assert (code, out) == (2, "") and err.startswith("Usage: gpustrap") and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["gpus"], ["init"], ["up", "x"]])
def test_closed_streams_are_no_reason_to_crash(tmp_path, environment, words):
    shell = f"{sys.executable} -m gpustrap {' '.join(words)} <&-"
    done = subprocess.run(
        ["sh", "-c", shell], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == (2 if words[0] == "up" else 0) and "Traceback" not in done.stderr


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path, environment):
    shell = f"{sys.executable} -m gpustrap gpus --json | true"
    done = subprocess.run(
        ["sh", "-c", shell], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""


def test_a_terminal_without_unicode_gets_ascii(tmp_path, environment):
    ascii_only = {**environment, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    code, out, _ = in_pipe(["torch", "explain", "--gpu", "4090"], tmp_path, ascii_only)
    assert code == 0 and out.isascii() and "glibc >= 2.28" in out

"""What is written arrives whole on any terminal, in any locale, with streams closed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from gpustrap.cli import output
from gpustrap.inventory.masking import remember

GPUSTRAP = f"{sys.executable} -m gpustrap"


def test_json_is_one_object_of_texts_without_secrets(capsys):
    remember("canary-6")
    output.print_json(
        {
            "canary-6 as a name": ["canary-6", "can\x1b[0mary-6", "\x1b[31m", "half \ud800", {"deep": "x canary-6"}],
            "n": (1, None, True, float("inf")),
            "set": frozenset("ba"),
        }
    )
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert json.loads(out) == {
        "canary-6 as a name": ["***", "***", "\x1b[31m", "half \ufffd", {"deep": "x ***"}],
        "n": [1, None, True, None],
        "set": ["a", "b"],
    }


UNCAUGHT = {
    "here": "raise ValueError('canary-12')",
    "in a thread": "t = threading.Thread(target=int, args=['canary-12']); t.start(); t.join()",
    "where nobody can raise": "C = type('C', (), {'__del__': lambda _: int('canary-12')}); C()",
}


@pytest.mark.parametrize("code", UNCAUGHT.values(), ids=UNCAUGHT)
def test_what_nobody_caught_is_masked_too(code):
    start = "import threading; from gpustrap.cli import output; from gpustrap.inventory.masking import remember"
    script = f"{start}\noutput.guard()\nremember('canary-12')\n{code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "Error: " in done.stderr
    assert "canary" not in done.stderr.replace(code, "")


def run(words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """By a shell, so that the streams can be closed."""
    return subprocess.run(
        ["sh", "-c", f"{GPUSTRAP} {words}"],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
        errors="replace",
    )


ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("plan trainr --json", 2),
        ("schema", 0),
        ("up 'ssh root@恒源云'  --roles nope", 2),
    ],
)
@pytest.mark.parametrize(
    "environment",
    [ASCII, {"LANG": "C"}, {"PYTHONIOENCODING": "ascii"}, {"NO_COLOR": "1"}, {"COLUMNS": "40"}, {"TERM": "dumb"}],
)
def test_every_locale_and_terminal_is_written_to(words, code, environment):
    done = run(words, **environment)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr and "internal error" not in done.stderr


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", ["plan trainr --json", "ssh trainr", "schema"])
def test_closed_streams_change_no_exit_code(words, closed):
    done = run(f"{words} {closed}")
    assert done.returncode == (0 if words == "schema" else 2), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("project")
def test_what_a_locale_cannot_write_is_replaced():
    said = run("plan trainer --roles 恒源云", **ASCII)
    assert said.returncode == 2
    assert said.stderr.startswith("--roles: no role '")


@pytest.mark.usefixtures("project")
def test_a_full_disk_is_a_sentence():
    done = run("schema >/dev/full")
    assert (done.returncode, done.stderr) == (1, "stdout cannot be written: no space left on device\n")


@pytest.mark.parametrize("ends", ["", "; raise ValueError('no')", "; raise KeyboardInterrupt"])
def test_with_json_what_other_code_prints_goes_to_stderr(ends):
    """Also what it writes past Python, as the programs do that it starts."""
    app = "print('noise one'); os.write(1, b'noise two\\n'); os.system('echo noise three')"
    printed = "" if ends else "; output.print_json({'it': 'ours'})"
    script = (
        "import os, sys\nfrom gpustrap.cli import output\nfrom gpustrap.cli.exit import run\n"
        f"def app(*_, **__):\n    {app}{printed}{ends}\n"
        "code = run(app, ['up', '--json'])\nprint('after')\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    ours, after = done.stdout.splitlines()
    assert (list(json.loads(ours)), after) == (["error"] if ends else ["it"], "after")
    assert all(f"noise {number}" in done.stderr for number in ("one", "two", "three"))


@pytest.mark.parametrize("words", ["up --help --json", "torch explain --gpu 4090 --json", "catalog mirrors --json >&-"])
def test_with_json_stdout_is_still_where_it_was(words):
    done = run(words)
    assert "Traceback" not in done.stderr
    assert done.stdout or ">&-" in words


# Ctrl-C comes while Python ends an object, where nothing can be raised; then a wait, as for a network.
LOST = """
import os, signal, threading
from gpustrap.cli import exit, output
output.guard()

class Ended:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000): pass

def verb(*_, **__):
    Ended()
    threading.Event().wait(30)

raise SystemExit(exit.run(verb, []))
"""


def test_ctrl_c_is_not_lost_where_nothing_can_be_raised():
    done = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (130, "stopped; the same command goes on from here\n")

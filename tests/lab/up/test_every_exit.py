"""Each way out of the verbs that look at an instance: its code and its sentence, wherever gpustrap is run from."""

from __future__ import annotations

import shlex
import subprocess

import pytest

pytestmark = pytest.mark.one_release

AS_IT_IS = {"roles": ["services"], "services": {"web": {"preset": "hello"}}}
CHANGED = {"roles": ["services"], "services": {"web": {"preset": "hello", "env": {"GREETING": "hi"}}}}
CLOSED = "ssh -p 1 root@127.0.0.1"  # nobody listens there
# hosts.yml, words, exit code, what is said; {box} is the instance's name.
EXITS = [
    (AS_IT_IS, "plan", 0, ""),
    (AS_IT_IS, "verify", 0, "checks passed"),
    (AS_IT_IS, "up -y", 0, "ok, 0 changed"),
    (AS_IT_IS, "status", 0, "web"),
    (AS_IT_IS, "explain", 0, "ready when it answers at /ping"),
    (AS_IT_IS, "ssh {box} false", 1, ""),
    (AS_IT_IS, "up {box} --roles nosuch", 2, "no role 'nosuch'"),
    (AS_IT_IS, "plan nosuch", 2, "no instance 'nosuch'"),
    (AS_IT_IS, "lab reset nosuch", 2, "nosuch"),
    (CHANGED, "plan", 3, "web: files"),
    (CHANGED, "verify", 1, "failed"),
    (AS_IT_IS, f"plan '{CLOSED}'", 1, "refused"),
    (AS_IT_IS, f"inspect '{CLOSED}'", 1, "refused"),
]


def in_pipes(project, words, _at_terminal, **environment):
    ran = project.run(*words, env=environment)
    return ran.code, ran.stdout + ran.stderr


def in_ascii(project, words, at_terminal):
    return in_pipes(project, words, at_terminal, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")


def in_colour_that_is_not_wanted(project, words, at_terminal):
    code, shown = in_pipes(project, words, at_terminal, NO_COLOR="1", FORCE_COLOR="1", TERM="xterm-256color")
    assert "\x1b[3" not in shown
    return code, shown


def without_stdin(project, words, _at_terminal):
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *project.command(*words)],
        cwd=project.folder,
        env=project.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def in_40_columns(project, words, at_terminal):
    terminal = at_terminal(project, *words, columns=40)
    return terminal.end(), terminal.shown


@pytest.fixture
def shop(project, tmp_path, shared_box):
    """A project of one name for all tests: the box is one project's."""
    (tmp_path / "shop").mkdir()
    its = type(project)(tmp_path / "shop")
    its.write({shared_box.name: {"lab": shared_box.release, **AS_IT_IS}})
    its.up()
    return its


@pytest.mark.parametrize("place", [in_ascii, in_colour_that_is_not_wanted, without_stdin, in_40_columns])
def test_each_way_out_has_its_code_and_its_sentence(shop, shared_box, at_terminal, place):
    seen, wanted = [], []
    for settings, words, code, says in EXITS:
        shop.write({shared_box.name: {"lab": shared_box.release, **settings}})
        ended, shown = place(shop, shlex.split(words.format(box=shared_box.name)), at_terminal)
        flat = " ".join(shown.split())
        wanted.append((words, code, True, False))
        seen.append((words, ended, says in flat, "Traceback" in flat or "internal error" in flat))
        if seen[-1] != wanted[-1]:
            print(words, shown, sep="\n")
    assert seen == wanted

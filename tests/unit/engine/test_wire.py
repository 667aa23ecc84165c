"""A fake transport whose channel runs the request by this machine's own `sh`, or says what a test tells it to."""

from __future__ import annotations

import base64
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent.event import Event
from paramiko import ChannelException, SSHException
from pydantic import SecretStr

from gpustrap.errors import InstanceFailed

PASSWORD = "canary-5ud0"
MARK = re.compile(r"gpustrap-[0-9a-f]{16}")
LOST = "the connection was lost\nhint: run the same command again: it goes on where it was"
ENDLESS = -2


def unpacked(request: str) -> str:
    """A request as the box's shell reads it in the end: what it holds in base64 taken out, at every depth."""
    found = re.search(r"echo ([\w+/=]{8,}) \| base64 -d", request)
    return request if found is None else request + "\n" + unpacked(base64.b64decode(found[1]).decode())


class Channel:
    """Stands for paramiko's. What it says is known when the request and its stdin are there."""

    def __init__(self, box: Box):
        self._box = box
        self._out, self._err = b"", b""
        self._ready, self._gone = Event(), Event()
        self.request, self.stdin = "", b""
        self.exit_status = -1
        self.status_event = Event()
        self.closed = False

    def exec_command(self, request: str) -> None:
        if self._box.refuses is not None:
            raise self._box.refuses
        self.request = request

    def sendall(self, data: bytes) -> None:
        self.stdin += data

    def shutdown_write(self) -> None:
        self._out, self._err, status = self._box.says(self.request, self.stdin)
        if status is not None and status != ENDLESS:
            self.exit_status = status
        self.status_event.set()
        if status == ENDLESS:
            self._box.endless = True
        self._ready.set()

    def recv(self, most: int) -> bytes:
        return self._piece("_out", most)

    def recv_stderr(self, most: int) -> bytes:
        return self._piece("_err", most)

    def _piece(self, side: str, most: int) -> bytes:
        self._ready.wait()
        data: bytes = getattr(self, side)
        if not data and self._box.breaks is not None:
            raise self._box.breaks
        if not data and self._box.endless:
            self._gone.wait()
        setattr(self, side, data[most:])
        return data[:most]

    def close(self) -> None:
        self.closed = True
        self._gone.set()


class Box:
    """Stands for paramiko's client and transport. `says(request, stdin)` gives both outputs and the exit status."""

    def __init__(self, says: Callable[[str, bytes], tuple[bytes, bytes, int | None]]):
        self.says = says
        self.channels: list[Channel] = []
        self.refuses: Exception | None = None  # an exec
        self.breaks: Exception | None = None  # a stream, in place of its end
        self.full = 0  # sessions that are refused first
        self.endless = False
        self.active = True
        self.gone = False  # there is no transport any more
        self.silent = False
        self.signs: list[str] = []

    def get_transport(self) -> Box | None:
        return None if self.gone else self

    def is_active(self) -> bool:
        return self.active

    def open_session(self) -> Channel:
        if self.full:
            self.full -= 1
            raise ChannelException(1, "Administratively prohibited")
        self.channels.append(Channel(self))
        return self.channels[-1]

    def global_request(self, kind: str, wait: bool = False) -> None:
        self.signs.append(kind)
        if self.silent and wait:
            Event().wait()

    def close(self) -> None:
        self.active = False
        for channel in self.channels:
            channel.close()


def by_shell(shell: str = "sh", **more: Any) -> Callable[[str, bytes], tuple[bytes, bytes, int]]:
    def says(request: str, stdin: bytes) -> tuple[bytes, bytes, int]:
        done = subprocess.run([shell, "-c", request], input=stdin, capture_output=True, **more)
        return done.stdout, done.stderr, done.returncode

    return says


def saying(
    out: str = "", err: str = "", status: int | None = 0
) -> Callable[[str, bytes], tuple[bytes, bytes, int | None]]:
    """A box that prints a text whatever it is asked; MARK in it is the mark of the request, or stderr's."""

    def says(request: str, _stdin: bytes) -> tuple[bytes, bytes, int | None]:
        found = MARK.search(unpacked(request))
        assert found
        return out.replace("MARK", found[0]).encode(), err.replace("MARK", f"{found[0]}-errors").encode(), status

    return says


@pytest.fixture
def wire() -> Iterator[Callable[..., Any]]:
    """`wire(box, user=…, sudo_password=…)`; all are closed in the end."""
    from gpustrap.engine.wire import Wire

    made: list[Any] = []

    def make(box: Box, user: str = "root", password: str | None = None) -> Any:
        made.append(Wire(box, user, SecretStr(password) if password else None))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize(
    ("command", "stdin", "answer"),
    [
        ("echo out; echo err >&2", b"", (0, b"out\n", b"err\n")),
        ("exit 7", b"", (7, b"", b"")),
        ("cat; printf 'no newline'", b"given\0\xff", (0, b"given\0\xffno newline", b"")),
        ("true", b"nobody reads this", (0, b"", b"")),
        ("echo \"it's $((1 + 1))\" '$HOME' `echo x` \\\\ é", b"", (0, "it's 2 $HOME x \\ é\n".encode(), b"")),
    ],
)
def test_a_command_gives_its_outputs_and_status(wire, shell, command, stdin, answer) -> None:
    got = wire(Box(by_shell(shell))).run(command, stdin=stdin)
    assert (got.status, got.stdout, got.stderr) == answer


@pytest.mark.parametrize(
    "around",
    [
        ("welcome\n{}bye\n", "{}"),
        ("\x1b[31mno newline{}", "motd{}"),
        ("MARK beg{}", "\n{}"),
        ("gpustrap-0123456789abcdef begin\nfalse\ngpustrap-0123456789abcdef end 0\n{}", "{}"),
        ("{}\nMARK end 9\n", "{}\nMARK end 9\n"),
    ],
)
def test_noise_around_an_answer_is_no_part_of_it(wire, around) -> None:
    out, err = around
    box = Box(saying(out.format("MARK begin\nout\nMARK end 3\n"), err.format("MARK begin\nerr\nMARK end 3\n"), 0))
    answer = wire(box).run("any")
    assert (answer.status, answer.stdout, answer.stderr) == (3, b"out\n", b"err\n")


def test_each_command_has_a_mark_of_its_own(wire) -> None:
    box = Box(by_shell())
    one = wire(box)
    one.run("true"), one.run("true")
    assert len({MARK.findall(unpacked(channel.request))[0] for channel in box.channels if channel.request}) == 2


NO_SHELL = (
    "connect: its login shell ends before it runs a command: it ended with {}\n"
    "hint: look there for `set -e`, `exit` and `exec` in what the login shell reads for a command: /etc/bash.bashrc and ~/.bashrc (bash), ~/.zshenv (zsh), ~/.config/fish (fish); and for ForceCommand in sshd_config, command= in ~/.ssh/authorized_keys: `ssh HOST true` has to work"
)
SWAPPED = (
    "connect: a start-up file of its login shell has sent stdout where stderr goes\n"
    "hint: look there for `exec` with `>&2` in /etc/bash.bashrc and ~/.bashrc (bash) or ~/.zshenv (zsh)"
)
NO_PTY = (
    "connect: its ssh gives a terminal only, no commands: it ended with 0 and said: {}\n"
    "hint: use the direct ssh command of the provider's page: root@IP -p PORT"
)


@pytest.mark.parametrize(
    ("out", "err", "status", "text"),
    [
        ("", "", 1, NO_SHELL.format("1 and said nothing")),
        ("", "This account\nis not available.\n", 1, NO_SHELL.format("1 and said: This account is not available.")),
        ("welcome \x1b[1mhome\x1b[0m\n", "", 0, NO_SHELL.format("0 and said: welcome home")),
        (f"python: sh -c '$(echo {'cHJp' * 99})'\n", "", 1, NO_SHELL.format("1 and said: python: sh -c '$(echo …)'")),
        (
            "",
            "Error: Your SSH client doesn't support PTY\n",
            0,
            NO_PTY.format("Error: Your SSH client doesn't support PTY"),
        ),
        (
            "",
            "sh: 1: base64: not found\n",
            0,
            "connect: it has no base64, which gpustrap's commands need (sh: 1: base64: not found)\n"
            "hint: Debian's package of it is coreutils",
        ),
        (
            "",
            "Sorry, try again.\nsudo: 1 incorrect password attempt\n",
            1,
            "connect: sudo refuses the password (Sorry, try again. "
            "sudo: 1 incorrect password attempt)\nhint: sudo_password in hosts.yml says where it is read",
        ),
        (
            "",
            "sudo: sorry, you must have a tty to run sudo\n",
            1,
            "connect: sudo runs nothing for this user (sudo: sorry, you must "
            "have a tty to run sudo)\nhint: `sudo -l` on the instance shows what is allowed; or log in as root",
        ),
        ("no pseudo-terminal\n", "", 0, NO_PTY.format("no pseudo-terminal")),
        ("", "MARK begin\n", 1, NO_SHELL.format("1 and said nothing")),
        ("MARK-errors begin\nMARK-errors end 0\n", "", 0, SWAPPED),
        ("MARK begin\npart", "", 137, "the shell that ran a command was ended from outside (exit 137)"),
        ("MARK begin\npart", "", None, LOST),
        ("", "", None, LOST),
        ("welcome\n", "motd\n", None, LOST),
        ("MARK begin\npart\nMARK end ", "", None, LOST),
    ],
)
def test_what_is_no_whole_answer_is_told_by_what_is_missing(wire, monkeypatch, out, err, status, text) -> None:
    from gpustrap.engine import wire as module

    monkeypatch.setattr(module, "STATUS_SECONDS", 0)
    box = Box(saying(out, err, status))
    with pytest.raises(InstanceFailed) as failed:
        wire(box).run("any")
    assert str(failed.value) == text
    assert box.channels[0].closed


@pytest.mark.parametrize("breaks", [OSError("Socket is closed"), EOFError(), SSHException("broken")], ids=repr)
def test_a_stream_that_breaks_is_a_lost_connection(wire, monkeypatch, breaks) -> None:
    box = Box(saying("MARK begin\npart", "", None))
    box.breaks = breaks
    with pytest.raises(InstanceFailed) as failed:
        wire(box).run("any")
    assert str(failed.value) == LOST


@pytest.mark.parametrize(
    ("refuses", "words"),
    [(OSError("Socket is closed"), "Socket is closed"), (EOFError(), "EOFError"), (SSHException("no"), "no")],
    ids=repr,
)
def test_an_exec_that_is_refused_is_a_lost_connection(wire, refuses, words) -> None:
    box = Box(by_shell())
    box.refuses = refuses
    with pytest.raises(InstanceFailed) as failed:
        wire(box).run("any")
    assert failed.value.error == f"the connection was lost ({words})"


def test_without_a_transport_the_connection_is_lost(wire) -> None:
    box = Box(by_shell())
    one = wire(box)
    assert one.alive
    box.active = False
    assert not one.alive
    box.gone = True
    assert not one.alive
    with pytest.raises(InstanceFailed) as failed:
        one.run("true")
    assert str(failed.value) == LOST


@pytest.mark.parametrize("side", ["out", "err"])
def test_too_much_of_an_output_is_not_read_to_its_end(wire, monkeypatch, side) -> None:
    from gpustrap.engine import wire as module

    much = "MARK begin\n" + "x" * (module.MOST_BYTES + module.PIECE)
    box = Box(saying(**{side: much}, status=ENDLESS))
    with pytest.raises(InstanceFailed) as failed:
        wire(box).run("yes", seconds=60)
    assert failed.value.error == "a command printed more than 8 MB, which is not read to its end"
    assert box.channels[0].closed


def test_the_end_of_the_time_is_a_sentence_and_ends_the_command(wire) -> None:
    box = Box(saying("MARK begin\npart", status=ENDLESS))
    with pytest.raises(InstanceFailed) as failed:
        wire(box).run("sleep 1000", seconds=0.01)
    assert str(failed.value) == ("no answer within 0.01 s\nhint: is the instance overloaded, or is a program hanging?")
    assert box.channels[0].closed


def test_a_channel_is_closed_after_its_answer(wire) -> None:
    box = Box(by_shell())
    wire(box).run("true")
    assert box.channels[0].closed


def test_a_connection_without_a_sign_of_life_is_ended_and_the_sentence_says_so(wire, monkeypatch) -> None:
    from gpustrap.engine import wire as module

    monkeypatch.setattr(module, "WATCH_SECONDS", 0)
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.01)
    box = Box(saying("MARK begin\npart", status=ENDLESS))
    box.silent = True
    monkeypatch.setattr(module, "STATUS_SECONDS", 0)
    one = wire(box)
    with gevent.Timeout(10), pytest.raises(InstanceFailed) as failed:
        one.run("sleep 1000")
    assert failed.value.error == "the connection is dead: no sign of life for 0.01 s"
    assert (box.active, box.signs) == (False, ["keepalive@gpustrap"])

    box.refuses = OSError("Socket is closed")
    with pytest.raises(InstanceFailed) as later:  # why it was ended is still known
        one.run("true")
    assert later.value.error == failed.value.error


def test_a_connection_that_answers_is_watched_on(wire, monkeypatch) -> None:
    from gpustrap.engine import wire as module

    monkeypatch.setattr(module, "WATCH_SECONDS", 0)
    box, enough = Box(by_shell()), Event()
    sign = box.global_request

    def counted(kind: str, wait: bool = False) -> None:
        sign(kind, wait)
        if len(box.signs) == 3:
            enough.set()

    monkeypatch.setattr(box, "global_request", counted)
    one = wire(box)
    assert enough.wait(10)
    assert one.alive
    monkeypatch.setattr(box, "close", lambda: None)  # the transport seems to stand on
    one.close()
    assert one._watch.join(timeout=5) is None and one._watch.dead  # a closed connection has no watch


@pytest.mark.parametrize("full", [0, 1, 2, 5])
def test_a_box_with_one_session_at_a_time_is_waited_for(wire, monkeypatch, full) -> None:
    from gpustrap.engine import sessions as module

    monkeypatch.setattr(module, "SESSION_PAUSES", (0, 0, 0, 0, 0))
    box = Box(by_shell())
    box.full = full
    assert wire(box).run("echo in").stdout == b"in\n"


def test_a_box_that_gives_no_session_at_all_is_not_waited_for_long(wire, monkeypatch) -> None:
    from gpustrap.engine import sessions as module

    monkeypatch.setattr(module, "SESSION_PAUSES", (0, 0, 0, 0, 0))
    box = Box(by_shell())
    box.full = 1000
    with pytest.raises(InstanceFailed) as failed:
        wire(box).run("true")
    assert failed.value.error == "its ssh lets us in and opens no session (Administratively prohibited)"


@pytest.mark.parametrize(("out", "err", "said"), [
    ("", "", ""), ("Welcome!\n1) shell\n", "", "; it said: Welcome! 1) shell"), ("", "enter the code: ", "; it said: enter the code:"),
])  # fmt: skip
def test_a_login_that_never_comes_to_the_command_is_not_waited_for(wire, monkeypatch, out, err, said) -> None:
    from gpustrap.engine import wire as module

    monkeypatch.setattr(module, "BEGIN_SECONDS", 0.05)
    box = Box(saying(out, err, status=ENDLESS))
    with pytest.raises(InstanceFailed) as failed:
        wire(box).run("true", seconds=20)
    assert failed.value.error == f"its login shell runs no command within 0.05 s{said}"
    assert box.channels[0].closed


def test_a_command_that_was_begun_may_take_its_time(wire, monkeypatch) -> None:
    from gpustrap.engine import wire as module

    monkeypatch.setattr(module, "BEGIN_SECONDS", 0.01)
    box = Box(saying("MARK begin\n", status=ENDLESS))
    with pytest.raises(InstanceFailed, match=r"no answer within 0\.2 s"):
        wire(box).run("true", seconds=0.2)


@pytest.mark.parametrize(("size", "in_request"), [(10, True), (60_000, True), (70_000, False), (400_000, False)])
@pytest.mark.parametrize("user", ["root", "ubuntu"])
def test_a_script_of_any_size_is_run(wire, monkeypatch, sudo, size, in_request, user) -> None:
    """One argument may have 128 KiB: what is longer goes by stdin."""
    box = Box(by_shell(env=sudo.env))
    script = f"cat; v={'x' * size}; echo é ${{#v}}"
    box_of = wire(box, user)
    assert box_of.run(script).stdout == f"é {size}\n".encode()
    assert len(box.channels[0].request) < 128 * 1024
    assert ("x" * size in unpacked(box.channels[0].request)) is in_request
    assert box_of.run(script, stdin=b"given\n").stdout == f"given\né {size}\n".encode()


def after(rc: str) -> Callable[[str, bytes], tuple[bytes, bytes, int]]:
    """A box whose start-up file is `rc`."""
    return lambda request, stdin: by_shell("bash")(f"{rc}\n{request}", stdin)


@pytest.mark.parametrize("rc", ["exec 2>&1", "exec > >(cat) 2>&1", "exec 2>&-"])
def test_where_both_outputs_are_one_stream_or_one_is_closed_stdout_is_the_answer(wire, rc) -> None:
    answer = wire(Box(after(rc))).run("cat; echo there; echo not >&2; exit 3", stdin=b"given\n")
    assert (answer.status, answer.stdout) == (3, b"given\nthere\n")


def test_functions_that_a_start_up_file_exports_are_not_run_where_sh_is_bash(wire, tmp_path) -> None:
    sh = tmp_path / "sh"
    sh.symlink_to(shutil.which("bash"))
    names = ("cat", "echo", "head", "printf", "[", "grep")
    rc = "".join(f"function {name} {{ builtin echo ours; }}; export -f {name}; " for name in names)
    box = Box(lambda request, stdin: after(rc)(request.replace("/bin/sh", str(sh)), stdin))
    answer = wire(box).run("cat; echo there | grep -c .; exit 3", stdin=b"given\n")
    assert (answer.status, answer.stdout) == (3, b"given\n1\n")


def test_options_that_a_start_up_file_exports_do_not_count_where_sh_is_bash(wire, tmp_path) -> None:
    sh = tmp_path / "sh"
    sh.symlink_to(shutil.which("bash"))
    rc = "set -euCf; shopt -s failglob nullglob xpg_echo; export SHELLOPTS BASHOPTS FUNCNEST=1"
    box = Box(lambda request, stdin: after(rc)(request.replace("/bin/sh", str(sh)), stdin))
    commands = f"f() {{ g; }}; g() {{ echo /none/*; }}; f; : >{tmp_path}/x; : >{tmp_path}/x; false; echo $none; exit 3"
    answer = wire(box).run(commands)
    assert (answer.status, answer.stdout) == (3, b"/none/*\n\n")


@pytest.mark.parametrize("rc", ["read -r x", "cat >/dev/null", "exec </dev/null"])
def test_a_start_up_file_that_takes_what_is_sent_is_said_to(wire, rc) -> None:
    with pytest.raises(InstanceFailed) as failed:
        wire(Box(after(rc))).run("cat", stdin=b"one\ntwo\n")
    assert failed.value.error == "a start-up file of its login shell takes what is sent to commands"


class Sudo:
    """Stands for sudo: writes down what it is called with and what it reads, then runs the command."""

    def __init__(self, folder: Path, asks: bool, denies: str = "nothing"):
        self.log, self.read = folder / "log", folder / "read"
        text = "#!/bin/sh\n" + f'echo "$*" >>{self.log}\n'
        text += f'case $* in *" {denies} "*) exit 1;; *" true") cat >/dev/null;; esac\n'  # with use_pty it reads stdin itself
        text += f'case $1 in -n) exit 1;; esac\nIFS= read -r word; echo "$word" >{self.read}\n' if asks else ""
        text += (
            'while :; do case $1 in -p) shift 2;; -*) shift;; *) break;; esac; done; SUDO=yes; export SUDO; exec "$@"\n'
        )
        (folder / "sudo").write_text(text)
        (folder / "sudo").chmod(0o755)
        self.env = {"PATH": f"{folder}:/usr/bin:/bin", "HOME": "/home/of-login", "OWN": "kept"}


@pytest.fixture
def sudo(tmp_path: Path) -> Sudo:
    return Sudo(tmp_path, asks=False)


def test_who_is_root_needs_no_sudo(wire, sudo) -> None:
    box = Box(by_shell(env=sudo.env))
    assert wire(box).run("echo ${SUDO-no}").stdout == b"no\n"
    assert not sudo.log.exists()


def test_who_is_not_root_works_by_sudo_in_the_logins_own_surroundings(wire, sudo) -> None:
    box = Box(by_shell(env=sudo.env))
    answer = wire(box, "ubuntu").run('cat; echo "$SUDO $HOME $OWN $PATH"', stdin=b"given\n")
    assert answer.stdout.decode().splitlines() == [
        "given",
        f"yes /home/of-login kept {sudo.env['PATH']}:/usr/bin:/bin:/usr/sbin:/sbin",
    ]
    assert sudo.log.read_text().splitlines()[-1].startswith("-n -E env HOME=/home/of-login PATH=")


def test_sudo_that_keeps_no_environment_is_no_obstacle(wire, tmp_path) -> None:
    sudo = Sudo(tmp_path, asks=False, denies="-E")
    box = Box(by_shell(env=sudo.env))
    assert wire(box, "ubuntu").run('cat; echo "$SUDO $HOME"', stdin=b"given\n").stdout == b"given\nyes /home/of-login\n"
    assert sudo.log.read_text().splitlines()[-1].startswith("-n env HOME=/home/of-login PATH=")


def test_where_sudo_is_not_allowed_the_login_does_what_it_may(wire, tmp_path) -> None:
    sudo = Sudo(tmp_path, asks=True)  # and nobody told us the password
    box = Box(by_shell(env=sudo.env))
    assert wire(box, "ubuntu").run("echo ${SUDO-no}").stdout == b"no\n"
    assert not sudo.read.exists()


@pytest.mark.parametrize("size", [10, 200_000], ids=["in the request", "by stdin"])
def test_the_password_goes_by_stdin_alone_before_what_the_command_reads(wire, tmp_path, size) -> None:
    sudo = Sudo(tmp_path, asks=True)
    box = Box(by_shell(env=sudo.env))

    answer = wire(box, "ubuntu", PASSWORD).run(f"v={'x' * size}; cat; echo $SUDO ${{#v}}", stdin=b"given\n")

    assert answer.stdout == f"given\nyes {size}\n".encode()
    assert sudo.read.read_text() == f"{PASSWORD}\n"
    channel = box.channels[0]
    assert channel.stdin.startswith(f"{PASSWORD}\n".encode())
    assert PASSWORD not in unpacked(channel.request) + sudo.log.read_text()
    assert sudo.log.read_text().startswith("-k -S -p  -E env HOME=")  # -k: it reads the password each time


def test_a_line_is_heard_as_it_comes_and_a_progress_bar_too(wire) -> None:
    heard: list[str] = []
    answer = wire(Box(by_shell())).run("printf 'one\\n\\n10%%\\r20%%\\r'; printf 'last'", on_line=heard.append)
    assert heard == ["one", "10%", "20%"]
    assert answer.stdout == b"one\n\n10%\r20%\rlast"
    wire(Box(by_shell())).run("printf '\\377\\n'", on_line=heard.append)
    assert heard[-1] == "\ufffd"


def test_closing_does_not_wait_for_a_box_that_does_not_answer(wire, monkeypatch) -> None:
    box = Box(by_shell())
    one = wire(box)
    monkeypatch.setattr(box, "close", lambda: Event().wait())
    with gevent.Timeout(10):
        one.close()


def test_an_error_while_closing_is_nobodys_concern(wire, monkeypatch) -> None:
    box = Box(by_shell())
    one = wire(box)

    def fails() -> None:
        raise OSError("Socket is closed")

    monkeypatch.setattr(box, "close", fails)
    one.close()


@pytest.mark.parametrize("path", ["", "/nonexistent", None])
def test_a_login_whose_path_leads_nowhere_still_finds_the_systems_programs(wire, path) -> None:
    box = Box(by_shell("/bin/sh", env={} if path is None else {"PATH": path}))
    assert wire(box).run("printf x | wc -c").stdout.strip() == b"1"


def test_a_login_without_a_home_has_the_accounts(wire) -> None:
    box = Box(by_shell("/bin/sh", env={"PATH": os.environ["PATH"]}))
    assert wire(box).run('printf %s "$HOME"').stdout.decode() == pwd.getpwuid(os.getuid()).pw_dir


@pytest.mark.parametrize(("gone", "active"), [(True, True), (False, False)], ids=["no transport", "not active"])
def test_what_is_no_connection_is_not_watched(wire, monkeypatch, gone, active) -> None:
    from gpustrap.engine import wire as module

    monkeypatch.setattr(module, "WATCH_SECONDS", 0)
    box = Box(by_shell())
    box.gone, box.active = gone, active
    one = wire(box)
    one._watch.join(timeout=5)
    assert one._watch.successful() and box.signs == [] and not one.alive


def test_a_status_may_come_after_the_outputs_end(wire, monkeypatch) -> None:
    class Late(Channel):
        def shutdown_write(self) -> None:
            self._err = b"This account is currently not available.\n"
            self._ready.set()
            gevent.spawn_later(0.1, self._tell)

        def _tell(self) -> None:
            self.exit_status = 1
            self.status_event.set()

    monkeypatch.setitem(globals(), "Channel", Late)
    with pytest.raises(InstanceFailed) as failed:
        wire(Box(by_shell())).run("true")
    assert "it ended with 1 and said: This account is currently not available." in failed.value.error


def test_the_bounds_are_those_that_are_promised() -> None:
    from gpustrap.engine import wire as module

    assert module.WATCH_SECONDS + module.SILENCE_SECONDS == 30  # a dead link is known after so long at most
    assert (module.SILENCE_SECONDS, module.STATUS_SECONDS, module.MOST_BYTES) == (20, 2, 8_000_000)
    assert module.BEGIN_SECONDS == 45
    assert module._MOST_IN_REQUEST * 4 / 3 < 128 * 1024  # once more in base64, by sudo, it is one argument still
    assert module.PIECE == 2**16


def test_who_says_nothing_of_a_user_is_root() -> None:
    from gpustrap.engine.wire import Wire

    box = Box(by_shell())
    one = Wire(box)  # type: ignore[arg-type]
    assert one.run("echo in").stdout == b"in\n" and "sudo" not in unpacked(box.channels[0].request)
    one.close()


def test_between_two_tries_for_a_session_it_waits_longer_each_time(wire, monkeypatch) -> None:
    from gpustrap.engine import sessions as module

    paused: list[float] = []
    monkeypatch.setattr(module, "SESSION_PAUSES", (1, 2, 3))
    monkeypatch.setattr(module.gevent, "sleep", paused.append)
    box = Box(by_shell())
    box.full = 2
    module.Sessions(box)._patiently()
    assert paused == [1, 2]


def test_an_answer_in_many_pieces_comes_back_once_on_both_sides(wire) -> None:
    answer = wire(Box(by_shell())).run("head -c 200000 /dev/zero; head -c 150000 /dev/zero >&2; cat")
    assert (answer.stdout, answer.stderr) == (bytes(200_000), bytes(150_000))


def test_what_is_no_text_in_place_of_an_answer_is_told_all_the_same(wire, monkeypatch) -> None:
    from gpustrap.engine import wire as module

    monkeypatch.setattr(module, "STATUS_SECONDS", 0)
    box = Box(lambda *_: (b"no shell\xff\n", b"", 1))
    with pytest.raises(InstanceFailed, match="no shell\ufffd"):
        wire(box).run("any")


def test_closing_ends_the_connection(wire) -> None:
    box = Box(by_shell())
    wire(box).close()
    assert not box.active


def test_an_environment_of_the_run_is_the_commands_and_never_in_argv(wire, tmp_path) -> None:
    sudo = Sudo(tmp_path, asks=False)
    for user, box in (("root", Box(by_shell())), ("ubuntu", Box(by_shell(env=sudo.env)))):
        lent = wire(box, user)
        lent.environment = "export LENT=canary-l3nt\n"
        assert lent.run('cat; echo "$LENT"', stdin=b"given\n").stdout == b"given\ncanary-l3nt\n"
        assert "canary-l3nt" not in "".join(unpacked(each.request) for each in box.channels)
        lent.environment = ""
        assert lent.run('echo "${LENT-none}"').stdout == b"none\n"


def test_the_end_of_the_connection_is_waited_for_and_told(wire) -> None:
    box, ended = Box(by_shell()), Event()
    box.join = ended.wait  # type: ignore[attr-defined]
    one = wire(box)
    waiting = gevent.spawn(one.until_lost)
    gevent.sleep(0)
    assert not waiting.dead
    ended.set()
    assert str(waiting.get(timeout=30)) == (
        "the connection was lost\nhint: run the same command again: it goes on where it was"
    )
    box.gone = True
    ended.clear()
    assert one.until_lost().error == "the connection was lost"


@pytest.mark.parametrize("error", [OSError("gone"), EOFError(), SSHException("gone")])
def test_a_sign_of_life_that_cannot_be_asked_for_ends_the_watch_and_no_more(wire, monkeypatch, error) -> None:
    from gpustrap.engine import wire as module

    monkeypatch.setattr(module, "WATCH_SECONDS", 0)
    box = Box(by_shell())

    def fails(*_: Any, **__: Any) -> None:
        raise error

    box.global_request = fails  # type: ignore[method-assign]
    one = wire(box)
    one._watch.join(timeout=30)
    assert one._watch.successful() and box.active and one.run("echo in").stdout == b"in\n"


def test_a_stderr_that_leads_nowhere_and_stays_open_is_not_waited_for(wire, monkeypatch) -> None:
    from gpustrap.engine import wire as module

    monkeypatch.setattr(module, "STATUS_SECONDS", 0)
    box = Box(saying("MARK begin\nsaid\nMARK end 3\n", status=ENDLESS))
    with gevent.Timeout(30):
        answer = wire(box).run("true")
    assert (answer.status, answer.stdout, answer.stderr) == (3, b"said\n", b"")


def test_a_stderr_that_was_begun_is_read_to_its_end_however_late_that_comes(wire, monkeypatch) -> None:
    from gpustrap.engine import wire as module

    class Slow(Channel):
        pieces = 0

        def recv_stderr(self, most: int) -> bytes:
            if self.pieces:
                gevent.sleep(0.01)
            self.pieces += 1
            return super().recv_stderr(min(most, 50))

    monkeypatch.setitem(globals(), "Channel", Slow)
    monkeypatch.setattr(module, "STATUS_SECONDS", 0)
    answer = wire(Box(by_shell())).run("echo out; echo 'long words, and more than one piece of them' >&2")
    assert (answer.stdout, answer.stderr) == (b"out\n", b"long words, and more than one piece of them\n")


def test_too_much_of_stderr_is_told_where_stdout_has_ended_too(wire, monkeypatch) -> None:
    from gpustrap.engine import wire as module

    monkeypatch.setattr(module, "MOST_BYTES", 1_000_000)
    much = "MARK begin\n" + "x" * (module.MOST_BYTES + module.PIECE)
    with pytest.raises(InstanceFailed) as failed:
        wire(Box(saying("MARK begin\nMARK end 0\n", much))).run("yes", seconds=60)
    assert failed.value.error == "a command printed more than 1 MB, which is not read to its end"


def test_who_takes_the_outputs_himself_gets_all_of_them_and_the_answer_holds_none(wire, monkeypatch) -> None:
    from gpustrap.engine import wire as module

    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    out, err, heard = [], [], []
    answer = wire(Box(by_shell())).run(
        "head -c 5000 /dev/zero; echo err >&2; exit 3", on_line=heard.append, takers=(out.append, err.append)
    )
    assert (answer.status, answer.stdout, answer.stderr) == (3, b"", b"")
    assert (b"".join(out), b"".join(err), heard) == (bytes(5000), b"err\n", [])


def test_after_a_command_the_next_one_has_its_session_and_closing_waits_for_none(wire, monkeypatch) -> None:
    box = Box(by_shell())
    one = wire(box)
    one.run("true")
    gevent.sleep(0)
    assert [channel.closed for channel in box.channels] == [True, False]
    closed: list[str] = []
    monkeypatch.setattr(one._sessions, "close", lambda: closed.append("sessions"))
    one.close()
    assert closed == ["sessions"]


def test_where_stderr_is_closed_at_once_stdout_is_read_to_its_end(wire, monkeypatch) -> None:
    from gpustrap.engine import wire as module

    class Slow(Channel):
        def recv(self, most: int) -> bytes:
            gevent.sleep(0.01)
            return super().recv(min(most, 20))

    monkeypatch.setitem(globals(), "Channel", Slow)
    monkeypatch.setattr(module, "STATUS_SECONDS", 0)
    answer = wire(Box(saying("MARK begin\nsaid\nMARK end 3\n"))).run("true")
    assert (answer.status, answer.stdout) == (3, b"said\n")


def test_a_file_over_what_a_login_may_write_is_an_error_in_words(wire, tmp_path) -> None:
    answer = wire(Box(by_shell())).run(f"ulimit -f 1; head -c 100000 /dev/zero >{tmp_path}/file")
    assert answer.status == 1 and b"File too large" in answer.stderr

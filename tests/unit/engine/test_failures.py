"""The words are real: pyinfra 3.10 over paramiko 4 to the lab box debian-12, and the box's own programs; 2026-11-24."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest
from gevent import GreenletExit, Timeout
from paramiko.ssh_exception import NoValidConnectionsError, SSHException
from pyinfra.api.exceptions import ConnectError, PyinfraError

from gpustrap import language
from gpustrap.engine.failures import (
    _CONNECTING,
    _RUNNING,
    HostKeyChanged,
    TooManyKeys,
    debugging,
    ended,
    in_role,
    of_connecting,
    of_lost,
    of_mistake,
    of_operation,
    of_silence,
    of_too_much,
    of_unforeseen,
)
from gpustrap.errors import BadInput, InstanceFailed

REFUSED = (
    "connect: the instance refuses our key or password ({words})\n"
    "hint: is the key's public half in its authorized_keys? `ssh-add` unlocks a key with a passphrase"
)
MANY_KEYS = (
    "connect: the instance ended the login while this laptop's keys were tried ({words})\n"
    "hint: has the ssh agent many keys? name the right one by `-i FILE` in the ssh command: no other is offered"
)
KEY_FILE = "connect: the key file cannot be used ({words})\nhint: give the path of a private key that this user can read with `-i`"
SILENT = "connect: it does not answer ({words})\nhint: is the instance started, and is this network allowed to reach its port?"
CLOSED = (
    "connect: its ssh gateway closed the connection ({words})\n"
    "hint: gateways refuse frequent connections for 30 to 90 seconds: wait, then run again"
)


@pytest.fixture(autouse=True)
def typed(monkeypatch):
    monkeypatch.setattr("sys.argv", ["gpustrap", "status"])


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("Authentication error (username=root, key=/k) (Authentication failed.)", REFUSED),
        ("Authentication error (username=root) (Authentication failed.)", REFUSED),
        ("SSH error (No authentication methods available)", REFUSED),
        ("SSH error (Too many authentication failures)", MANY_KEYS),
        ("SSH error (transport shut down or saw EOF)", MANY_KEYS),
        ("SSH error (No existing session)", MANY_KEYS),
        ("Authentication error () (Authentication failed.)", REFUSED.format(words="Authentication failed")),
        (
            "Private key file (/k) is encrypted, set ssh_key_password to use this key",
            "connect: the key has a passphrase ({words})\n"
            "hint: `ssh-add` unlocks it; then leave `-i` out of the ssh command, so that the agent is asked",
        ),
        ("Invalid private key file: /k", KEY_FILE),
        ("No such private key file: /k", KEY_FILE),
        (
            "SSH error (StrictPolicy: No host key for [127.0.0.1]:27187 found in known_hosts)",
            "connect: its host key is not known ({words})\n"
            "hint: compare the key with the provider's page; `gpustrap up trainer --accept-new-key` takes it",
        ),
        (
            "Could not resolve hostname ([Errno -2] Name or service not known)",
            "connect: its host name is not known to DNS ({words})\n"
            "hint: is the instance still rented? copy the ssh command from the provider's page again",
        ),
        ("Could not connect (timed out)", SILENT),
        ("SSH error (Error reading SSH protocol banner)", CLOSED),
        ("SSH error (Error reading SSH protocol banner[Errno 104] Connection reset by peer)", CLOSED),
        ("EOF error ()", CLOSED),
        ("SSH error (Incompatible ssh peer)", "connect: {words}"),
    ],
)
def test_why_there_is_no_connection(words: str, text: str) -> None:
    assert str(of_connecting(ConnectError(words), "trainer")) == text.format(words=words)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (
            111,
            "connect: nothing listens on its ssh port (192.0.2.1 port 28123: Connection refused)\n"
            "hint: is the instance started? its port may be another one after a restart",
        ),
        (101, SILENT.format(words="192.0.2.1 port 28123: Network is unreachable")),
        (113, SILENT.format(words="192.0.2.1 port 28123: No route to host")),
    ],
)
def test_a_port_that_refuses_and_a_host_that_is_not_there_are_told_apart(number: int, text: str) -> None:
    """Paramiko says "Unable to connect to port" for both, and keeps each address's own answer."""
    import os

    tried = NoValidConnectionsError({("192.0.2.1", 28123): OSError(number, os.strerror(number))})
    try:
        try:
            raise tried
        except OSError as error:
            raise ConnectError(f"Could not connect ({error})")  # noqa: B904 (as pyinfra raises it)
    except ConnectError as raised:
        assert str(of_connecting(raised, "trainer")) == text


def test_a_refused_connection_is_seen_as_one(unused_port: int) -> None:
    from gpustrap.engine.session import Session

    data = {"ssh_hostname": "127.0.0.1", "ssh_port": unused_port, "ssh_config_file": "/dev/null"}
    with pytest.raises(InstanceFailed) as failed:
        Session("x", data).connect()
    assert failed.value.error == (f"nothing listens on its ssh port (127.0.0.1 port {unused_port}: Connection refused)")


@pytest.fixture
def unused_port():
    """A port on which nobody listens, and which stays ours meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_a_changed_host_key_is_a_failure_of_its_own() -> None:
    failure = of_connecting(ConnectError("SSH host key error (Host key for 127.0.0.1 does not match.)"), "trainer")
    assert isinstance(failure, HostKeyChanged)
    assert str(failure) == (
        "connect: its host key has changed, it is now another one\n"
        "hint: a reset instance has a new key: if it was reset, `gpustrap up trainer --accept-new-key` takes it"
    )


def test_an_error_without_words_is_named_by_its_kind() -> None:
    assert str(of_connecting(PyinfraError(), "x")) == "connect: PyinfraError"


INSTALL = "\nhint: install it there first, by apt where it has that"
DISK = "hint: `df -h` on the instance shows which; free some, then run again"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (
            ["head: write error: No space left on device"],
            f"base | packages: the disk is full (head: write error: No space left on device)\n{DISK}",
        ),
        (
            ["cp: error writing '/dev/full': No space left on device", "cp: more"],
            f"base | packages: the disk is full (cp: error writing '/dev/full': No space left on device)\n{DISK}",
        ),
        (
            ["bash: line 1: /sys/x: Read-only file system"],
            "base | packages: the file system is read-only (bash: line 1: /sys/x: Read-only file system)\n"
            "hint: `mount` on the instance shows it; a provider's disk fault needs a restart there",
        ),
        (
            [
                "W: Failed to fetch http://m/debian/dists/bookworm/InRelease  Temporary failure resolving 'm'",
                "",
            ],
            "base | packages: the instance cannot resolve host names (W: Failed to fetch "
            "http://m/debian/dists/bookworm/InRelease  Temporary failure resolving 'm')\n"
            "hint: set network.proxy, or a mirror that this network reaches",
        ),
        (
            ["Reading package lists...", "E: Unable to locate package no-such-package"],
            "base | packages: apt does not know a package (E: Unable to locate package no-such-package)",
        ),
        (
            ["E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 71 (apt-get)"],
            "base | packages: another apt is at work on the instance "
            "(E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 71 (apt-get))\n"
            "hint: wait until it has ended, then run again",
        ),
        (
            ["sh: 1: tmux: not found"],
            "base | packages: a command is missing on the instance (sh: 1: tmux: not found)" + INSTALL,
        ),
        (
            ["bash: line 1: nosuchcmd: command not found"],
            "base | packages: a command is missing on the instance (bash: line 1: nosuchcmd: command not found)"
            + INSTALL,
        ),
        (
            ["gzip: stdin: not in gzip format", "tar: Child returned status 1"],
            "base | packages: gzip: stdin: not in gzip format\ntar: Child returned status 1",
        ),
        (["", "  "], "base | packages: the command failed and said nothing"),
        ([], "base | packages: the command failed and said nothing"),
    ],
)
def test_why_an_operation_failed(lines: list[str], text: str) -> None:
    assert str(of_operation(lines, True, "base", "packages")) == text


def test_a_lost_connection_is_the_cause_whatever_was_printed() -> None:
    assert str(of_operation(["No space left on device"], False, "base", "packages")) == (
        "base | packages: the connection was lost\nhint: run the same command again: it goes on where it was"
    )


def test_of_a_long_output_the_last_twenty_lines_are_given() -> None:
    failure = of_operation([f"line {number}" for number in range(50)], True, "base", "packages")
    assert failure.error.splitlines() == [f"line {number}" for number in range(30, 50)]


@pytest.mark.parametrize(("error", "text"), [
    (OSError(28, "No space left on device"), "No space left on device"),
    (PermissionError(13, "Permission denied", "/home/me/.local"), "/home/me/.local: Permission denied"),
    (OSError(30, "Read-only file system", "/ro/instances"), "/ro/instances: Read-only file system"),
    (OSError(5, "Input/output error", "/f"), "/f: Input/output error"),
])  # fmt: skip
def test_a_file_of_this_computer_is_no_lost_connection(error: OSError, text: str) -> None:
    assert str(of_unforeseen(error)) == (
        f"gpustrap's own files on this computer: {text}\nhint: GPUSTRAP_HOME names the folder that gpustrap keeps them in"
    )


@pytest.mark.parametrize(
    "error", [OSError("Socket is closed"), ConnectionResetError(104, "Connection reset by peer"), EOFError()]
)
def test_a_socket_that_breaks_is_a_lost_connection(error: Exception) -> None:
    assert of_unforeseen(error).error.startswith("the connection was lost")


@pytest.mark.parametrize(("error", "words"), [
    (ValueError("invalid literal for int() with base 10: 'x'"), "your ssh_config cannot be used (invalid literal for int() with base 10: 'x')"),
    (RecursionError("maximum recursion depth exceeded"), "your ssh_config cannot be used (a jump host has itself a ProxyJump)"),
    (PyinfraError('SSH error (Unparsable host "unterminated)'), 'your ssh_config cannot be used (SSH error (Unparsable host "unterminated))'),
    (PyinfraError("Could not connect ([Errno 2] No such file or directory: 'nc')"),
     "the ProxyCommand of your ssh_config cannot be run (Could not connect ([Errno 2] No such file or directory: 'nc'))"),
])  # fmt: skip
def test_what_is_wrong_with_ones_own_ssh_config_is_no_fault_of_the_instance(error: Exception, words: str) -> None:
    own, program = "`ssh -G HOST` shows what it says for this instance", "is that program installed on this computer?"
    hint = own if words.startswith("your ssh_config") else program
    assert str(of_connecting(error, "it")) == f"connect: {words}\nhint: {hint}"


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ({("10.0.0.1", 22): OSError(1, "first"), ("10.0.0.2", 23): OSError(2, "last one")}, "10.0.0.2 port 23: last one"),
        ({("10.0.0.1", 22): OSError()}, "10.0.0.1 port 22: no answer"),
        ({}, "no words"), ("no mapping", "no words"), (None, "no words"),
    ],
)  # fmt: skip
def test_of_several_addresses_the_last_answer_is_told(errors, said: str) -> None:
    try:
        try:
            cause = OSError()
            cause.errors = errors
            raise cause
        except OSError:
            raise ConnectError("no words") from None
    except ConnectError as error:
        assert of_connecting(error, "x").error == said


def test_an_error_without_words_is_told_by_its_kind() -> None:
    assert of_lost(EOFError()).error == "the connection was lost (EOFError)"
    assert of_lost(None).error == "the connection was lost"


@pytest.mark.parametrize(
    ("error", "lost"),
    [(EOFError("x"), True), (OSError("x"), True), (SSHException("x"), True), (ValueError("x"), False)],
)
def test_what_nobody_foresaw_is_a_sentence_about_the_instance(error, lost: bool) -> None:
    said = str(of_unforeseen(error))
    assert said == (
        "the connection was lost (x)\nhint: run the same command again: it goes on where it was" if lost else
        "an answer that gpustrap cannot read (ValueError: x)\nhint: `gpustrap --debug status` shows where; please report it"
    )  # fmt: skip


def test_silence_and_too_much_are_sentences() -> None:
    assert str(of_silence(20)) == (
        "the connection is dead: no sign of life for 20 s\nhint: run the same command again: it goes on where it was"
    )
    assert str(of_too_much(8_000_000)) == "a command printed more than 8 MB, which is not read to its end"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("tar: write error: No space left on device", "the disk is full (tar: write error: No space left on device)\n"
         "hint: `df -h` on the instance shows which; free some, then run again"),
        ("rm: Read-only file system", "the file system is read-only (rm: Read-only file system)\n"
         "hint: `mount` on the instance shows it; a provider's disk fault needs a restart there"),
        ("curl: Could not resolve host", "the instance cannot resolve host names (curl: Could not resolve host)\n"
         "hint: set network.proxy, or a mirror that this network reaches"),
        ("Temporary failure resolving 'a'", "the instance cannot resolve host names (Temporary failure resolving 'a')\n"
         "hint: set network.proxy, or a mirror that this network reaches"),
        ("E: Could not get lock /x", "another apt is at work on the instance (E: Could not get lock /x)\n"
         "hint: wait until it has ended, then run again"),
        ("E: Unable to locate package x", "apt does not know a package (E: Unable to locate package x)"),
        ("E: Package 'x' has no installation candidate", "apt does not know a package (E: Package 'x' has no installation candidate)"),
        ("sh: 1: x: not found", "a command is missing on the instance (sh: 1: x: not found)" + INSTALL),
        ("bash: x: command not found", "a command is missing on the instance (bash: x: command not found)" + INSTALL),
        ("what else", "what else\n  last"),
    ],
)  # fmt: skip
def test_the_line_that_tells_why_an_operation_failed_is_named(line: str, text: str) -> None:
    known = "(" in text
    lines = ["first", f"  {line}  ", "", "  last"] if known else [line, " ", "  last"]
    assert str(of_operation(lines, True, "role", "step")) == f"role | step: {text}"


def test_an_operation_that_says_nothing_or_too_much() -> None:
    assert of_operation(["", " "], True, "r", "s").error == "the command failed and said nothing"
    assert of_operation([f"line {at}" for at in range(30)], True, "r", "s").error.splitlines()[0] == "line 10"
    assert str(of_operation(["x"], False, "r", "s")) == (
        "r | s: the connection was lost\nhint: run the same command again: it goes on where it was"
    )


def test_a_mistake_in_a_role_is_told_with_its_place() -> None:
    try:
        {}["x"]
    except KeyError as mistake:
        said = of_mistake(mistake, "web", "step")
    assert str(said).startswith("web | step: KeyError: 'x' (test_failures.py:")
    assert said.hint == "a mistake in the role's code? `gpustrap --debug status` shows where"


@pytest.mark.parametrize(
    ("raised", "text"),
    [
        (InstanceFailed("bad", role="other", operation="step", hint="do"), "other | step: bad\nhint: do"),
        (InstanceFailed("bad"), "web: bad"),
    ],
)
def test_a_failure_inside_a_role_is_the_roles_unless_it_names_another(raised, text: str) -> None:
    with pytest.raises(InstanceFailed) as failed, in_role("web"):
        raise raised
    assert str(failed.value) == text


def test_the_words_of_bad_input_inside_a_role_are_kept() -> None:
    bad = BadInput("no such thing")
    with pytest.raises(InstanceFailed) as failed, in_role("web"):
        raise bad
    assert (failed.value.error, failed.value.role) == (str(bad), "web")


def test_of_several_lines_that_tell_why_the_last_is_named() -> None:
    said = of_operation(["a: No space left on device", "b: No space left on device", "end"], True, "r", "s")
    assert said.error == "the disk is full (b: No space left on device)"


def test_a_changed_host_key_is_told_by_its_fingerprint() -> None:
    class WithKey(SSHException):
        key = SimpleNamespace(fingerprint="SHA256:new")

    error = ConnectError("SSH host key error (Host key for x does not match.)")
    error.__context__ = WithKey()
    assert of_connecting(error, "trainer").error == "its host key has changed, it is now SHA256:new"


def test_where_the_ssh_config_is_at_fault_the_way_to_see_it_is_said() -> None:
    assert of_connecting(ValueError("x"), "trainer").hint == "`ssh -G HOST` shows what it says for this instance"


@pytest.mark.parametrize(
    "words",
    [
        "Authentication error (username=root) (Authentication failed: transport shut down or saw EOF)",
        "SSH error (No existing session)",
        "SSH error (Too many authentication failures)",
    ],
)
def test_a_login_that_ends_among_the_keys_is_no_busy_gateway(words: str) -> None:
    failed = of_connecting(ConnectError(words), "it")
    assert isinstance(failed, TooManyKeys)
    assert failed.error.startswith("the instance ended the login while this laptop's keys were tried (")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["plan", "a", "--roles", "x y"], "gpustrap --debug plan a --roles 'x y'"),
        (["--debug", "up"], "gpustrap --debug up"),
    ],
)
def test_the_hint_is_the_whole_command_that_was_typed(monkeypatch, words, hint):
    monkeypatch.setattr("sys.argv", ["/usr/bin/gpustrap", *words])
    assert debugging() == hint


def test_a_mistake_is_placed_in_the_roles_own_file_however_deep_it_shows(tmp_path):
    tasks = tmp_path / "roles" / "links" / "tasks.py"
    tasks.parent.mkdir(parents=True)
    tasks.write_text("import json\n\ndef links(chosen):\n    json.loads(chosen)\n")
    names = {}
    exec(compile(tasks.read_text(), str(tasks), "exec"), names)
    with pytest.raises(InstanceFailed) as failed, in_role("links"):
        names["links"]("no json")
    assert failed.value.error.endswith("(roles/links/tasks.py:4)")


# What is said where a pattern is not itself what it fits.
WORDS = {
    "No such file or directory: '(": "No such file or directory: 'nc'",
    "Invalid (private )?key": "Invalid key",
    "[Cc](annot|an't) fork": "Cannot fork",
    "[Tt]emporary failure": "Temporary failure in name resolution",
    r"(\S+): (command )?not found": "rclone: not found",
}


@pytest.mark.parametrize("row", [*_CONNECTING, *_RUNNING], ids=lambda row: row[0][:30])
def test_each_sentence_and_what_to_do_is_said_in_the_persons_language(row) -> None:
    plain = row[0].partition("|")[0].replace("\\", "")
    words = next((words for begins, words in WORDS.items() if row[0].startswith(begins)), plain)
    language.speak("zh_CN")
    try:
        failed = (
            of_connecting(ConnectError(words), "box") if row in _CONNECTING else of_operation([words], True, None, "x")
        )
    finally:
        language.speak(language.ENGLISH)
    assert not failed.error.isascii() and words in failed.error
    assert failed.hint is None or not failed.hint.isascii()


@pytest.mark.parametrize("ends", [KeyboardInterrupt, GreenletExit, Timeout])
def test_what_ends_a_run_on_purpose_is_no_mistake_of_a_role(ends) -> None:
    with pytest.raises(ends), in_role("web"):
        raise ends()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("x" * 120, f"`{'x' * 120}` ended with exit code 7"),
        ("x" * 121, ""),
        ("one\ntwo", ""),
    ],
    ids=["a line", "too long", "a script"],
)
def test_how_a_command_ended_is_told_where_it_can_be_read(command: str, words: str) -> None:
    assert ended(command, 7) == words

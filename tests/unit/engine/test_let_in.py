"""What the box says about a key that is put there, with an ssh client that is a fake."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gpustrap.engine.let_in import LetIn, let_in
from gpustrap.errors import InstanceFailed


def client(said: bytes, wrong: bytes = b"") -> Any:
    stdin = SimpleNamespace(write=lambda _text: None, channel=SimpleNamespace(shutdown_write=lambda: None))
    return SimpleNamespace(exec_command=lambda *_a, **_k: (stdin, io.BytesIO(said), io.BytesIO(wrong)))


class Login:
    """Stands for an ssh client: what is written to the command it runs here, in a home of its own."""

    def __init__(self, home: Path, failure: OSError | None = None):
        self._home, self._failure, self._text = home, failure, ""
        self.channel, self.asked = self, ("", 0.0)
        self._said, self._wrong = io.BytesIO(), io.BytesIO()

    def exec_command(self, command: str, timeout: float) -> tuple[Any, Any, Any]:
        self.asked = (command, timeout)
        return self, self._said, self._wrong

    def write(self, text: str) -> None:
        if self._failure is not None:
            raise self._failure
        self._text += text

    def shutdown_write(self) -> None:
        environment = {**os.environ, "HOME": str(self._home)}
        words = self.asked[0].split()
        done = subprocess.run(words, input=self._text.encode(), capture_output=True, env=environment, timeout=60)
        for stream, data in ((self._said, done.stdout), (self._wrong, done.stderr)):
            stream.write(data)
            stream.seek(0)


def test_a_key_is_put_beside_those_that_are_there_and_once(tmp_path: Path) -> None:
    keys = tmp_path / ".ssh" / "authorized_keys"
    keys.parent.mkdir(mode=0o700)
    keys.write_text("ssh-ed25519 AAAA theirs\n")
    login = Login(tmp_path)
    assert let_in(login, "ssh-ed25519 AAAB me").new  # type: ignore[arg-type]
    assert login.asked == ("sh -s", 30)
    assert not let_in(Login(tmp_path), "ssh-ed25519 AAAB me").new  # type: ignore[arg-type]
    assert keys.read_text().splitlines() == ["ssh-ed25519 AAAA theirs", "ssh-ed25519 AAAB me"]


def test_a_connection_that_goes_meanwhile_is_said(tmp_path: Path) -> None:
    with pytest.raises(InstanceFailed) as failed:
        let_in(Login(tmp_path, OSError("Socket is closed")), "k")  # type: ignore[arg-type]
    assert "the key could not be let in" not in str(failed.value)


def test_bytes_that_are_no_text_hide_nothing() -> None:
    assert let_in(client(b"\xff\xfe welcome\nadded\n", b"\xff"), "k").new
    with pytest.raises(InstanceFailed) as failed:
        let_in(client(b"", b"\xff full\n"), "k")
    assert failed.value.error == "the key could not be let in: \ufffd full"


@pytest.mark.parametrize(
    ("said", "wrong", "words"),
    [(b"what is sh?\n", b"", "what is sh?"), (b"out\n", b"wrong\n", "wrong"), (b"", b"", "nothing was said")],
)
def test_what_was_said_instead_is_repeated(said: bytes, wrong: bytes, words: str) -> None:
    with pytest.raises(InstanceFailed) as failed:
        let_in(client(said, wrong), "k")
    assert (failed.value.operation, failed.value.error) == ("connect", f"the key could not be let in: {words}")


@pytest.mark.parametrize(
    ("said", "done"),
    [
        (b"added\n", LetIn(True)),
        (b"Welcome!\nthere\n", LetIn(False)),
        (b"loose /root\nloose /root/.ssh\nadded\n", LetIn(True, ("/root", "/root/.ssh"))),
    ],
)
def test_what_was_done_is_read_among_other_words(said: bytes, done: LetIn) -> None:
    assert let_in(client(said), "k") == done


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (b"mkdir: cannot create directory '/root/.ssh': Read-only file system",
         "the login's home cannot be written there: put the key on the provider's page"),
        (b"cp: error writing '/root/.ssh/x': No space left on device",
         "the disk of the login's home is full: free some there, then run again"),
        (b"cp: Disk quota exceeded", "the disk of the login's home is full: free some there, then run again"),
        (b"sh: cannot create x: Permission denied", "the login's ~/.ssh is not its own there: `ls -ld ~ ~/.ssh` shows it"),
        (b"chmod: Operation not permitted", "the login's ~/.ssh is not its own there: `ls -ld ~ ~/.ssh` shows it"),
        (b"what is sh?", "does `ssh` to it run a command: `ssh … uname -a`?"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_says_what_to_do(wrong: bytes, hint: str) -> None:
    with pytest.raises(InstanceFailed) as failed:
        let_in(client(b"", wrong + b"\n"), "k")
    assert str(failed.value) == f"connect: the key could not be let in: {wrong.decode()}\nhint: {hint}"

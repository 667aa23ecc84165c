"""What the box says about a key that is put there, with an ssh client that is a fake."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest

from gpustrap.engine.let_in import LetIn, let_in
from gpustrap.errors import InstanceFailed


def client(said: bytes, wrong: bytes = b"") -> Any:
    stdin = SimpleNamespace(write=lambda _text: None, channel=SimpleNamespace(shutdown_write=lambda: None))
    return SimpleNamespace(exec_command=lambda *_a, **_k: (stdin, io.BytesIO(said), io.BytesIO(wrong)))


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
        (b"mkdir: cannot create directory '/root/.ssh': Read-only file system\n", "put the key on the provider's page"),
        (b"cp: error writing '/root/.ssh/x': No space left on device\n", "is full"),
        (b"sh: cannot create x: Permission denied\n", "shows it"),
        (b"", "does `ssh` to it run a command"),
    ],
)
def test_what_cannot_be_written_says_what_to_do(wrong: bytes, hint: str) -> None:
    with pytest.raises(InstanceFailed) as failed:
        let_in(client(b"", wrong), "k")
    assert hint in str(failed.value) and failed.value.error.startswith("the key could not be let in: ")

"""The key of this connection is never taken away: where only our block lets it in, it gets a line of its own first."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyinfra.context import ctx_host

from gpustrap.engine.facts import files as files_fact
from gpustrap.engine.notes import noted
from gpustrap.engine.operations import files
from gpustrap.engine.operations.access import only_keys, would_lock_out
from gpustrap.engine.pyinfra_internals import commands_of
from gpustrap.engine.scripts import clean

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC"
BLOCK = f"# gpustrap access begin\n{KEY} me\n# gpustrap access end\n"


@pytest.mark.parametrize(
    ("text", "keys", "locked"),
    [
        (BLOCK, [], True),
        (BLOCK, [OTHER], True),
        (f"{OTHER}\n{BLOCK}# {KEY}\n", [], True),
        (BLOCK.replace(" begin", " begin (newline added)"), [], True),
        (BLOCK, [f"{KEY} renamed"], False),
        (f'{BLOCK}from="10.0.0.1" {KEY}\n', [], False),
        (f"{KEY}\n{BLOCK}", [OTHER], False),
        (BLOCK.replace(KEY, OTHER), [], False),
        ("", [], False),
    ],
)
def test_only_where_the_block_alone_lets_it_in_something_is_to_be_done(text, keys, locked):
    assert would_lock_out(text, KEY, keys) is locked


class Box:
    """Stands for pyinfra's host: its facts are what the scripts say here; `key` has logged in."""

    current_op_hash = "op"
    name = "it"

    def __init__(self, key: str) -> None:
        kind, _, blob = key.partition(" ")
        used = SimpleNamespace(get_name=lambda: kind, get_base64=lambda: blob)
        handler = SimpleNamespace(auth_method="publickey" if key else "password", private_key=used)
        transport = SimpleNamespace(auth_handler=handler)
        self.connector = SimpleNamespace(client=SimpleNamespace(get_transport=lambda: transport))
        self.connector_data: dict[str, Any] = {}
        self.state = SimpleNamespace(is_executing=True)

    def get_fact(self, fact: type, **arguments: Any) -> Any:
        return fact().process(shell(fact().command(**arguments)).stdout.splitlines())

    def noop(self, _: str) -> None:
        pass


def shell(text: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(["/bin/sh", "-c", text], input=stdin, text=True, capture_output=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
    return done


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The authorized_keys of a login whose block lets `KEY` in, in a file that is no text."""
    for module in (files, files_fact):
        monkeypatch.setattr(module, "STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(files, "_RECEIVE", clean("files-receive", state=str(tmp_path / "state")))
    (tmp_path / ".ssh").mkdir()
    path = tmp_path / ".ssh" / "authorized_keys"
    path.write_bytes(b"# \xff\n")
    done(path, [f"{KEY} me"])
    return path


def done(path: Path, keys: Sequence[str], logged_in_by: str = "", **how: Any) -> list[str]:
    """What the operation has said; its commands have been run."""
    box = Box(logged_in_by)
    with ctx_host.use(box):
        for command in commands_of(only_keys)(str(path), keys, **how):
            shell(command.get_raw_value(), "".join(command.connector_arguments.get("_stdin", ())))
    return [*noted(box.connector_data, "op")]


STAYS = "the key that this run logs in by, ssh-ed25519 …AQEBAQEB, stays as a line of its own"


@pytest.mark.parametrize(
    ("logged_in_by", "in_use", "stays"),
    [
        (KEY, None, True),
        (OTHER, None, False),
        ("", None, False),
        ("", KEY, True),
        (KEY, "", False),
        (KEY, OTHER, False),
    ],
)
def test_the_key_in_use_stays_whether_the_connection_or_the_caller_tells_it(place, logged_in_by, in_use, stays):
    said = done(place, [OTHER, f"{OTHER[:-4]}AAAA"], logged_in_by, in_use=in_use)
    assert (STAYS in said) == stays
    block = f"# gpustrap access begin\n{OTHER}\n{OTHER[:-4]}AAAA\n# gpustrap access end\n".encode()
    own = f"{KEY}\n".encode() if stays else b""
    assert place.read_bytes() in (b"# \xff\n" + own + block, b"# \xff\n" + block + own)


def test_without_keys_the_block_goes_unless_it_is_anothers_by_now_and_is_spared(place):
    place.write_bytes(place.read_bytes().replace(b" me\n", b" changed\n"))
    changed = place.read_bytes()
    done(place, [], spares=True)
    assert place.read_bytes() == changed
    done(place, [])
    assert place.read_bytes() == b"# \xff\n"


def test_whoever_logs_in_by_no_key_is_let_in_by_none_also_where_the_block_was_cut(place):
    place.write_text(f"# gpustrap access begin\n{KEY} me\n")
    box = Box("")
    with ctx_host.use(box):
        (_,) = commands_of(only_keys)(str(place), [OTHER])
    assert not [line for line in noted(box.connector_data, "op") if line.startswith("the key that this run")]

"""A file is written whole or not at all, for its owner's eyes from the first byte."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from gpustrap.laptop.atomic import need_room, write_atomically


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("text", ["", "one\n", "a\r\nb\n", "卡\n"])
def test_the_text_is_written_as_it_is(tmp_path, text):
    write_atomically(tmp_path / "file", text)
    assert (tmp_path / "file").read_bytes() == text.encode()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_new_file_and_its_folders_are_its_owners(tmp_path):
    before = os.umask(0)
    try:
        write_atomically(tmp_path / "folder" / "file", "secret")
    finally:
        os.umask(before)
    assert (mode(tmp_path / "folder"), mode(tmp_path / "folder" / "file")) == (0o700, 0o600)


def test_it_is_its_owners_from_the_first_byte(tmp_path, monkeypatch):
    """Seen when the file is opened for writing, before anything is in it."""
    seen = []
    opened = os.fdopen

    def fdopen(handle, *args, **named):
        seen.append((os.fstat(handle).st_mode & 0o777, os.fstat(handle).st_size))
        return opened(handle, *args, **named)

    monkeypatch.setattr(os, "fdopen", fdopen)
    (tmp_path / "file").write_text("old")
    (tmp_path / "file").chmod(0o644)
    write_atomically(tmp_path / "file", "secret")
    assert seen == [(0o600, 0)]


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o755])
def test_a_file_that_is_there_keeps_its_mode(tmp_path, kept):
    (tmp_path / "file").write_text("old")
    (tmp_path / "file").chmod(kept)
    write_atomically(tmp_path / "file", "new")
    assert (mode(tmp_path / "file"), (tmp_path / "file").read_text()) == (kept, "new")


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_a_link(tmp_path, exists):
    real = tmp_path / "elsewhere" / "real"
    real.parent.mkdir()
    if exists:
        real.write_text("old")
    (tmp_path / "link").symlink_to(real)
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink() and real.read_text() == "new"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "ctrl-c"])
def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, error):
    (tmp_path / "file").write_text("old")

    def replace(*_):
        raise error

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(type(error)):
        write_atomically(tmp_path / "file", "new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"file": "old"}


def test_a_text_that_cannot_be_written_leaves_the_old_file_and_no_other(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(tmp_path / "file", "new \udcff")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"file": "old"}


def test_the_new_text_lies_beside_the_file_until_it_is_whole(tmp_path, monkeypatch):
    """On another file system a rename would copy, and could be seen half done."""
    made = []
    mkstemp = tempfile.mkstemp
    monkeypatch.setattr(tempfile, "mkstemp", lambda **named: made.append(named["dir"]) or mkstemp(**named))
    write_atomically(tmp_path / "file", "new")
    assert made == [tmp_path]


@pytest.mark.parametrize("writes", ["need_room(folder)", "write_atomically(folder / 'file', 'text')"])
def test_where_nothing_can_be_written_the_place_is_named_and_nothing_is_left(tmp_path, writes):
    """A limit of 0 bytes stands for the full disk: each write fails, and knows no file's name."""
    script = (
        "import resource, sys; from pathlib import Path; from gpustrap.laptop.atomic import need_room, write_atomically\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); folder = Path(sys.argv[1])\n"
        f"try: {writes}\n"
        "except OSError as error: print(error.filename)"
    )
    said = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=60)
    named = tmp_path if writes.startswith("need") else tmp_path / "file"
    assert (said.stdout.strip(), list(tmp_path.iterdir())) == (str(named), []), said.stderr


def test_where_there_is_room_nothing_is_left_behind(tmp_path):
    need_room(tmp_path)
    assert list(tmp_path.iterdir()) == []

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gpustrap.engine.scripts import script

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBqWVn gpustrap"
THEIRS = "ssh-rsa AAAAB3 me@home"


def let_in(home: Path, key: str = KEY, **which: str) -> str:
    text = script("authorize", **{"key": key, "file": "", "block": "", **which})
    done = subprocess.run(
        ["sh", "-s"], input=text, env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, f"{KEY}\n"),
        ("", f"{KEY}\n"),
        (f"{THEIRS}\n", f"{THEIRS}\n{KEY}\n"),
        (THEIRS, f"{THEIRS}\n{KEY}\n"),
        (f"# mine\n\n{THEIRS}\n\n", f"# mine\n\n{THEIRS}\n\n{KEY}\n"),
    ],
)
def test_one_line_is_added_and_the_rest_stays(tmp_path: Path, before: str | None, after: str):
    file = tmp_path / ".ssh" / "authorized_keys"
    if before is not None:
        file.parent.mkdir()
        file.write_text(before)
        file.chmod(0o640)
    assert let_in(tmp_path) == "added"
    assert file.read_text() == after
    assert oct(file.stat().st_mode & 0o777) == ("0o600" if before is None else "0o640")
    assert [path.name for path in file.parent.iterdir()] == ["authorized_keys"]


@pytest.mark.parametrize("line", [KEY, f'no-pty,command="x" {KEY}', KEY.replace("gpustrap", "another comment")])
def test_a_key_that_is_let_in_is_not_written_again(tmp_path: Path, line: str):
    file = tmp_path / ".ssh" / "authorized_keys"
    file.parent.mkdir()
    file.write_text(f"{line}\n")
    assert let_in(tmp_path) == "there"
    assert file.read_text() == f"{line}\n"


def test_a_link_stays_a_link(tmp_path: Path):
    (tmp_path / "kept").write_text(f"{THEIRS}\n")
    (tmp_path / ".ssh").mkdir(mode=0o700)
    (tmp_path / ".ssh" / "authorized_keys").symlink_to("../kept")
    assert let_in(tmp_path) == "added"
    assert (tmp_path / ".ssh" / "authorized_keys").is_symlink()
    assert (tmp_path / "kept").read_text() == f"{THEIRS}\n{KEY}\n"


def test_a_fresh_login_gets_a_folder_for_itself_alone(tmp_path: Path):
    let_in(tmp_path)
    assert oct((tmp_path / ".ssh").stat().st_mode & 0o777) == "0o700"


def test_a_line_that_is_a_comment_lets_nobody_in(tmp_path: Path):
    file = tmp_path / ".ssh" / "authorized_keys"
    file.parent.mkdir()
    file.write_text(f"  # {KEY}\n#{KEY}\n")
    assert let_in(tmp_path) == "added"
    assert file.read_text() == f"  # {KEY}\n#{KEY}\n{KEY}\n"


@pytest.mark.parametrize("name", [".", ".ssh", ".ssh/authorized_keys"])
def test_what_sshd_would_mistrust_is_named(tmp_path: Path, name: str):
    file = tmp_path / ".ssh" / "authorized_keys"
    tmp_path.chmod(0o700)
    file.parent.mkdir(mode=0o700)
    file.write_text(f"{KEY}\n")
    assert let_in(tmp_path) == "there"
    (tmp_path / name).chmod(0o777)
    assert let_in(tmp_path) == f"loose {(tmp_path / name)}\nthere"


def test_a_key_that_a_block_of_ours_holds_gets_a_line_of_its_own_once(tmp_path: Path):
    file = tmp_path / "me" / ".ssh" / "authorized_keys"
    file.parent.mkdir(parents=True)
    block = f"# gpustrap access begin\n{KEY}\n# gpustrap access end\n"
    file.write_text(f"{THEIRS}\n{block}")
    which = {"file": str(file), "block": "access"}
    assert [let_in(tmp_path, **which).split("\n")[-1] for _ in range(2)] == ["added", "there"]
    assert file.read_text() == f"{THEIRS}\n{block}{KEY}\n"
    assert let_in(tmp_path / "me") == "there"

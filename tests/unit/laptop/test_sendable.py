"""As whoever reads a folder is told: by `tree_of`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.laptop import sendable
from gpustrap.laptop.tree import Entry, Folder, tree_of


def entries(folder: Path, most_mib: int = 9) -> tuple[Entry, ...]:
    tree_of.cache_clear()
    return tree_of(Folder(folder, most_mib=most_mib)).entries


@pytest.mark.parametrize("target", ["/etc/passwd", "..", "../x", "a/../../x"])
def test_a_link_to_the_outside_is_refused_by_name(tmp_path: Path, target: str) -> None:
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(InstanceFailed) as refused:
        entries(tmp_path)
    assert refused.value.error == f"the link link leads to {target}, outside of the folder"


@pytest.mark.parametrize("name", [b"a\nb", b"a\\b", b"a\x7f", b"\xff"])
def test_a_name_that_no_list_can_hold_is_refused(tmp_path: Path, name: bytes) -> None:
    Path(os.fsdecode(bytes(tmp_path) + b"/" + name)).touch()
    with pytest.raises(InstanceFailed, match="has characters that cannot be sent"):
        entries(tmp_path)


def test_all_that_cannot_be_sent_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("/etc/passwd")
    for name in ("b\\", "c\\", "d\\", "e\\"):
        (tmp_path / name).touch()
    with pytest.raises(InstanceFailed) as refused:
        entries(tmp_path)
    assert refused.value.error == (
        "the link a leads to /etc/passwd, outside of the folder; the file name 'b\\\\' has characters that cannot be sent;"
        " the file name 'c\\\\' has characters that cannot be sent; and 2 more"
    )
    assert refused.value.hint == (
        "put the file itself there, or leave the link out by a line in .gitignore;"
        " rename it, or leave it out by a line in .gitignore"
    )


def test_too_much_is_refused_with_the_biggest(tmp_path: Path) -> None:
    for name, size in (("a", 1), ("b", 3), ("c", 2), ("d", 0)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size * sendable.MIB)
    assert len(entries(tmp_path, 6)) == 4
    with pytest.raises(InstanceFailed) as refused:
        entries(tmp_path, 5)
    assert refused.value.error == (
        f"{tmp_path} has 4 files of together 6 MiB, and 5 MiB in 20000 files are the most that is sent;"
        " the biggest: b (3 MiB), c (2 MiB), a (1 MiB)"
    )


def test_too_many_are_refused_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sendable, "MOST_FILES", 1)
    (tmp_path / "a").touch()
    assert entries(tmp_path)
    (tmp_path / "b").touch()
    with pytest.raises(InstanceFailed, match="2 files of together 0 MiB"):
        entries(tmp_path)

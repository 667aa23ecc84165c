from __future__ import annotations

import os
from pathlib import Path

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.laptop import tree
from gpustrap.laptop.tree import Entry, Folder, Tree, sum_of, tree_of


def entries(folder: Path, **limits: int) -> dict[str, Entry]:
    tree_of.cache_clear()
    return {entry.path: entry for entry in tree_of(Folder(folder, **limits)).entries}


@pytest.mark.parametrize(
    ("name", "mode", "sent"),
    [
        ("a", 0o644, "644"),
        ("a", 0o775, "755"),
        ("a", 0o600, "600"),
        ("a", 0o700, "700"),
        (".env", 0o644, "600"),
        (".env.prod", 0o755, "700"),
    ],
)
def test_modes_are_as_git_keeps_them_and_secrets_are_their_owners(
    tmp_path: Path, name: str, mode: int, sent: str
) -> None:
    (tmp_path / name).write_text("x")
    (tmp_path / name).chmod(mode)
    assert entries(tmp_path)[name] == Entry(sent, sum_of(b"x"), name)


def test_a_link_inside_stays_one(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "link").symlink_to("../gone")
    assert entries(tmp_path)["sub/link"] == Entry("link", sum_of(b"../gone\n"), "sub/link")


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


def test_too_much_is_refused_with_the_biggest(tmp_path: Path) -> None:
    for name, size in (("a", 1), ("b", 3), ("c", 2), ("d", 0)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size * tree.MIB)
    assert len(entries(tmp_path, most_mib=6)) == 4
    with pytest.raises(InstanceFailed) as refused:
        entries(tmp_path, most_mib=5)
    assert refused.value.error == (
        f"{tmp_path} has 4 files of together 6 MiB, and 5 MiB in 20000 files are the most that is sent;"
        " the biggest: b (3 MiB), c (2 MiB), a (1 MiB)"
    )


def test_too_many_are_refused_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_FILES", 1)
    (tmp_path / "a").touch()
    assert entries(tmp_path)
    (tmp_path / "b").touch()
    with pytest.raises(InstanceFailed, match="2 files of together 0 MiB"):
        entries(tmp_path)


def test_a_file_that_goes_away_meanwhile_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "listed", lambda _folder, _also: ["gone"])
    with pytest.raises(InstanceFailed) as refused:
        entries(tmp_path)
    assert refused.value.error == f"{tmp_path}/gone cannot be read: no such file or directory"


def test_the_digest_changes_with_content_mode_and_name() -> None:
    trees = [
        Tree(Path(), (Entry(*words),))
        for words in (("644", "a", "x"), ("755", "a", "x"), ("644", "b", "x"), ("644", "a", "y"))
    ]
    assert len({one.digest for one in trees}) == 4
    assert trees[0].digest == Tree(Path("/other"), trees[0].entries).digest

from __future__ import annotations

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

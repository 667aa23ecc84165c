from __future__ import annotations

import base64
import io
import tarfile
from pathlib import Path

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.laptop import packing
from gpustrap.laptop.packing import archive, portions, size_of
from gpustrap.laptop.tree import Folder, Tree, tree_of


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    for name, text in (("a", "12"), ("b", "3456"), ("c", "78")):
        (tmp_path / name).write_text(text)
    (tmp_path / "link").symlink_to("a")
    tree_of.cache_clear()
    return tree_of(Folder(tmp_path))


def test_a_part_ends_once_it_is_full(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "PART_BYTES", 5)
    assert [[entry.path for entry in part] for part in portions(tree, tree.entries)] == [["a", "b"], ["c", "link"]]
    assert [*portions(tree, ())] == []


def test_a_link_weighs_nothing(tree: Tree) -> None:
    assert [size_of(tree, entry) for entry in tree.entries] == [2, 4, 2, 0]


def test_members_are_what_the_tree_says_and_the_lists(tree: Tree) -> None:
    data = base64.b64decode(archive(tree, tree.entries, {"gone": "x\n"}))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        members = {one.name: (one.type, one.mode, one.linkname) for one in tar}
    assert members == {
        "tree": (tarfile.DIRTYPE, 0o755, ""),
        **{f"tree/{name}": (tarfile.REGTYPE, 0o644, "") for name in "abc"},
        "tree/link": (tarfile.SYMTYPE, 0o777, "a"),
        "gone": (tarfile.REGTYPE, 0o600, ""),
    }


@pytest.mark.parametrize("name", ["a", "link"])
def test_what_changed_or_went_since_is_named(tree: Tree, name: str) -> None:
    (tree.root / name).unlink()
    with pytest.raises(InstanceFailed) as refused:
        archive(tree, tree.entries, {})
    assert refused.value.error == f"{name} was changed here while it was sent"

from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.laptop.tree import Folder, tree_of


@pytest.mark.parametrize("changes", ["refuse", "keep"])
def test_the_folder_is_sent_as_it_is_here(lined_up, tmp_path: Path, changes: str) -> None:
    from roles.project.resolve import Project

    (tmp_path / "main.py").touch()
    (one,) = lined_up("project", Project(Folder(tmp_path), "/root/app", "me", changes))
    assert (one.operation, one.name) == ("project.sent", "files")
    assert one.arguments == {
        "tree": tree_of(Folder(tmp_path)),
        "dest": "/root/app",
        "user": "me",
        "on_box_changes": changes,
    }

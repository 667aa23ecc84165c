from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from gpustrap.laptop.remote import Checkout
from gpustrap.laptop.tree import Folder, tree_of
from gpustrap.resolve.environment import Environment


def test_without_a_folder_and_a_repository_there_is_no_digest(lined_up) -> None:
    from roles.project.decision import Project

    chosen = Project("/root/app", "", "refuse")
    assert (chosen.digest, chosen.jobs, lined_up("project", chosen)) == ("", "", [])


@pytest.mark.parametrize("changes", ["refuse", "keep"])
def test_the_folder_is_sent_as_it_is_here(lined_up, tmp_path: Path, changes: str) -> None:
    from roles.project.decision import Project

    (tmp_path / "main.py").touch()
    tree = tree_of(Folder(tmp_path))
    (one,) = lined_up("project", Project("/root/app", "me", changes, tree))
    assert (one.operation, one.name) == ("project.sent", "files")
    assert one.arguments == {"tree": tree, "dest": "/root/app", "user": "me", "on_box_changes": changes}


def test_then_its_environment_is_made(lined_up, tmp_path: Path) -> None:
    from gpustrap.engine.facts.detached import Job
    from roles.project.decision import Project

    environment, tree = Environment("uv", "/root/app", "uv.lock", "python"), tree_of(Folder(tmp_path))
    chosen = Project("/root/app", "", "refuse", tree, environment=environment, jobs="/data/jobs/project")
    _, one = lined_up("project", chosen)
    assert (one.operation, one.name) == ("environment.installed", "environment")
    assert one.arguments["environment"] == environment
    assert one.arguments["job"] == Job("project", "/data/jobs/project")
    assert (one.arguments["script"].dest, one.arguments["digest"]) == ("/data/jobs/project/run", tree.digest)


def test_a_repository_is_fetched_instead_by_its_key_or_token(lined_up) -> None:
    from gpustrap.engine.operations.files import ManagedFile
    from roles.project.access import Access
    from roles.project.decision import Project

    checkout = Checkout("git@h.lan:a", "00", "refs/heads/main")
    access = Access((("/root/key", SecretStr("a key")), ("/root/token", None)), "/root/key")
    wanted, one = lined_up("project", Project("/root/app", "me", "stash", checkout=checkout, access=access))
    assert (wanted.operation, wanted.name) == ("files.managed", "access")
    assert wanted.arguments["files"] == [ManagedFile("/root/key", SecretStr("a key")), ManagedFile("/root/token", None)]
    assert (one.operation, one.name) == ("checkout.made", "checkout")
    where = {"dest": "/root/app", "user": "me", "on_box_changes": "stash"}
    assert one.arguments == {"checkout": checkout, **where, "key": "/root/key", "config": ""}

"""Real repositories, asked by real git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.laptop import remote
from gpustrap.laptop.remote import Checkout, checkout_of


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    done = subprocess.run(["git", *who, "-C", str(folder), *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    checkout_of.cache_clear()
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "one")
    git(folder, "tag", "-a", "v1.0", "-m", "a tag of its own")
    git(folder, "commit", "-q", "--allow-empty", "-m", "two")
    git(folder, "branch", "dev")
    return folder


@pytest.mark.parametrize(
    ("ref", "name", "commit"),
    [
        (None, "HEAD", "main"),
        ("main", "refs/heads/main", "main"),
        ("dev", "refs/heads/dev", "main"),
        ("v1.0", "refs/tags/v1.0", "main~1"),
    ],
)
def test_a_name_means_the_commit_that_it_has_now(repository: Path, ref: str | None, name: str, commit: str) -> None:
    url = f"file://{repository}"
    assert checkout_of(url, ref) == Checkout(url, git(repository, "rev-parse", commit), name)


def test_a_commit_is_not_asked_for() -> None:
    assert checkout_of("https://nowhere.invalid/x", "0" * 40) == Checkout("https://nowhere.invalid/x", "0" * 40)


def test_a_name_that_is_not_there_is_said_with_the_nearest(repository: Path) -> None:
    with pytest.raises(InstanceFailed) as refused:
        checkout_of(f"file://{repository}", "mian")
    assert refused.value.error == f"file://{repository} has no branch or tag 'mian'; nearest: 'main'"


def test_a_repository_that_is_gone_is_said_in_gits_words(tmp_path: Path) -> None:
    with pytest.raises(InstanceFailed) as refused:
        checkout_of(f"file://{tmp_path}/gone", None)
    assert refused.value.error == (
        f"git on this computer cannot ask file://{tmp_path}/gone: '{tmp_path}/gone' does not appear to be a git repository"
    )


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (None, "there is no git here"),
        ("sleep 60", "no answer within 0.1 s"),
        ("exit 3", "it says no reason"),
        ("echo nonsense", None),
    ],
)
def test_a_git_that_does_not_answer_is_named(tmp_path: Path, monkeypatch, script: str | None, why: str | None) -> None:
    if script is not None:
        (tmp_path / "git").write_text(
            f"#!/bin/sh\nexec {script}\n" if script.startswith("sleep") else f"#!/bin/sh\n{script}\n"
        )
        (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin" if script else str(tmp_path))
    monkeypatch.setattr(remote, "SECONDS", 0.1 if script and script.startswith("sleep") else 30)
    with pytest.raises(InstanceFailed) as refused:
        checkout_of(f"https://x.invalid/{script}", None)
    words = f"git on this computer cannot ask https://x.invalid/{script}: {why}"
    assert refused.value.error == (words if why else f"https://x.invalid/{script} has no branch or tag 'HEAD'")

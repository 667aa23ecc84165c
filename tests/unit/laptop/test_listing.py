"""Real git on real folders."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gpustrap.laptop.listing import listed


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    app = tmp_path / "app"
    for name in (
        "main.py",
        ".env",
        "out/big",
        "lib/a b.py",
        "lib/skip.log",
        ".venv/x",
        "node_modules/y",
        "lib/__pycache__/z",
    ):
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(name)
    (app / ".gitignore").write_text(".env\nout/\n")
    (app / "lib" / ".gitignore").write_text("*.log\n")
    (app / "link").symlink_to("main.py")
    return app


SENT = [".gitignore", "lib/.gitignore", "lib/a b.py", "link", "main.py"]


def test_in_a_plain_folder_gitignore_counts(app: Path) -> None:
    assert listed(app) == SENT
    assert not (app / ".git").exists()


def test_in_a_checkout_too_with_what_is_not_committed(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(app, "init", "-q")
    git(app, "add", "main.py", "link")
    monkeypatch.setenv("GIT_DIR", "/nowhere")  # as inside of a hook
    (app / "link").unlink()
    assert listed(app) == [name for name in SENT if name != "link"]


def test_what_a_repository_around_leaves_out_as_a_whole_is_still_a_project(app: Path) -> None:
    git(app.parent, "init", "-q")
    (app.parent / ".gitignore").write_text("app/\n")
    assert listed(app) == SENT


def test_a_checkout_inside_goes_along_without_what_it_leaves_out(app: Path) -> None:
    inner = app / "lib" / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / ".gitignore").write_text("no\n")
    (inner / "no").touch()
    (inner / "yes").touch()
    assert [name for name in listed(app) if "inner" in name] == ["lib/inner/.gitignore", "lib/inner/yes"]


def test_patterns_bring_what_is_left_out(app: Path) -> None:
    assert listed(app, (".env", "out/*", "none*", "lib")) == sorted([*SENT, ".env", "out/big"])


def test_without_git_all_goes_along_but_what_never_does(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    (app / "folder").symlink_to("lib")
    assert listed(app) == sorted([*SENT, ".env", "out/big", "lib/skip.log", "folder"])

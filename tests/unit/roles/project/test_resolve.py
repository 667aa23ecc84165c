from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from gpustrap.laptop.remote import Checkout
from roles.project import resolve


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "my app!"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("written", "user", "home", "dest"),
    [
        (None, "root", "/root", "/root/my-app"),
        ("~/x/y", "ubuntu", "/home/ubuntu", "/home/ubuntu/x/y"),
        ("/data/app", "root", "/root", "/data/app"),
    ],
)
def test_where_it_stands_and_whose_it_is(settings, survey, context, app, written, user, home, dest) -> None:
    keys = {"path": app} | ({"dest": written} if written else {})
    chosen = resolve.choose(settings("project", **keys), replace(survey, user=user, home=home), context)
    assert (chosen.dest, chosen.user) == (dest, "" if user == "root" else user)


def test_a_name_without_a_letter_becomes_app(settings, survey, context, tmp_path: Path) -> None:
    (tmp_path / "应用").mkdir()
    chosen = resolve.choose(settings("project", path=tmp_path / "应用"), survey, context)
    assert chosen.dest == "/root/app"


def test_the_reasons_say_where_it_goes_and_what_stays(settings, survey, context, app) -> None:
    ubuntu = replace(survey, user="ubuntu", home="/h")
    assert resolve.choose(settings("project", path=app), ubuntu, context).reasons == (
        f"{app} is sent to /h/my-app",
        "what .gitignore leaves out is not sent, but for .env",
        "its files are ubuntu's",
        "no Python environment is made: it has none of uv.lock, pyproject.toml, requirements.txt, environment.yml",
    )
    also = resolve.choose(settings("project", path=app, also=[".env", "*.key"]), survey, context)
    assert also.reasons[1] == "what .gitignore leaves out is not sent, but for .env, *.key"
    assert resolve.choose(settings("project", path=app, also=[]), survey, context).reasons == (
        f"{app} is sent to /root/my-app",
        "what .gitignore leaves out is not sent",
        "no Python environment is made: it has none of uv.lock, pyproject.toml, requirements.txt, environment.yml",
    )


def test_the_files_are_known_and_the_environment_follows_from_them(settings, survey, context, app) -> None:
    (app / "requirements.txt").write_text("six")
    box = replace(survey, tools={"uv": "/opt/uv", "tmux": "/usr/bin/tmux"})
    chosen = resolve.choose(settings("project", path=app), box, context)
    assert [entry.path for tree in chosen.trees for entry in tree.entries] == ["requirements.txt"]
    assert (chosen.digest, chosen.checkouts) == (chosen.tree.digest, ())
    assert [one.uv for one in chosen.environments] == ["/opt/uv"]
    assert chosen.jobs == "/root/gpustrap/jobs/project"
    chosen = resolve.choose(settings("project", path=app, environment="none"), box, context)
    assert chosen.environments == ()


COMMIT = "0123456789" * 4


@pytest.mark.parametrize(
    ("url", "dest"),
    [
        ("https://h.lan/me/my-app.git", "/root/my-app"),
        ("git@h.lan:me/app", "/root/app"),
        ("git@h.lan:app/", "/root/app"),
    ],
)
def test_a_repository_stands_at_a_commit(settings, survey, context, url: str, dest: str) -> None:
    box = replace(survey, tools={"uv": "/opt/uv", "tmux": "/usr/bin/tmux"})
    chosen = resolve.choose(settings("project", git=url, ref=COMMIT), box, context)
    assert (chosen.dest, chosen.digest, chosen.trees) == (dest, COMMIT, ())
    assert [one.commit for one in chosen.checkouts] == [COMMIT]
    assert chosen.reasons == (
        f"{url} at commit 0123456789 stands in {dest}",
        f"its environment {dest}/.venv is made from the first of uv.lock, pyproject.toml, requirements.txt that it has",
    )


@pytest.mark.parametrize(("ref", "said"), [("dev", "dev"), (None, "its own branch")])
def test_a_name_is_said_with_the_commit_that_it_means(settings, survey, context, monkeypatch, ref, said: str) -> None:
    made = Checkout("file:///srv/a", COMMIT, "refs/heads/dev")
    monkeypatch.setattr(resolve, "checkout_of", lambda *_: made)
    keys = {"git": "file:///srv/a", "environment": "none"} | ({"ref": ref} if ref else {})
    assert resolve.choose(settings("project", **keys), survey, context).reasons == (
        f"file:///srv/a at {said}, now commit 0123456789, stands in /root/a",
        "no Python environment is made: hosts.yml says so",
    )


def test_key_and_token_are_read_here_and_told_to_git(settings, survey, context, monkeypatch) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(resolve, "checkout_of", lambda *words: asked.append(words) or Checkout(str(words[0]), COMMIT))
    monkeypatch.setenv("TOKEN", "a token")
    keys = {"git": "https://h.lan/a", "environment": "none", "token": {"env": "TOKEN"}}
    chosen = resolve.choose(settings("project", **keys), survey, context)
    assert asked == [("https://h.lan/a", None, "", SecretStr("a token"))]
    assert chosen.access.config == "/root/.config/gpustrap/project-token"


@pytest.mark.parametrize("by_file", [True, False])
def test_a_key_that_is_a_file_here_is_what_the_repository_is_asked_by(
    settings, survey, context, monkeypatch, tmp_path: Path, by_file: bool
) -> None:
    """Else by whatever key this computer has."""
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(resolve, "checkout_of", lambda *words: asked.append(words) or Checkout(str(words[0]), COMMIT))
    monkeypatch.setenv("KEY", "a key")
    file = tmp_path / "key"
    file.write_text("a key")
    file.chmod(0o600)
    keys = {"git": "git@h.lan:a", "environment": "none", "key": {"file": file} if by_file else {"env": "KEY"}}
    resolve.choose(settings("project", **keys), survey, context)
    assert asked == [("git@h.lan:a", None, str(file) if by_file else "", None)]

"""The operation and its scripts, with real git, on a folder here that stands for an instance's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr
from pyinfra.context import ctx_host

from gpustrap.engine import scripts
from gpustrap.engine.facts.checkout import CheckoutFolder, CheckoutState
from gpustrap.engine.notes import noted
from gpustrap.engine.operations.checkout import made
from gpustrap.engine.pyinfra_internals import commands_of
from gpustrap.errors import InstanceFailed
from gpustrap.laptop.remote import Checkout, checkout_of, header, site_of


class Box:
    """Stands for pyinfra's host: its facts are what the scripts say here."""

    current_op_hash = "op"
    name = "it"

    def __init__(self) -> None:
        self.connector_data: dict[str, Any] = {}
        self.data: dict[str, Any] = {}
        self.state = SimpleNamespace(is_executing=True)

    def get_fact(self, fact: type, **arguments: Any) -> Any:
        done = shell(fact().command(**arguments))
        assert (done.returncode, done.stderr) == (0, "")
        return fact().process(done.stdout.splitlines())

    def noop(self, why: str) -> None:
        self.why = why


def shell(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["/bin/sh", "-c", text], text=True, capture_output=True, timeout=60)


def git(folder: Path, *words: str) -> str:
    told = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always")
    done = subprocess.run(["git", *told, "-C", str(folder), *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, message: str, **files: str) -> str:
    for name, text in files.items():
        (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "one", main="one", other="x")
    return folder


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "on it's $box" / "app"


def done(
    repository: Path,
    dest: Path,
    changes: str = "refuse",
    ref: str | None = None,
    wanted: Checkout | None = None,
    config: str = "",
) -> list[str]:
    """What the operation has said; its commands have been run."""
    checkout_of.cache_clear()
    box = Box()
    with ctx_host.use(box):
        checkout = wanted or checkout_of(f"file://{repository}", ref)
        for command in commands_of(made)(checkout, str(dest), "", changes, config=config):
            ran = shell(command.get_raw_value())
            if ran.returncode:
                return ran.stderr.splitlines()
    return [*noted(box.connector_data, "op")] or [box.why]


def short(folder: Path, name: str = "HEAD") -> str:
    return git(folder, "rev-parse", name)[:10]


def test_a_repository_stands_there_at_its_commit_and_follows(repository: Path, dest: Path) -> None:
    first = short(repository)
    assert done(repository, dest) == [f"{dest}: none → {first}"]
    assert (dest / "main").read_text() == "one"
    assert done(repository, dest) == [f"{dest} is at {first}"]
    (dest / ".venv").mkdir()
    (dest / ".venv" / "x").touch()
    (dest / "output").write_text("theirs")
    commit(repository, "two", main="two")
    assert done(repository, dest) == [f"{dest}: {first} → {short(repository)}"]
    assert ((dest / "main").read_text(), (dest / "output").read_text()) == ("two", "theirs")
    assert git(dest, "status", "--porcelain") == "?? output"


def test_a_branch_that_was_rewritten_is_followed_too(repository: Path, dest: Path) -> None:
    done(repository, dest)
    (repository / "main").write_text("again")
    git(repository, "commit", "-q", "-a", "--amend", "-m", "one again")
    done(repository, dest)
    assert (dest / "main").read_text() == "again"


def test_a_commit_that_no_name_leads_to_directly_is_found(repository: Path, dest: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    commit(repository, "two", main="two")
    git(repository, "tag", "v1")
    done(repository, dest, wanted=Checkout(f"file://{repository}", first))
    assert short(dest) == first[:10]
    missing = Checkout(f"file://{repository}", "0" * 40)
    assert done(repository, dest, wanted=missing)[-1] == f"file://{repository} has no commit {'0' * 40}"
    assert short(dest) == first[:10]


@pytest.fixture
def theirs(repository: Path, dest: Path) -> Path:
    """Changed there: a file, and a commit that is nowhere else. The branch has moved here."""
    done(repository, dest)
    commit(dest, "their fix", other="committed")
    (dest / "main").write_text("edited")
    commit(repository, "two", main="two")
    return dest


def test_what_was_changed_there_is_refused_by_name_and_nothing_is_touched(repository: Path, theirs: Path) -> None:
    head = git(theirs, "rev-parse", "--short", "HEAD")
    with pytest.raises(InstanceFailed) as refused:
        done(repository, theirs)
    assert refused.value.error == (
        f"changed on the instance in {theirs}: main; commits that are nowhere else: {head} their fix"
    )
    assert ((theirs / "main").read_text(), (theirs / "other").read_text()) == ("edited", "committed")


def test_kept_it_stays(repository: Path, theirs: Path) -> None:
    (said,) = done(repository, theirs, "keep")
    assert said.startswith(f"{theirs} stays as it was changed there: main; commits that are nowhere else: ")
    assert (theirs / "main").read_text() == "edited"


def test_where_nothing_was_changed_there_is_nothing_to_keep(repository: Path, dest: Path) -> None:
    done(repository, dest)
    commit(repository, "two", main="two")
    done(repository, dest, "keep")
    assert (dest / "main").read_text() == "two"


def test_stashed_it_is_in_git_there(repository: Path, theirs: Path) -> None:
    done(repository, theirs, "stash")
    assert ((theirs / "main").read_text(), (theirs / "other").read_text()) == ("two", "x")
    assert git(theirs, "show", "stash@{0}:main") == "edited"
    (branch,) = git(theirs, "branch", "--list", "gpustrap-*", "--format=%(refname:short)").split()
    assert git(theirs, "show", f"{branch}:other") == "committed"
    assert done(repository, theirs) == [f"{theirs} is at {short(repository)}"]


def test_a_commit_that_was_pushed_is_nowhere_lost(repository: Path, dest: Path) -> None:
    done(repository, dest)
    commit(dest, "their fix", other="committed")
    git(dest, "push", "-q", "origin", "HEAD:refs/heads/fix")
    assert done(repository, dest) == [f"{dest}: {short(dest, 'origin/fix')} → {short(repository)}"]


def test_the_mirror_that_is_set_for_fetches_counts(
    repository: Path, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")  # as role mirrors sets it in ~/.gitconfig
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{repository}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/me/app")
    wanted = Checkout("https://github.com/me/app", git(repository, "rev-parse", "HEAD"), "refs/heads/main")
    assert done(repository, dest, wanted=wanted) == [f"{dest}: none → {short(repository)}"]
    assert (dest / "main").read_text() == "one"
    assert git(dest, "config", "--get", "remote.origin.url") == "https://github.com/me/app"


TOKEN = SecretStr("a token")


# In a process of its own: threads are greenlets here.
SERVER = """
import functools, http.server, sys

class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.headers.get("Authorization") == sys.argv[2]:
            super().do_GET()
        else:
            self.send_error(401)

handler = functools.partial(Handler, directory=sys.argv[1])
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
"""


@pytest.fixture
def private(repository: Path) -> Iterator[str]:
    """The URL of the repository on a web server that wants a token."""
    git(repository, "update-server-info")
    words = [sys.executable, "-c", SERVER, str(repository / ".git"), header(TOKEN).removeprefix("Authorization: ")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}/"
        server.kill()


def test_a_private_repository_is_read_by_its_token_which_no_other_host_is_told(
    private: str, repository: Path, dest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    checkout_of.cache_clear()
    with pytest.raises(InstanceFailed, match="git on this computer cannot ask"):
        checkout_of(private, "main")
    wanted = checkout_of(private, "main", "", TOKEN)
    assert wanted.commit == git(repository, "rev-parse", "HEAD")
    config = tmp_path / "token"
    config.write_text(f'[http "http://localhost/"]\n\textraHeader = "{header(TOKEN)}"\n')
    assert "no commit" in done(repository, dest, wanted=wanted, config=str(config))[-1]
    config.write_text(f'[http "{site_of(private)}"]\n\textraHeader = "{header(TOKEN)}"\n')
    assert done(repository, dest, wanted=wanted, config=str(config)) == [f"{dest}: none → {short(repository)}"]
    assert (dest / "main").read_text() == "one"
    assert "oauth2" not in (dest / ".git" / "config").read_text()


def test_submodules_come_along(repository: Path, dest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")  # git refuses submodules in folders since 2.38.1
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "always")
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "-q", "-b", "main")
    commit(inner, "one", deep="x")
    git(repository, "submodule", "add", "-q", f"file://{inner}", "sub")
    commit(repository, "with a submodule")
    done(repository, dest)
    assert (dest / "sub" / "deep").read_text() == "x"
    assert done(repository, dest) == [f"{dest} is at {short(repository)}"]


def test_a_checkout_that_was_cut_short_goes_on(repository: Path, dest: Path) -> None:
    dest.mkdir(parents=True)
    git(dest, "init", "-q")
    assert done(repository, dest) == [f"{dest}: none → {short(repository)}"]
    assert (dest / "main").read_text() == "one"


def test_what_is_no_checkout_is_left_alone(repository: Path, dest: Path) -> None:
    dest.mkdir(parents=True)
    (dest / "theirs").touch()
    with pytest.raises(InstanceFailed) as refused:
        done(repository, dest)
    assert refused.value.error == f"{dest} has files and is no git checkout"
    assert refused.value.hint == "remove it on the instance, or set project.dest"
    (dest / "theirs").unlink()
    dest.rmdir()
    dest.touch()
    with pytest.raises(InstanceFailed) as blocked:
        done(repository, dest)
    assert blocked.value.error == f"{dest} is no folder"


POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 10\n"
LARGE = {".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n", "-a.bin": POINTER, "b.bin": POINTER}


@pytest.fixture
def without_lfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has no git-lfs, and whose apt has none to give."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("git-lfs", "apt-get", "apt-config", "apt-cache", "dpkg-query"):
        (folder / name).write_text("#!/bin/sh\nexit 127\n")
        (folder / name).chmod(0o755)
    clean = scripts.text_of("clean")
    monkeypatch.setenv("GIT_LFS_SKIP_SMUDGE", "1")  # of what a test does itself
    changed = clean.replace('PATH="', f'PATH="{folder}:')
    assert changed != clean
    text_of = scripts.text_of
    monkeypatch.setattr(scripts, "text_of", lambda name: changed if name == "clean" else text_of(name))


@pytest.mark.usefixtures("without_lfs")
def test_large_files_whose_content_cannot_be_had_are_named_and_nothing_is_touched(repository: Path, dest: Path) -> None:
    done(repository, dest)
    commit(repository, "big ones", **LARGE, main="two")
    said = done(repository, dest)[-1]
    assert said.startswith("git-lfs is not here and cannot be had by apt: without it these files are pointers to")
    assert "their content: -a.bin, b.bin; " in said
    assert ((dest / "main").read_text(), (dest / "b.bin").exists()) == ("one", False)


@pytest.mark.usefixtures("without_lfs")
def test_attributes_for_large_files_that_are_not_there_ask_for_nothing(repository: Path, dest: Path) -> None:
    commit(repository, "none yet", **{".gitattributes": LARGE[".gitattributes"]}, main="two")
    done(repository, dest)
    assert (dest / "main").read_text() == "two"


@pytest.mark.usefixtures("without_lfs")
def test_pointers_that_stand_there_are_seen_unless_the_repository_does_without_their_content(
    repository: Path, dest: Path
) -> None:
    commit(repository, "big ones", **LARGE)
    git(repository, "clone", "-q", str(repository), str(dest))
    fact = CheckoutFolder()
    command = fact.command(dest=str(dest), user="")
    assert fact.process(shell(command).stdout.splitlines()).pointers == ("-a.bin", "b.bin")
    (dest / "b.bin").write_text("its content")
    assert fact.process(shell(command).stdout.splitlines()).pointers == ("-a.bin",)
    (dest / ".lfsconfig").write_text("[lfs]\n\tfetchexclude = *.bin\n")
    assert fact.process(shell(command).stdout.splitlines()).pointers == ()


@pytest.mark.usefixtures("without_lfs")
def test_a_submodules_pointers_are_named_too(
    repository: Path, dest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "always")
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "-q", "-b", "main")
    commit(inner, "big ones", **LARGE)
    git(repository, "submodule", "add", "-q", f"file://{inner}", "a sub")
    commit(repository, "with a submodule")
    said = done(repository, dest)[-1]
    assert "without their content: a sub/-a.bin, a sub/b.bin; " in said


def test_an_answer_that_was_cut_off_is_an_error() -> None:
    assert CheckoutFolder.default() == CheckoutState()
    with pytest.raises(ValueError, match="the answer was cut off"):
        CheckoutFolder().process(["head 00"])

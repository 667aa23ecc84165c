"""The operation and its scripts, on a folder here that stands for an instance's."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyinfra.context import ctx_host

from gpustrap.engine.notes import noted
from gpustrap.engine.operations import project
from gpustrap.engine.operations.project import sent, some
from gpustrap.engine.pyinfra_internals import commands_of
from gpustrap.errors import InstanceFailed
from gpustrap.laptop import packing
from gpustrap.laptop.tree import Folder, tree_of


class Box:
    """Stands for pyinfra's host: its facts are what the scripts say here."""

    current_op_hash = "op"
    name = "it"

    def __init__(self) -> None:
        self.connector_data: dict[str, Any] = {}
        self.data: dict[str, Any] = {}
        self.state = SimpleNamespace(is_executing=True)
        self.asked: list[str] = []

    def get_fact(self, fact: type, **arguments: Any) -> Any:
        self.asked.append(fact.__name__)
        return fact().process(shell(fact().command(**arguments)).stdout.splitlines())

    def noop(self, why: str) -> None:
        self.why = why


def shell(text: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(["/bin/sh", "-c", text], input=stdin, text=True, capture_output=True, timeout=30)


def done(here: Path, dest: Path, changes: str = "refuse", fails: bool = False, executing: bool = True) -> list[str]:
    """What the operation has said; its commands have been run."""
    tree_of.cache_clear()
    box = Box()
    box.state.is_executing = executing
    with ctx_host.use(box):
        for command in commands_of(sent)(tree_of(Folder(here)), str(dest), "", changes):
            ran = shell(command.get_raw_value(), "".join(command.connector_arguments.get("_stdin", ())))
            if fails:
                return ran.stderr.splitlines()
            assert (ran.returncode, ran.stderr) == (0, "")
    said = [*noted(box.connector_data, "op")]
    return said or [box.why]


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def shown(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    found = {path.relative_to(folder).as_posix(): path for path in files}
    ours = [name for name in found if name.startswith(".gpustrap")]
    assert ours in ([], [".gpustrap/sent"]), ours
    return {name: path.read_text() for name, path in found.items() if name not in ours}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    write(tmp_path / "here", {"main.py": "one", "a b/-n c": "deep", ".env": "S=1"})
    return tmp_path / "here"


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "on it's $box" / "app"


ALL = {"main.py": "one", "a b/-n c": "deep", ".env": "S=1"}


def test_a_folder_stands_there_as_it_is_here_and_once_is_enough(here: Path, dest: Path) -> None:
    (here / "main.py").chmod(0o755)
    (here / "link").symlink_to("a b/-n c")
    assert done(here, dest) == ["new: .env, a b/-n c, link, main.py"]
    assert shown(dest) == {**ALL, "link": "deep"}
    assert [(dest / name).lstat().st_mode & 0o777 for name in ("main.py", ".env", "a b/-n c")] == [0o755, 0o600, 0o644]
    assert str((dest / "link").readlink()) == "a b/-n c"
    assert int((dest / "main.py").stat().st_mtime) == int((here / "main.py").stat().st_mtime)
    assert done(here, dest) == ["4 files are as on this computer"]


def test_looking_at_a_plan_packs_nothing(here: Path, dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(project, "archive")
    assert done(here, dest, executing=False) == ["new: .env, a b/-n c, main.py"]
    assert not dest.exists()


def test_only_what_differs_is_sent_and_what_the_instance_made_stays(here: Path, dest: Path) -> None:
    done(here, dest)
    write(dest, {"out/result": "theirs", "a b/more": "theirs"})
    inode = (dest / ".env").stat().st_ino
    write(here, {"main.py": "two", "new": "x"})
    (here / "a b" / "-n c").unlink()
    assert done(here, dest) == ["new: new", "changed: main.py", "gone: a b/-n c"]
    assert shown(dest) == {"main.py": "two", "new": "x", ".env": "S=1", "out/result": "theirs", "a b/more": "theirs"}
    assert (dest / ".env").stat().st_ino == inode
    assert done(here, dest) == ["3 files are as on this computer"]


def test_a_folder_whose_last_file_goes_goes_too(here: Path, dest: Path) -> None:
    write(here, {"x/y/z": ""})
    done(here, dest)
    (here / "x/y/z").unlink()
    done(here, dest)
    assert not (dest / "x").exists()
    (here / "main.py").unlink()
    write(here, {"main.py/now a folder": "x"})
    assert done(here, dest) == ["new: main.py/now a folder", "gone: main.py"]
    assert shown(dest)["main.py/now a folder"] == "x"


DAMAGE: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "mode": lambda path: path.chmod(0o777),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_what_loses_nothing_is_put_right(here: Path, dest: Path, how: str) -> None:
    done(here, dest)
    DAMAGE[how](dest / "main.py")
    assert done(here, dest) == ["changed: main.py"]
    assert shown(dest) == ALL and (dest / "main.py").stat().st_mode & 0o777 == 0o644


@pytest.fixture
def theirs(here: Path, dest: Path) -> Path:
    """Changed there: a file as sent, one that is gone here, one that is new here."""
    done(here, dest)
    write(dest, {"main.py": "theirs", "a b/-n c": "theirs", "both": "theirs", "same": "same"})
    (here / "a b" / "-n c").unlink()
    write(here, {"both": "ours", "same": "same", ".env": "S=2"})
    return dest


def test_what_was_changed_there_is_refused_by_name_and_nothing_is_touched(here: Path, theirs: Path) -> None:
    before = shown(theirs)
    with pytest.raises(InstanceFailed) as refused:
        done(here, theirs)
    assert refused.value.error == (f"changed on the instance since they were sent to {theirs}: a b/-n c, both, main.py")
    assert "`gpustrap up it --stash`" in (refused.value.hint or "")
    assert shown(theirs) == before


def test_stashed_it_stands_beside(here: Path, theirs: Path) -> None:
    assert done(here, theirs, "stash") == [
        "new: both",
        "changed: .env, main.py",
        "gone: a b/-n c",
        "moved to a dated folder beside it: a b/-n c, both, main.py",
    ]
    assert shown(theirs) == {"main.py": "one", ".env": "S=2", "both": "ours", "same": "same"}
    (stash,) = Path(f"{theirs}.stash").iterdir()
    assert shown(stash) == {"main.py": "theirs", "a b/-n c": "theirs", "both": "theirs"}
    assert done(here, theirs) == ["4 files are as on this computer"]


def test_kept_it_stays_and_the_rest_is_sent(here: Path, theirs: Path) -> None:
    assert done(here, theirs, "keep") == ["changed: .env"]
    now = {"main.py": "theirs", "a b/-n c": "theirs", "both": "theirs", "same": "same", ".env": "S=2"}
    assert shown(theirs) == now
    assert done(here, theirs, "keep") == ["4 files are as on this computer, 3 of them as changed there"]
    with pytest.raises(InstanceFailed, match=r"to .*: a b/-n c, both, main\.py"):
        done(here, theirs)


def test_what_stands_there_already_is_taken_over(here: Path, dest: Path) -> None:
    write(dest, ALL)
    (dest / ".env").chmod(0o600)
    assert done(here, dest) == ["what stands there already is what would be sent"]
    assert done(here, dest) == ["3 files are as on this computer"]


def test_a_file_that_stands_in_its_place_is_named(here: Path, dest: Path) -> None:
    write(dest.parent, {"app": ""})
    with pytest.raises(InstanceFailed) as refused:
        done(here, dest)
    assert refused.value.error == f"{dest} is no folder"


def test_many_bytes_travel_in_parts(here: Path, dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "PART_BYTES", 3)
    assert len([*packing.portions(tree_of(Folder(here)), tree_of(Folder(here)).entries)]) == 2
    done(here, dest)
    assert shown(dest) == ALL


@pytest.mark.parametrize("cut", [154, -9], ids=["inside", "in its checksum"])
def test_an_archive_that_was_cut_on_the_way_changes_nothing(
    here: Path, dest: Path, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    done(here, dest)
    write(here, {"main.py": "two"})
    whole = project.archive
    monkeypatch.setattr(project, "archive", lambda *words: whole(*words)[:cut])
    assert "did not arrive whole" in done(here, dest, fails=True)[-1]
    monkeypatch.undo()
    assert (dest / "main.py").read_text() == "one"
    assert done(here, dest) == ["changed: main.py"]


@pytest.mark.parametrize("before", ["each gone gone", "each put put_left", 'mv -f -- "$own/coming"'])
def test_a_run_that_was_killed_goes_on(here: Path, dest: Path, monkeypatch: pytest.MonkeyPatch, before: str) -> None:
    done(here, dest)
    write(here, {"main.py": "two"})
    (here / "a b" / "-n c").unlink()
    clean = project.clean
    with monkeypatch.context() as patch:
        patch.setattr(
            project, "clean", lambda *name, **words: clean(*name, **words).replace(before, f"kill -9 $$\n{before}")
        )
        done(here, dest, fails=True)
    write(here, {"main.py": "three"})  # which is neither of the two that may stand there now
    done(here, dest)
    assert shown(dest) == {"main.py": "three", ".env": "S=1"}
    assert done(here, dest) == ["2 files are as on this computer"]


def test_a_file_that_changes_while_it_is_sent_is_named(here: Path, dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clean = project.clean

    def edited(*name: str, **words: str) -> str:
        write(here, {"main.py": "edited"})
        return clean(*name, **words)

    monkeypatch.setattr(project, "clean", edited)
    with pytest.raises(InstanceFailed) as refused:
        done(here, dest)
    assert refused.value.error == "main.py was changed here while it was sent"
    assert not dest.exists()


@pytest.mark.parametrize("changes", ["refuse", "stash"])
def test_only_what_happens_is_said(here: Path, dest: Path, changes: str) -> None:
    done(here, dest, changes)
    (here / "main.py").unlink()
    assert done(here, dest, changes) == ["gone: main.py"]
    write(here, {"main.py": "again"})
    assert done(here, dest, changes) == ["new: main.py"]


@pytest.mark.parametrize(("part", "waits"), [(8 * 10, False), (8 * 9, True)])
def test_more_than_an_eighth_of_a_part_is_packed_when_it_is_its_turn(
    here: Path, dest: Path, monkeypatch: pytest.MonkeyPatch, part: int, waits: bool
) -> None:
    waited: list[Box] = []
    monkeypatch.setattr(project, "PART_BYTES", part)
    monkeypatch.setattr(project, "when_it_is_run", waited.append)
    done(here, dest)
    assert shown(dest) == ALL and bool(waited) == waits


def test_the_command_that_loses_nothing_names_the_instance_as_it_was_typed() -> None:
    box = Box()
    box.data["gpustrap_typed"] = "trainer"
    with ctx_host.use(box):
        assert project.stashing() == "gpustrap up trainer --stash"


def test_a_long_list_is_cut() -> None:
    assert some([str(one) for one in range(10)]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert some(["a"]) == "a"
    assert some([str(one) for one in range(12)]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"

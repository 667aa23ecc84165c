"""Which files of a folder on this computer go along: those that git would take, asked of git itself."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

# Never sent, whatever .gitignore says: they are another computer's, or made again from the rest.
NEVER = frozenset(
    {".git", ".venv", "node_modules", "__pycache__", ".gpustrap", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".tox"}
)
# What a hook or a shell has set for another repository.
_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE")
# The folder may be another user's, and its own settings may name a program: neither is a reason to run one.
_QUIET = ("-c", "safe.directory=*", "-c", "core.fsmonitor=false")


def listed(folder: Path, also: Iterable[str] = ()) -> list[str]:
    """The files and links below `folder` that go along, as `a/b.py`, in alphabetical order.

    `.gitignore` counts, in a checkout and in a plain folder; `also` are patterns such as `.env` that go along
    although it leaves them out. Without git on this computer all files go along but those of `NEVER`.
    """
    found = set(_by_git(folder))
    for pattern in also:
        found.update(path.relative_to(folder).as_posix() for path in folder.glob(pattern) if not _is_folder(path))
    return sorted(path for path in found if not NEVER.intersection(path.split("/")) and _is_there(folder / path))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _is_there(path: Path) -> bool:
    """git lists what was removed and not yet committed; sockets and the like are no files."""
    return path.is_symlink() or path.is_file()


def _by_git(folder: Path) -> Iterator[str]:
    names = _asked(folder) or _asked_of_none(folder)
    if names is None:
        yield from _walked(folder)
        return
    for name in names:
        path = folder / name
        if _is_folder(path):  # a submodule, or a checkout inside of this one
            yield from (f"{name.rstrip('/')}/{inner}" for inner in _by_git(path))
        else:
            yield name


def _asked(folder: Path, *repository: str) -> list[str] | None:
    """What git lists; None for no git, or no repository around the folder."""
    words = ["git", *_QUIET, *repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = _run(words, folder)
    return None if answer is None else [os.fsdecode(name) for name in answer.split(b"\0") if name]


def _asked_of_none(folder: Path) -> list[str] | None:
    """The same for a folder that is in no repository, or that the one around it leaves out: by an empty one."""
    with tempfile.TemporaryDirectory() as empty:
        if _run(["git", "init", "-q", empty], folder) is None:
            return None
        return _asked(folder, f"--git-dir={empty}/.git", f"--work-tree={folder}")


def _run(words: Sequence[str], folder: Path) -> bytes | None:
    environment = {name: value for name, value in os.environ.items() if name not in _VARIABLES}
    try:
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def _walked(folder: Path) -> Iterator[str]:
    for at, folders, files in os.walk(folder):
        links = [name for name in folders if (Path(at) / name).is_symlink()]
        folders[:] = [name for name in folders if name not in NEVER and name not in links]
        yield from ((Path(at) / name).relative_to(folder).as_posix() for name in (*files, *links))

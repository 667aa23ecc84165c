"""One file of ssh_config entries that is gpustrap's own: a block for each project, the latest first."""

from __future__ import annotations

import re
from pathlib import Path

from gpustrap.laptop.atomic import write_atomically
from gpustrap.laptop.paths import home, project_digest

_HEAD = "# Written by `gpustrap ssh-config --install`; `gpustrap ssh-config --remove` takes it away.\n"
_MADE = "# ~/.ssh/config was made for it.\n"
_PROJECT = re.compile(r"^# project ([0-9a-f]{8}) .*\n", re.MULTILINE)


def entries_file() -> Path:
    return home().absolute() / "ssh_config"


def has_made_config() -> bool:
    """Whether there was no ~/.ssh/config before the first entries were installed."""
    return _MADE in _text()


def put(project: Path, entries: str, *, made_config: bool) -> None:
    """Write the project's entries in place of those that it had. Raises OSError."""
    blocks = _blocks()
    blocks.pop(project_digest(project), None)
    title = str(project.resolve()).replace("\n", "?").encode("utf-8", "replace").decode()
    digest = project_digest(project)
    _write(made_config, {digest: f"# project {digest} {title}\n{entries}", **blocks})


def others(project: Path | None) -> dict[str, str]:
    """The names of other projects' entries, each with its project's folder."""
    own = project_digest(project) if project else ""
    found: dict[str, str] = {}
    for digest, block in _blocks().items():
        title = block.partition("\n")[0].split(" ", 3)[3]
        names = re.findall(r"^Host (\S+)$", block, re.MULTILINE) if digest != own else []
        found = {**dict.fromkeys(names, title), **found}
    return found


def take(project: Path | None) -> tuple[bool, bool]:
    """Take the project's entries out, or all of them: whether there were some, and whether others are left."""
    before = _blocks()
    kept = {digest: block for digest, block in before.items() if project and digest != project_digest(project)}
    was_there = entries_file().exists() and (kept.keys() != before.keys() or not kept)
    if kept:
        _write(has_made_config(), kept)
    else:
        entries_file().unlink(missing_ok=True)
    return was_there, bool(kept)


def _blocks() -> dict[str, str]:
    """Each project's digest, with its heading and entries."""
    text = _text()
    found = list(_PROJECT.finditer(text))
    ends = [*(one.start() for one in found[1:]), len(text)]
    return {one[1]: text[one.start() : end] for one, end in zip(found, ends, strict=False)}


def _text() -> str:
    return entries_file().read_text(encoding="utf-8") if entries_file().exists() else ""


def _write(made_config: bool, blocks: dict[str, str]) -> None:
    write_atomically(entries_file(), "".join([_HEAD, _MADE if made_config else "", *blocks.values()]))

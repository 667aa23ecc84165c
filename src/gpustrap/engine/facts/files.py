"""What stands at the paths a role manages: one exec for all of them."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from pyinfra.api import FactBase

from gpustrap.engine.scripts import clean, script
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr

STATE_DIR = "/var/lib/gpustrap"
MOST_BYTES = 256 * 1024  # of a file whose text is asked


@dataclass(frozen=True)
class FileState:
    """What stands at one path. `sha256` is of the whole file, or of the block (None: no such block).

    `kind` is file, dir, absent, device, FIFO, socket, loop (a link to itself),
    kernel (below /proc or /sys) or big (too big to be asked for).
    `owner` is USER:GROUP where it is not the right one, or a folder of ours that others may write to, above it or
    with what we keep, else None. `leads_to` is the end of a link.
    `ours` says that gpustrap wrote there and keeps what was there before. `edited`, where it was asked: others have
    changed it, or the block, since. Where the text was asked: `text`,
    `record` (which keys we set, as we left it), `original` (what stood there before us; None for nothing).
    """

    kind: str
    mode: str | None = None  # octal, as in "644"
    sha256: str | None = None
    ours: bool = False
    owner: str | None = None
    leads_to: str | None = None
    text: bytes = field(default=b"", repr=False)  # may hold other people's secrets
    record: str | None = field(default=None, repr=False)
    original: bytes | None = field(default=None, repr=False)
    edited: bool = False


class FileStates(FactBase[dict[str, FileState]]):
    """Path → `FileState`, for `wanted`: (path, name of the block or "") pairs; `texts`: whose texts are asked.

    `edits`: whether it is asked what others have changed.
    """

    def command(self, wanted: Sequence[tuple[str, str]], texts: Collection[str] = (), edits: bool = False) -> str:
        known = shlex.join(["known", *(path for path, _ in wanted)])
        looks = "".join(f"look {shlex.join(_words(path, block, path in texts))}\n" for path, block in wanted)
        look = (script("files-edits") if edits else "") + script("files-look", most=MOST_BYTES)
        return clean("files-common", state=STATE_DIR) + look + f"{known}\n{looks}echo looked\n"

    @staticmethod
    def default() -> dict[str, FileState]:
        return {}

    def process(self, output: list[str]) -> dict[str, FileState]:
        if "looked" not in output:
            raise ValueError(tr("the answer was cut off"))
        rows = [line.split(" ")[1:] for line in output if line.startswith("state ")]
        paths = [_decoded(row[0]).decode() for row in rows]
        return {path: state_of(path, row[1:]) for path, row in zip(paths, rows, strict=True)}


def _words(path: str, block: str, keyed: bool) -> tuple[str, ...]:
    return path, block, "keyed" if keyed else "", base64.b64encode(path.encode()).decode()


def state_of(path: str, row: Sequence[str]) -> FileState:
    """The fields of a line of `look`, behind the path. Raises InstanceFailed where they are none."""
    try:
        return _fields(*row)
    except (TypeError, ValueError) as bad:  # not so many of them, or not of this form
        raise InstanceFailed(
            tr("the instance's answer about {path} cannot be read", path=path),
            hint=tr(
                "does `stat` or `sha256sum` there print a line of its own? `type -a stat sha256sum` shows which run"
            ),
        ) from bad


def _fields(
    kind: str, mode: str, sha256: str, ours: str, owner: str, link: str, text: str, record: str, original: str
) -> FileState:
    if not re.fullmatch(r"-|[0-7]{1,4}", mode) or not re.fullmatch(r"-|[0-9a-f]{64}", sha256):
        raise ValueError(f"{mode} {sha256}")
    return FileState(
        kind,
        _told(mode),
        _told(sha256),
        ours in ("ours", "edited"),
        _decoded(owner[1:]).decode("utf-8", "replace") if owner.startswith("/") else _told(owner),
        None if link == "-" else _decoded(link).decode("utf-8", "replace"),
        _decoded(text),
        None if record == "-" else _decoded(record).decode("utf-8", "replace"),
        None if original == "-" else _decoded(original),
        ours == "edited",
    )


def _told(word: str) -> str | None:
    return None if word == "-" else word


def _decoded(word: str) -> bytes:
    return b"" if word in ("-", "=") else base64.b64decode(word, validate=True)

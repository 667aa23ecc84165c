"""What of gpustrap's stands on an instance, by the records that it keeps there; what others have changed since."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from pyinfra.api import FactBase

from gpustrap.engine.facts.files import MOST_BYTES, STATE_DIR, FileState, state_of
from gpustrap.engine.facts.tmux import LOGS, SERVICES, must_be_told, tmux_script
from gpustrap.engine.merge_forms import Form
from gpustrap.engine.scripts import clean, script
from gpustrap.language import tr


@dataclass(frozen=True)
class Trace:
    """What one role wrote at one path: a whole file, the block `block` or keys of `form` in a file of others.

    `role` is empty where the record does not say it, as an older gpustrap's. `original`: something stood there before.
    """

    path: str
    role: str
    state: FileState
    original: bool = False
    block: str = ""
    form: Form | None = None


@dataclass(frozen=True)
class Stay:
    """What stays: what a role has only installed, which is a `package`, a `file`, a `folder` or in a Python, or a
    `block` of its in that file, of which there is no record."""

    role: str
    kind: str
    what: str


@dataclass(frozen=True)
class Traces:
    """All of them; what was installed; and the files that services have put beside ours."""

    all: tuple[Trace, ...] = ()
    stay: tuple[Stay, ...] = ()
    foreign: tuple[str, ...] = ()


class TracesFact(FactBase[Traces]):
    """`Traces` of the instance."""

    def command(self) -> str:
        look = script("files-edits") + script("files-look", most=MOST_BYTES)
        return clean("files-common", state=STATE_DIR) + look + script("traces", services=SERVICES)

    @staticmethod
    def default() -> Traces:
        return Traces()

    def process(self, output: list[str]) -> Traces:
        if "traced" not in output:
            raise ValueError(tr("the answer was cut off"))
        rows = [line.split(" ") for line in output]
        stay = (Stay(_role(row[1]), row[2], _text(row[3])) for row in rows if row[0] == "stay")
        foreign = (_text(row[1]) for row in rows if row[0] == "foreign")
        return Traces(tuple(_traces(output)), tuple(dict.fromkeys(stay)), tuple(foreign))


def _text(coded: str) -> str:
    return base64.b64decode(coded, validate=True).decode("utf-8", "surrogateescape")


def _role(word: str) -> str:
    return "" if word == "-" else word


def _traces(output: Sequence[str]) -> Iterator[Trace]:
    rows = [line.split(" ") for line in output if line.startswith(("trace ", "state "))]
    for row, (_, path, *state) in zip(rows[::2], rows[1::2], strict=True):
        kind, role, original = row[1:]
        found = Trace(_text(path), _role(role), state_of(_text(path), state))
        found = replace(found, original=original == "original", block=kind.partition(":")[2])
        yield from _of_roles(found) if kind == "keys" else (found,)


def _of_roles(keyed: Trace) -> Iterator[Trace]:
    """One a role that set keys there."""
    try:
        record = json.loads(keyed.state.record or "{}")
        parts = [str(part) for part in record["parts"]]
    except (ValueError, LookupError, TypeError):  # written by us alone; of one that was damaged nothing is known
        return
    form = cast(Form, record.get("form") or form_of(keyed.path))
    for part in parts:
        yield replace(keyed, role=part, form=form)


def form_of(path: str) -> Form:
    """The form of a file in which an older gpustrap, which did not write that down, set keys."""
    if path.endswith(".toml"):
        return "toml"
    return "yaml" if path.endswith(("condarc", ".yml", ".yaml")) else "ini"


@dataclass(frozen=True)
class Left:
    """What runs for us, and what it wrote beside its files."""

    sessions: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Remains(FactBase[Left]):
    """What runs on our tmux server `socket`, and those of `files` that are in one of `folders`.

    `process` raises InstanceFailed where tmux cannot be asked.
    """

    def command(self, socket: Literal["services", "jobs"], folders: Sequence[str], files: Sequence[str]) -> str:
        asks = "".join(f"beside {shlex.join([folder, *files])}\n" for folder in folders)
        return tmux_script("remains", socket) + asks + ":\n"

    @staticmethod
    def default() -> Left:
        return Left()

    def process(self, output: list[str]) -> Left:
        must_be_told(output)
        rows = [line.partition(" ") for line in output]
        return Left(
            tuple(name for word, _, name in rows if word == "session"),
            tuple(path for word, _, path in rows if word == "file"),
        )


class OwnFolders(FactBase[tuple[str, ...]]):
    """Which of gpustrap's own folders there are: its records, its logs, its sockets."""

    def command(self) -> str:
        return tmux_script("own-look", "services", state=STATE_DIR, logs=LOGS)

    @staticmethod
    def default() -> tuple[str, ...]:
        return ()

    def process(self, output: list[str]) -> tuple[str, ...]:
        return tuple(line.removeprefix("own ") for line in output if line.startswith("own "))

"""A project's folder on the instance: what was sent there, and what is not as it was sent."""

from __future__ import annotations

import base64
import gzip
import re
import shlex
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, get_args

from pyinfra.api import FactBase

from gpustrap.engine.scripts import clean, script
from gpustrap.language import tr
from gpustrap.laptop.tree import Entry
from gpustrap.resolve.project import Seen

MOST_BYTES = 16_000_000  # of a record, unpacked
MOST_NAMES = 500  # that one question asks for: a word for the shell has 128 KiB at most
ABSENT = "absent"
Place = Literal["absent", "empty", "there", "blocked"]
_ENTRY = re.compile(r"([0-7]{1,4}|link|other|absent) ([0-9a-f]{64}|-) (.+)")


def by(user: str, text: str) -> str:
    """The script run by that user; nothing for the login's own."""
    return shlex.join(["runuser", "-u", user, "--", "/bin/sh", "-c", text]) if user else text


class ProjectFolder(FactBase[Seen]):
    """The folder `dest`, looked at by `user`."""

    def command(self, dest: str, user: str) -> str:
        return by(user, clean("project-common") + script("project-look", dest=dest))

    @staticmethod
    def default() -> Seen:
        return Seen()

    def process(self, output: list[str]) -> Seen:
        place = _place(output)
        records = dict(_records(output))
        known = tuple(dict.fromkeys(entry for record in ("sent", "coming") for entry in records.get(record, ())))
        return Seen(place, known, dict(_states(output)), "coming" in records)


class FilesThere(FactBase[dict[str, Entry]]):
    """Path → what stands there, of those paths below `dest` at which something does; `names`: one word of `packed`."""

    def command(self, dest: str, user: str, names: str) -> str:
        return by(user, clean("project-common") + script("project-there", dest=dest, names=names))

    @staticmethod
    def default() -> dict[str, Entry]:
        return {}

    def process(self, output: list[str]) -> dict[str, Entry]:
        _place(output)
        return {path: entry for path, entry in _states(output) if entry is not None}


def packed(names: Sequence[str]) -> list[str]:
    """Names as words for the shell, each for one question."""
    portions = (names[at : at + MOST_NAMES] for at in range(0, len(names), MOST_NAMES))
    texts = ("".join(f"{name}\n" for name in portion) for portion in portions)
    return [base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode() for text in texts]


def _place(output: Iterable[str]) -> Place:
    """It is said last: an answer without it was cut off."""
    said = next((line.removeprefix("place ") for line in output if line.startswith("place ")), "")
    for place in get_args(Place):
        if said == place:
            return place  # type: ignore[no-any-return]
    raise ValueError(tr("the answer was cut off"))


def _records(output: Iterable[str]) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    for line in output:
        if line.startswith("record ") and line.count(" ") == 2:
            _, name, data = line.split(" ")
            yield name, tuple(_entries(_unpacked(data).splitlines()))


def _unpacked(data: str) -> str:
    """What a box says is a record may be anything. Raises ValueError."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(base64.b64decode(data, validate=True), MOST_BYTES)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if unpacker.unconsumed_tail:
        raise ValueError(tr("more than {most} bytes", most=MOST_BYTES))
    if not unpacker.eof:
        raise ValueError(tr("the answer was cut off"))
    return text.decode()


def _states(output: Iterable[str]) -> Iterator[tuple[str, Entry | None]]:
    lines = (line.removeprefix("state ") for line in output if line.startswith("state "))
    for entry in _entries(lines):
        yield entry.path, None if entry.mode == ABSENT else entry


def _entries(lines: Iterable[str]) -> Iterator[Entry]:
    """Those that can be ours: a path that leads out of the folder never is."""
    for line in lines:
        found = _ENTRY.fullmatch(line)
        if found and not found[3].startswith("/") and ".." not in found[3].split("/"):
            yield Entry(found[1], found[2], found[3])

"""The exec that tells whether a box is worth its money: rate of the disk, processor, limits, cards in use."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gpustrap.engine.facts.fields import clean, number
from gpustrap.engine.facts.nvidia_smi import FOLDERS
from gpustrap.engine.scripts import script, text_of
from gpustrap.resolve.net.worth import CardUse, Parts

SECONDS = 5  # for each question, the file that is written among them
MIB = 128
ROOM_KIB = 2**20  # a disk with less is left alone
MOST_CARDS = 64


def command() -> str:
    folders = " ".join(FOLDERS)
    return text_of("limited") + script("worth", seconds=SECONDS, room=ROOM_KIB, mib=MIB, folders=folders)


def read_parts(output: str) -> Parts:
    """What the script printed. Never raises; the way out is measured elsewhere."""
    lines = [line.partition("\t")[::2] for line in output.split("\n")]
    said = {key: clean(value) for key, value in reversed(lines)}
    rows = [_card(clean(value)) for key, value in lines if key == "card"][:MOST_CARDS]
    return Parts(
        disk=_rate(said.get("disk", "")),
        avx2={"yes": True, "no": False}.get(said.get("avx2", "")),
        shm_kib=number(said.get("shm", "")),
        pids=number(said.get("pids", "")),
        cards=tuple(row for row in rows if row is not None),
    )


def _rate(text: str) -> int | None:
    """`BYTES BEGAN ENDED`, the times in seconds since the start of the machine, which tells hundredths."""
    if not re.fullmatch(r"\d{1,15} \d{1,12}\.\d\d \d{1,12}\.\d\d", text):
        return None
    size, began, ended = map(float, text.split())
    return int(size / max(ended - began, 0.01)) if size else None


def _card(row: str) -> CardUse | None:
    fields = row.split(",")
    index, *numbers = _numbers(fields)
    return CardUse(index, *numbers) if len(fields) == 4 and index is not None else None


def _numbers(fields: Iterable[str]) -> list[int | None]:
    return [number(field) for field in fields]

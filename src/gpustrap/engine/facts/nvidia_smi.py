"""What nvidia-smi prints of the cards → values. What it does not tell is None; no GPU machine has been asked.

Formats: `nvidia-smi --help-query-gpu` and nvidia-smi(1) of drivers 440 to 610, and NVIDIA's MIG user guide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gpustrap.resolve.box.survey import PcieLink, VisibleCard

HEADING = re.compile(r"GPU (\d+): ")  # of `-L` and of `nvlink --status`, the card's index
MIG_DEVICE = re.compile(r"\s*MIG (\S+)\s+Device\s+\d+:")
ACTIVE_LINK = re.compile(r"\s*Link \d+: ([\d.]+) GB/s")
NOT_READ = re.compile(r"unable to retrieve(?!.*(inactive|not supported))", re.IGNORECASE)
MODES = {"Enabled": True, "Disabled": False}

Said = Mapping[str, Sequence[str]]


def card_rows(said: Said) -> list[list[str]]:
    """Driver, MiB, compute capability and name of each card; "No devices were found" is none."""
    rows = (_fields(line, 4) for line in said.get("gpu", ()))
    return [row for row in rows if len(row) == 4]


def read_cards(said: Said) -> tuple[VisibleCard, ...]:
    """Every card, in nvidia-smi's order, from what the survey's script printed: key → lines."""
    rows = card_rows(said)
    links = _in_order(said.get("gpu_link", ()), len(rows))
    modes = _in_order(said.get("virtualization", ()), len(rows))
    mig, nvlink = _by_index(said.get("mig", ())), _by_index(said.get("nvlink", ()))
    return tuple(
        VisibleCard(
            name=name,
            compute_capability=_capability(capability),
            vram_mib=int(memory) if memory.isdigit() else 0,
            pcie=_pcie(links[index]),
            mig=MODES.get(_fields(links[index])[-1]),
            mig_devices=tuple(found[1] for line in mig.get(index, ()) if (found := MIG_DEVICE.match(line))),
            nvlink_gb_s=_nvlink(nvlink.get(index)),
            virtualization=_told(modes[index]),
        )
        for index, (_, memory, capability, name) in enumerate(rows)
    )


def _in_order(lines: Sequence[str], cards: int) -> Sequence[str]:
    """A line a card; other numbers of lines cannot be told apart and are none."""
    return lines if len(lines) == cards else [""] * cards


def _by_index(lines: Sequence[str]) -> dict[int, list[str]]:
    """Index → the lines below the card's heading."""
    found: dict[int, list[str]] = {}
    below: list[str] = []
    for line in lines:
        if heading := HEADING.match(line):
            below = found.setdefault(int(heading[1]), [])
        else:
            below.append(line)
    return found


def _fields(line: str, most: int = 0) -> list[str]:
    """Split at commas, into at most so many: a name may have one."""
    return [field.strip() for field in line.split(",", most - 1)]


def _told(field: str) -> str | None:
    """None for "[N/A]", "N/A", "[Not Supported]", "[Insufficient Permissions]"."""
    return None if not field or field.startswith("[") or field == "N/A" else field


def _capability(text: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def _pcie(line: str) -> PcieLink | None:
    numbers = [int(field) for field in _fields(line)[:4] if field.isdigit()]
    return PcieLink(*numbers) if len(numbers) == 4 and all(numbers) else None


def _nvlink(lines: Sequence[str] | None) -> tuple[float, ...] | None:
    """The speed of each active link. A card that is listed with none has none."""
    if lines is None or any(map(NOT_READ.search, lines)):
        return None
    speeds = (float(found[1]) for line in lines if (found := ACTIVE_LINK.match(line)))
    return tuple(speed for speed in speeds if speed > 0)

"""What nvidia-smi prints of the cards → values. What it does not tell is None.

These formats were not seen on a GPU machine.

Formats: `nvidia-smi --help-query-gpu` and nvidia-smi(1) of drivers 440 to 610, and NVIDIA's MIG user guide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gpustrap.engine.facts.other_makers import OTHERS
from gpustrap.engine.plain import still
from gpustrap.engine.scripts import script
from gpustrap.language import mark, tr
from gpustrap.resolve.box.survey import PcieLink, VisibleCard

SECONDS = 10  # for each question to nvidia-smi
TELL = mark("tell the provider")
RESTART = mark("restart the instance; if that does not help, tell the provider that its card is not well")
NO_TOOL = mark("put the folder of nvidia-smi on PATH, or take an image that has it")
DRIVER = r"[0-9]{3,4}(\.[0-9]+)+"
BROKEN = re.compile(r"ERR!|Unknown Error|GPU is lost|\[?Error\]?$", re.IGNORECASE)
LOST = re.compile(r"GPU is lost|Unable to determine the device handle|fallen off the bus", re.IGNORECASE)
NO_DEVICES = re.compile(r"No devices were found", re.IGNORECASE)
HANGS = ("124", "137")
ENDLESS = "endless"

# Where the tool may be besides on PATH: WSL's folder, the one that Kubernetes' device plug-in mounts, and a lent one.
FOLDERS = ("/usr/lib/wsl/lib", "/usr/local/nvidia/bin", "/opt/bin", "/usr/local/bin", "/usr/bin")
HEADING = re.compile(r"GPU (\d+): ")  # of `-L` and of `nvlink --status`, the card's index
MIG_DEVICE = re.compile(r"\s*MIG (\S+)\s+Device\s+\d+:")
ACTIVE_LINK = re.compile(r"\s*Link \d+: ([\d.]+) GB/s")
NOT_READ = re.compile(r"unable to retrieve(?!.*(inactive|not supported))", re.IGNORECASE)
MODES = {"Enabled": True, "Disabled": False}

Said = Mapping[str, Sequence[str]]
Row = tuple[str, ...]


@dataclass(frozen=True)
class Cards:
    """The cards that can be read, their driver as nvidia-smi tells it, and why others cannot be read."""

    visible: tuple[VisibleCard, ...] = ()
    driver: str | None = None
    trouble: str | None = None


def command() -> str:
    """Shell that prints what nvidia-smi says, each line under its key; `limited` is to stand before it."""
    others = " ".join(one for one in OTHERS if not one.startswith("/"))
    return script("cards", seconds=SECONDS, others=others, folders=" ".join(FOLDERS))


def read(said: Said) -> Cards:
    """Every card that is told as a whole, in nvidia-smi's order, from what the script printed: key → lines."""
    lines = [clean(line) for line in said.get("gpu", ())]
    rows = [row for line in lines if (row := _row(line))]
    status = (said.get("gpu_status") or [""])[0]
    driver = next((row[0] for row in rows if re.fullmatch(DRIVER, row[0])), None)  # all cards have one
    visible = () if status == ENDLESS else _visible(rows, said)
    return Cards(visible, driver, trouble_of(lines, rows, status, said))


def trouble_of(lines: Sequence[str], rows: Sequence[Row], status: str, said: Said) -> str | None:
    """What keeps a card from being read, in nvidia-smi's words, and what a person can do; None for no trouble.

    That no card is there is no trouble. A warning beside whole rows, as of the infoROM (exit 14), is handed on.
    """
    trace = said.get("card_trace")
    if trace:
        return tr("{file} is there, and no nvidia-smi is on PATH; {no_tool}", file=clean(trace[0]), no_tool=tr(NO_TOOL))
    other = clean((said.get("card_other") or [""])[0])
    if other in OTHERS:
        return tr(
            "it is {maker} ({other} is there), and gpustrap chooses CUDA builds for PCs and servers only",
            maker=tr(OTHERS[other]),
            other=other,
        )
    words = [line for line in lines if line and _row(line) is None]
    if status == ENDLESS:
        return tr("nvidia-smi prints without end{said}; {restart}", said=_said(words or lines), restart=tr(RESTART))
    broken = [", ".join(row) for row in rows if any(map(is_broken, row))]
    if broken:
        return tr(
            "nvidia-smi tells of a card `{broken}`{said}; {restart}",
            broken=broken[0],
            said=_said(words),
            restart=tr(RESTART),
        )
    if any(map(LOST.search, words)):
        return tr("nvidia-smi says{said}; {restart}", said=_said(words), restart=tr(RESTART))
    if any(map(NO_DEVICES.search, words)) or (status in ("", "0") and (rows or not words)):
        return None
    if rows:
        return tr("nvidia-smi ended with {status}{said}; {tell}", status=status, said=_said(words), tell=tr(TELL))
    if status in HANGS:
        return tr(
            "nvidia-smi gave no answer in {seconds} s{said}; {restart}",
            seconds=SECONDS,
            said=_said(words),
            restart=tr(RESTART),
        )
    return tr("nvidia-smi ended with {status}{said}; {restart}", status=status, said=_said(words), restart=tr(RESTART))


def _said(words: Sequence[str]) -> str:
    return f": {' / '.join(words[:3])[:300]}" if words else ""


def is_broken(field: str) -> bool:
    """What nvidia-smi prints of a card that does not answer."""
    return bool(BROKEN.search(field))


def clean(line: str) -> str:
    """Without escape sequences and other control characters, which a name may have."""
    return still(line).strip()


def _row(line: str) -> Row | None:
    """Driver, MiB, compute capability and name; None for a warning or a header, which stand among the rows."""
    fields = _fields(line, 4)
    is_row = len(fields) == 4 and fields[3] and (re.fullmatch(DRIVER, fields[0]) or is_broken(fields[0]))
    return tuple(fields) if is_row else None


def _visible(rows: Sequence[Row], said: Said) -> tuple[VisibleCard, ...]:
    links = _in_order(said.get("gpu_link", ()), len(rows))
    modes = _in_order(said.get("virtualization", ()), len(rows))
    mig, nvlink = _by_index(said.get("mig", ())), _by_index(said.get("nvlink", ()))
    return tuple(
        VisibleCard(
            name=name,
            compute_capability=_capability(capability),
            vram_mib=int(memory) if re.fullmatch("[0-9]{1,9}", memory) else 0,
            pcie=_pcie(links[index]),
            mig=MODES.get(_fields(links[index])[-1]),
            mig_devices=tuple(found[1] for line in mig.get(index, ()) if (found := MIG_DEVICE.match(line))),
            nvlink_gb_s=_nvlink(nvlink.get(index)),
            virtualization=_told(modes[index]),
        )
        for index, (driver, memory, capability, name) in enumerate(rows)
        if not any(map(is_broken, (driver, memory, name)))
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

"""Whether a box is worth its money: each part beside what is wanted of it, and whence that figure is. Pure.

"reckoned" is ours, from what people do on such a box; where others have measured, they are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.net.room import SMALL_SHM_KIB

MB, MIB, GIB = 10**6, 2**20, 2**30
EGRESS, DISK = 2 * MB, 100 * MB  # bytes a second
CPUS = 4.0  # for each card
PIDS = 1024
USED_MIB, BUSY = 1024, 5


@dataclass(frozen=True)
class CardUse:
    """Memory in MiB, use in percent, uncorrected ECC errors since the driver was loaded; None for not told."""

    index: int
    used_mib: int | None
    busy: int | None
    errors: int | None


@dataclass(frozen=True)
class Parts:
    """What was measured; None for not told. Rates are bytes a second; `pids` is None without a limit too."""

    egress: int | None = None
    disk: int | None = None
    avx2: bool | None = None
    shm_kib: int | None = None
    pids: int | None = None
    cards: tuple[CardUse, ...] = ()


@dataclass(frozen=True)
class Worth:
    """One line. `part` is a word for programs; `good` is None where it could not be told."""

    part: str
    good: bool | None
    found: str
    wanted: str
    source: str


def worth(parts: Parts, survey: Survey) -> list[Worth]:
    """A line a part; the cards' only where there are any."""
    return [*_rates(parts), *_processor(parts, survey), *_limits(parts, survey), *_cards(parts), *_links(survey)]


def _rates(parts: Parts) -> Iterator[Worth]:
    torch = tr("reckoned: torch with its CUDA wheels is about 3 GB, 25 minutes at that rate")
    model = tr("reckoned: a model of 16 GB is written in 3 minutes at that rate")
    yield _least("egress", parts.egress, EGRESS, MB, "MB/s", torch)
    yield _least("disk", parts.disk, DISK, MB, "MB/s", model)


def _least(part: str, found: int | None, wanted: float, unit: int, name: str, source: str) -> Worth:
    said = tr("not told") if found is None else f"{found / unit:.1f} {name}"
    return Worth(part, None if found is None else found >= wanted, said, f"≥ {wanted / unit:g} {name}", source)


def _processor(parts: Parts, survey: Survey) -> Iterator[Worth]:
    if parts.avx2 is not None:
        said = tr("yes") if parts.avx2 else tr("no")
        yield Worth("avx2", parts.avx2, said, tr("yes"), tr("general knowledge: many prebuilt programs need it"))
    wanted = CPUS * max(len(survey.gpus), 1)
    why = tr("reckoned: {cpus:g} a card, for training and three workers that load data", cpus=CPUS)
    yield Worth("cpus", survey.cpus >= wanted, f"{survey.cpus:g}", f"≥ {wanted:g}", why)


def _limits(parts: Parts, survey: Survey) -> Iterator[Worth]:
    vram = sum(card.vram_mib for card in survey.gpus) * MIB
    if vram:
        why = tr("reckoned: as much as the cards have, for weights pass through it")
        yield _least("memory", survey.memory_bytes, vram, GIB, "GiB", why)
    shm = None if parts.shm_kib is None else parts.shm_kib * 1024
    why = tr("a DataLoader's workers end with a bus error in the 64 MiB of a container's default")
    yield _least("shm", shm, SMALL_SHM_KIB * 1024, MIB, "MiB", why)
    found = tr("no limit") if parts.pids is None else str(parts.pids)
    why = tr("Vast.ai's ADR 0014: thread pools failed at {pids}", pids=PIDS)
    yield Worth("pids", parts.pids is None or parts.pids > PIDS, found, f"> {PIDS}", why)


def _cards(parts: Parts) -> Iterator[Worth]:
    for card in parts.cards:
        yield _idle(card)
        if card.errors is not None:
            why = "nvidia-smi: ecc.errors.uncorrected.volatile.total"
            yield Worth(f"card{card.index}.clean", card.errors == 0, str(card.errors), "0", why)


def _idle(card: CardUse) -> Worth:
    wanted = f"≤ {USED_MIB} MiB, ≤ {BUSY} %"
    why = tr("reckoned: a driver holds some hundred MiB; more is taken by somebody")
    if card.used_mib is None:
        return Worth(f"card{card.index}.idle", None, tr("not told"), wanted, why)
    good = card.used_mib <= USED_MIB and (card.busy or 0) <= BUSY
    busy = "" if card.busy is None else f", {card.busy} %"
    return Worth(f"card{card.index}.idle", good, f"{card.used_mib} MiB{busy}", wanted, why)


def _links(survey: Survey) -> Iterator[Worth]:
    """Lanes only: an idle card lowers the generation, to save power."""
    for at, card in enumerate(survey.gpus):
        if (link := card.pcie) is not None:
            good, why = link.width >= link.max_width, "nvidia-smi: pcie.link.width.max"
            yield Worth(f"card{at}.pcie", good, f"x{link.width}", f"x{link.max_width}", why)

"""Sentences for the person who rents a card: is it whole or a share, and how fast are its links. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from gpustrap.language import tr
from gpustrap.resolve.box.survey import PcieLink, VisibleCard

# GB/s one way on one lane: GT/s × coding / 8, by generation (PCI-SIG: 8b/10b, from 3 on 128b/130b, 6 in FLITs).
LANE_GB_S = {1: 0.25, 2: 0.5, 3: 0.985, 4: 1.969, 5: 3.938, 6: 7.563}
FULL_WIDTH = 16
# NVIDIA's vGPU types: GRID V100D-8C, NVIDIA A16-16Q, GRID A100-1-5CME.
VGPU_NAME = re.compile(r"^GRID |-\d+[ABCQ](ME)?$")


def rows_of(gpus: Sequence[VisibleCard]) -> list[tuple[str, str]]:
    """A head and a sentence each for MIG or vGPU, PCIe and NVLink; where cards differ, a row for each card.

    No row without a card.
    """
    alone = len(gpus) == 1

    def nvlinks(gpu: VisibleCard) -> str:
        return nvlink(gpu, alone)

    told: list[tuple[str, Callable[[VisibleCard], str]]] = [("MIG/vGPU", share), ("PCIe", pcie), ("NVLink", nvlinks)]
    return [(head, text) for head, say in told for text in _of_all([say(gpu) for gpu in gpus])]


def _of_all(texts: Sequence[str]) -> list[str]:
    if len(set(texts)) == 1:
        return [texts[0] if len(texts) == 1 else tr("each card: {texts}", texts=texts[0])]
    return [tr("card {index}: {text}", index=index, text=text) for index, text in enumerate(texts)]


def share(gpu: VisibleCard) -> str:
    """Says whether this is a whole card, and how that is known."""
    how = _vgpu(gpu)
    if how:
        return tr("a vGPU, {how}: the provider's hypervisor gives this instance a share of a card", how=how)
    if gpu.mig and gpu.mig_devices:
        return tr(
            "MIG is on: {counted}, each a part of the card with memory and cores of its own",
            counted=_counted(gpu.mig_devices),
        )
    if gpu.mig:
        return tr("MIG is on, but there is no MIG device: CUDA finds no card until the provider makes one")
    whole = tr("the whole card, MIG is off") if gpu.mig is False else tr("the whole card, without a MIG mode")
    return tr("{whole}, passed through to this VM", whole=whole) if gpu.virtualization == "Pass-Through" else whole


def pcie(gpu: VisibleCard) -> str:
    """Says how the PCIe link was negotiated, what it carries, and what is less than it could be."""
    link = gpu.pcie
    if link is None:
        return tr("nvidia-smi does not report the PCIe link")
    now, most = _link(link.generation, link.width), _link(link.max_generation, link.max_width)
    head = (
        tr("{now}, as fast as card and host allow", now=now)
        if now == most
        else tr("{now} now, {most} at most", now=now, most=most)
    )
    return "; ".join([head, *_carries(link), *_less(link)])


def nvlink(gpu: VisibleCard, alone: bool = False) -> str:
    """Says how cards reach each other. `alone`: it is the instance's only card, so a link leads to no other of it."""
    speeds = gpu.nvlink_gb_s
    if speeds is None:
        return tr("nvidia-smi does not report NVLink")
    if not speeds:
        return tr("no link is active") + (
            "" if alone else tr(": cards reach each other over PCIe or through the host's memory")
        )
    links = tr("1 link is active") if len(speeds) == 1 else tr("{count} links are active", count=len(speeds))
    return tr("{links}, {sum:.0f} GB/s each way", links=links, sum=sum(speeds)) + (
        tr(", but this instance has no other card to reach") if alone else ""
    )


def _vgpu(gpu: VisibleCard) -> str | None:
    """How a vGPU is known to be one; None for any other card."""
    if (gpu.virtualization or "").upper() == "VGPU":
        return tr("the driver says so")
    return tr("its name says so") if gpu.virtualization is None and VGPU_NAME.search(gpu.name) else None


def _counted(profiles: Sequence[str]) -> str:
    """`2 × 1g.5gb, 3g.20gb`"""
    return ", ".join(f"{count} × {name}" if count > 1 else name for name, count in Counter(profiles).items())


def _link(generation: int, width: int) -> str:
    return tr("gen {generation} x{width}", generation=generation, width=width)


def _carries(link: PcieLink) -> list[str]:
    """What the link carries under load, at its highest generation; nothing for a generation not in the table."""
    lane = LANE_GB_S.get(link.max_generation)
    return [tr("under load it carries about {lane:.3g} GB/s each way", lane=lane * link.width)] if lane else []


def _less(link: PcieLink) -> list[str]:
    """One sentence for each thing that is less than it could be."""
    words = []
    if link.generation < link.max_generation:
        words.append(tr("an idle card lowers its generation to save power: look again under load"))
    if link.width < link.max_width:
        words.append(
            tr(
                "only {link.width} of {link.max_width} lanes are up: if it stays so under load, take another host",
                link=link,
            )
        )
    if link.max_width < FULL_WIDTH:
        times = FULL_WIDTH / link.max_width
        words.append(tr("copying data and models to the card takes {times:g} times as long as with x16", times=times))
    return words

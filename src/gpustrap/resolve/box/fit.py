"""Does a model fit a card, and what runs on it: plain estimates, each with formula and source. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from gpustrap.catalog.cards import Card
from gpustrap.catalog.torch import Build, Catalog
from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.language import mark, tr
from gpustrap.resolve.torch.machine import CudaDevice
from gpustrap.resolve.torch.rules import runs_code

Task = Literal["inference", "training", "lora", "qlora"]
TASKS: dict[str, Task] = {
    "inference": "inference",
    "serving": "inference",
    "training": "training",
    "finetuning": "training",
    "lora": "lora",
    "qlora": "qlora",
}
BYTES = {"fp32": 4.0, "fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 0.5, "int4": 0.5}
OVERHEAD = 1.2  # weights → weights, buffers and fragmentation
TRAINED_BYTES = 18  # a parameter under Adam in mixed precision: 6 of weights, 4 of gradient, 8 of optimizer
TRAINED_BYTES_FP32 = 16
ADAPTER_SHARE = 0.01  # of the parameters that LoRA trains
CONTEXT_GIB = 1.0  # what CUDA and PyTorch take of a card before any tensor
ELEUTHER = "EleutherAI, Transformer Math 101 (blog.eleuther.ai/transformer-math)"
HUGGING_FACE = "Hugging Face transformers documentation, model memory anatomy"
EXAMPLE = mark("expected words such as '7B fp16 inference' or '13B int4 qlora'")


@dataclass(frozen=True)
class Workload:
    """A model of `parameters` weights in `precision`, and what is done with it."""

    parameters: float
    precision: str
    task: Task


@dataclass(frozen=True)
class Need:
    """VRAM that a workload needs. Neither activations nor a long context's cache are in it."""

    gib: float
    formula: str
    source: str


@dataclass(frozen=True)
class Fit:
    """Whether the need fits one card of `vram_gib`, else how many cards it takes (weights split evenly)."""

    vram_gib: int
    fits: bool
    cards: int


@dataclass(frozen=True)
class Support:
    """The first and last CUDA and torch, of published builds, with code for a card; None without any."""

    cuda: tuple[tuple[int, ...], tuple[int, ...]] | None
    torch: tuple[tuple[int, ...], tuple[int, ...]] | None


def read_workload(text: str) -> Workload:
    """`7B fp16 inference`, in any order; fp16 and inference where not said. Raises BadInput."""
    words = re.sub(r"[,;/]+", " ", text.lower().replace("fine-tuning", "finetuning")).split()
    read = [(word, _parameters(word)) for word in words]
    sizes = [size for _, size in read if size is not None]
    rest = [word for word, size in read if size is None]
    unknown = [word for word in rest if word not in BYTES and word not in TASKS]
    if unknown:
        message = tr(
            "'{unknown}' is neither size, precision nor task, {example}", unknown=unknown[0], example=tr(EXAMPLE)
        )
        raise BadInput(Fault(message, key="fits", nearest=nearest(unknown[0], [*BYTES, *TASKS])))
    if len(sizes) != 1 or sizes[0] <= 0:
        raise BadInput(
            Fault(
                tr("'{text}' names no one model size, {example}", text=text, example=tr(EXAMPLE)),
                key="fits",
                nearest="7B",
            )
        )
    precision = next((word for word in rest if word in BYTES), "fp16")
    task: Task = next((TASKS[word] for word in rest if word in TASKS), "inference")
    return Workload(sizes[0], precision, task)


def estimate(work: Workload) -> Need:
    """The need, with the formula in figures and where the formula is from."""
    parameters, width = work.parameters, BYTES[work.precision]
    if work.task == "training":
        each = TRAINED_BYTES_FP32 if work.precision == "fp32" else TRAINED_BYTES
        return Need(
            _gib(parameters * each),
            tr("{billions} × {each} bytes", billions=_billions(parameters), each=each),
            HUGGING_FACE,
        )
    if work.task == "inference":
        size = parameters * width * OVERHEAD
        return Need(
            _gib(size),
            tr(
                "{billions} × {width:g} bytes × {overhead}",
                billions=_billions(parameters),
                width=width,
                overhead=OVERHEAD,
            ),
            ELEUTHER,
        )
    base = 0.5 if work.task == "qlora" else width
    size = parameters * (base * OVERHEAD + ADAPTER_SHARE * TRAINED_BYTES)
    trained = tr(
        "{adapter_share:.0%} × {trained_bytes} bytes", adapter_share=ADAPTER_SHARE, trained_bytes=TRAINED_BYTES
    )
    formula = tr(
        "{billions} × ({base:g} bytes × {overhead} + {trained})",
        billions=_billions(parameters),
        base=base,
        overhead=OVERHEAD,
        trained=trained,
    )
    return Need(
        _gib(size),
        formula,
        tr("{eleuther}; {hugging_face}; 1 % trained is an assumption", eleuther=ELEUTHER, hugging_face=HUGGING_FACE),
    )


def fit(need: Need, card: Card) -> tuple[Fit, ...]:
    """One answer a size the card was sold with, in the catalog's order."""
    return tuple(_fit(need, vram) for vram in card.vram_gib)


def support(card: Card, catalog: Catalog) -> Support:
    """What is published for the card, by the code in the wheels; on its own host's architecture."""
    seen = CudaDevice(card.name, card.compute_capability)
    arch = card.host_arch or "x86_64"
    builds = [build for build in catalog.builds if _has_code(build, seen) and build.arch == arch]
    return Support(_ends(build.cuda for build in builds if build.cuda), _ends(build.torch for build in builds))


def _has_code(build: Build, card: CudaDevice) -> bool:
    return build.is_published and runs_code(build, card) is not None


def _ends(versions: Iterable[tuple[int, ...]]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    there = sorted(set(versions))
    return (there[0], there[-1]) if there else None


def _fit(need: Need, vram_gib: int) -> Fit:
    cards = math.ceil(need.gib / (vram_gib - CONTEXT_GIB))
    return Fit(vram_gib, cards <= 1, max(cards, 1))


def _parameters(word: str) -> float | None:
    """`7b` → 7e9, `560m` → 5.6e8; None for other words."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([bm])", word)
    return float(found[1]) * {"b": 1e9, "m": 1e6}[found[2]] if found else None


def _billions(parameters: float) -> str:
    return tr("{parameters:g}e9 parameters", parameters=parameters / 1000000000.0)


def _gib(size: float) -> float:
    return size / 2**30

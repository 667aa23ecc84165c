"""How much a service may take of an instance: threads, memory, open files. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey

if TYPE_CHECKING:
    from roles.services.settings import ServiceSettings

# What sizes the pools of BLAS, OpenMP, numexpr, Rust, Go and, from 3.13 on, Python's own.
POOLS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "GOMAXPROCS",
    "PYTHON_CPU_COUNT",
)
KIB_PER_GIB = 1024**2


def threads(service: ServiceSettings, survey: Survey) -> int | None:
    """How many threads its pools get; None leaves that to the programs, which count the cores that they see.

    A container of 46 cores may show 384, and a pool of 384 threads meets its limit of processes.
    """
    if service.threads is not None or survey.cpus >= survey.cores:
        return service.threads
    return max(1, int(survey.cpus))


def pools(service: ServiceSettings, survey: Survey) -> Mapping[str, str]:
    """The variables that say so; what a person sets in `env` comes after them."""
    count = threads(service, survey)
    return {} if count is None else dict.fromkeys(POOLS, str(count))


def memory_kib(service: ServiceSettings) -> int:
    return int((service.memory_gib or 0) * KIB_PER_GIB)


def said(service: ServiceSettings, survey: Survey) -> str:
    """The rest of the reason: why so many threads, and its limits."""
    count = threads(service, survey)
    parts = []
    if count is not None and service.threads is None:
        parts.append(
            tr(
                "{count} threads a pool (OMP_NUM_THREADS and the like): it may use {cpus:g} of {cores} cores it sees",
                count=count,
                cpus=survey.cpus,
                cores=survey.cores,
            )
        )
    elif count is not None:
        parts.append(tr("{count} threads a pool (OMP_NUM_THREADS and the like)", count=count))
    if service.memory_gib is not None:
        parts.append(tr("at most {gib:g} GiB a process", gib=service.memory_gib))
    if service.nofile is not None:
        parts.append(tr("at most {count} open files a process", count=service.nofile))
    return "".join(f"; {part}" for part in parts)

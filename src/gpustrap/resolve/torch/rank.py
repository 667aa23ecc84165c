"""Which of several builds is the better one."""

from __future__ import annotations

from collections.abc import Iterable

from gpustrap.catalog.torch import Build
from gpustrap.resolve.torch.rules import native_driver, needed_driver
from gpustrap.resolve.torch.site import Site

CUDA_13_DRIVER = (580,)  # while the driver is unknown, builds that need this one come last


def best(builds: Iterable[Build], site: Site) -> Build | None:
    """The best of `builds`, whatever their order; None of none."""
    return max(builds, key=lambda build: preference(build, site), default=None)


def preference(build: Build, site: Site) -> tuple[object, ...]:
    """Greater is better: newest torch, documented, default wheel, native on this driver, newest CUDA.

    Only what comes after the torch release looks at the driver, so a newer driver never gives an older torch.
    """
    machine = site.machine
    cuda = build.cuda or (0, 0)
    native = native_driver(cuda, site.catalog)
    return (
        machine.cpu_only or machine.driver is not None or _needs(build, site) < CUDA_13_DRIVER,
        build.torch,
        build.published == "released",
        machine.cpu_only and build.cuda is None,
        build.default,
        machine.driver is not None and native is not None and native <= machine.driver,
        cuda,
        build.arch,
    )


def _needs(build: Build, site: Site) -> tuple[int, ...]:
    return needed_driver(build, site.machine, site.catalog)

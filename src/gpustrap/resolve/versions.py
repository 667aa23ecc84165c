"""Versions as people write them → tuples of ints. A reader raises BadInput with the nearest valid value.

A version is a tuple everywhere; `packaging` reads what is more than one version: a range, a requirement, a pin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.language import tr

if TYPE_CHECKING:
    from gpustrap.catalog.torch import Catalog

Version = tuple[int, ...]
OLDEST_DRIVER_MAJOR = 300  # below this it is another version, such as CUDA's 12.8
ARCHES = {"x86_64": "x86_64", "amd64": "x86_64", "x64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def dotted(version: Iterable[int]) -> str:
    """`(12, 8)` → `12.8`"""
    return ".".join(map(str, version))


def driver_text(version: Version) -> str:
    """`(570, 124, 6)` → `570.124.06`, as NVIDIA writes it."""
    return ".".join(f"{part:02}" for part in version)


def parse(text: str) -> Version | None:
    """`"12.8"` → `(12, 8)`; None for anything but digits and dots, and for a part of ten digits and more."""
    return tuple(map(int, text.split("."))) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})*", text) else None


def closest(text: str, known: Iterable[Version], write: Callable[[Version], str] = dotted) -> str:
    """The one of `known` that is spelled most like `text`, else the nearest by number, else the newest."""
    versions = sorted(set(known))
    spelled = nearest(text, [write(version) for version in reversed(versions)])
    given = parse(text)
    if spelled or given is None:
        return spelled or write(versions[-1])
    below = [version for version in versions if version <= given]
    return write(below[-1] if below else versions[0])


def read_driver(text: str, catalog: Catalog) -> Version:
    """`570.124.06` → (570, 124, 6). A bare branch, `570`, counts as the first of its branch."""
    driver = parse(text.strip())
    if driver is None or driver[0] < OLDEST_DRIVER_MAJOR:
        known = [toolkit.driver for toolkit in catalog.toolkits if len(toolkit.driver) > 1]
        message = tr("'{text}' is no version of an NVIDIA driver, expected one such as 570.124.06", text=text)
        raise BadInput(Fault(message, key="driver", nearest=closest(text, known, driver_text)))
    return driver


def read_python(text: str, catalog: Catalog) -> Version:
    """`3.12` or `3.12.4` → (3, 12). A Python that no build in the catalog is made for is bad input."""
    known = {version for build in catalog.builds for tag in build.pythons if (version := parse(tag))}
    given = parse(text.strip())
    if given is None or given[:2] not in known:
        raise BadInput(
            Fault(tr("no PyTorch build for Python '{text}'", text=text), key="python", nearest=closest(text, known))
        )
    return given[:2]


def read_glibc(text: str, catalog: Catalog) -> Version:
    """`2.36` → (2, 36)."""
    given = parse(text.strip())
    if given is None or given[0] != 2 or len(given) < 2:
        known = {build.glibc for build in catalog.builds}
        message = tr("'{text}' is no version of glibc, expected one such as 2.36", text=text)
        raise BadInput(Fault(message, key="glibc", nearest=closest(text, known)))
    return given


def read_arch(text: str) -> str:
    """`amd64` → `x86_64`, `arm64` → `aarch64`."""
    arch = ARCHES.get(text.strip().lower())
    if arch is None:
        message = tr("no PyTorch build for the architecture '{text}', expected x86_64 or aarch64", text=text)
        raise BadInput(Fault(message, key="arch", nearest=nearest(text, ARCHES)))
    return arch

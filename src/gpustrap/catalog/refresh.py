"""What the Python index serves of torch today, against the catalog. Asks through pip, as it is configured."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from packaging.version import Version

from gpustrap.catalog.torch import Build, Catalog
from gpustrap.errors import InstanceFailed

Run = Callable[[Sequence[str]], str]
WITH_EVERY_RELEASE = "3.11"  # every release of the catalog has a wheel for this Python
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64")
CUDA_RUNTIME = re.compile(r"(?:cuda-toolkit\[.*?\]|nvidia-cuda-runtime-cu\d+)\s*\(?==(\d+)\.(\d+)")


@dataclass(frozen=True)
class Served:
    """What the default wheel's own metadata says. `cuda` None means that it names no CUDA."""

    cuda: tuple[int, int] | None
    requires_python: str


def pip(arguments: Sequence[str]) -> str:
    """What this environment's pip prints. Raises InstanceFailed with pip's last line."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    # a constraints file of this machine, if pip is set to one, says nothing about the index
    free = {**os.environ, "PIP_CONSTRAINT": os.devnull}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=free)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise InstanceFailed(
            f"pip could not ask the package index: {last}",
            operation="catalog refresh",
            hint="`pip config list` shows which index it asks",
        )
    return done.stdout


def read_index(catalog: Catalog, run: Run = pip) -> dict[tuple[int, ...], Served | None]:
    """Each torch release that the index serves; metadata of the newest known one and of those not known."""
    known = catalog.releases()
    pythons = {WITH_EVERY_RELEASE, _newest_python(catalog)}
    served = {release for python in pythons for release in _releases(run, python)}
    asked = {release for release in served if release not in known and release > known[0]} | {known[-1]}
    return {release: _metadata(run, release) if release in asked else None for release in sorted(served)}


def difference(catalog: Catalog, served: Mapping[tuple[int, ...], Served | None]) -> tuple[str, ...]:
    """One line a difference, newest first: `+` is new, `-` is gone, `~` is changed."""
    known = {build.torch: build for build in catalog.builds if build.default and build.arch == "x86_64"}
    oldest = min(known)
    releases = sorted({*known, *(release for release in served if release > oldest)}, reverse=True)
    lines = (_line(release, known.get(release), release in served, served.get(release)) for release in releases)
    return tuple(line for line in lines if line)


def _newest_python(catalog: Catalog) -> str:
    tags = {tag for build in catalog.builds for tag in build.pythons if not tag.endswith("t")}
    return max(tags, key=Version)


def _line(release: tuple[int, ...], build: Build | None, there: bool, now: Served | None) -> str | None:
    name = f"torch {'.'.join(map(str, release))}"
    if build is None:
        return f"+ {name}: {_told(now)}"
    if not there:
        return f"- {name}: in the catalog, not on the index"
    if now is not None and now.cuda != build.cuda:
        return f"~ {name}: {build.tag} in the catalog, now {_told(now)}"
    return None


def _told(served: Served | None) -> str:
    if served is None:
        return "no metadata"
    cuda = f"CUDA {served.cuda[0]}.{served.cuda[1]}" if served.cuda else "no CUDA"
    return f"{cuda}, Python {served.requires_python}"


def _releases(run: Run, python: str) -> list[tuple[int, ...]]:
    printed = run(["index", "versions", "torch", *_target(python)])
    listed = re.search(r"^Available versions: (.*)$", printed, re.MULTILINE)
    versions = listed[1].split(", ") if listed else []
    return [tuple(map(int, version.split("."))) for version in versions if re.fullmatch(r"[\d.]+", version)]


def _metadata(run: Run, release: tuple[int, ...]) -> Served:
    """From pip's dry run for one release: nothing is installed."""
    pin = f"torch=={'.'.join(map(str, release))}"
    with tempfile.TemporaryDirectory() as nowhere:
        options = ["--dry-run", "--no-deps", "--quiet", "--report", "-", "--target", nowhere]
        printed = run(["install", *options, "--only-binary=:all:", *_target(WITH_EVERY_RELEASE), pin])
    told = json.loads(printed)["install"][0]["metadata"]
    runtime = CUDA_RUNTIME.search("\n".join(told.get("requires_dist", [])))
    cuda = (int(runtime[1]), int(runtime[2])) if runtime else None
    return Served(cuda, told.get("requires_python", "not told"))


def _target(python: str) -> list[str]:
    return ["--python-version", python, *(f"--platform={platform}" for platform in PLATFORMS)]

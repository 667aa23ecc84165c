"""What keeps pip and uv from replacing the torch of one environment, and of no other. Pure.

pip reads `PREFIX/pip.conf` of the Python that it installs into; uv reads no file of an environment, so it is told
by a variable while the environment is active. A `constraint` there, or in a variable, replaces one that comes from
elsewhere, so ours takes in what the image has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement

from gpustrap.language import tr
from gpustrap.resolve.box.survey import ImageConstraint


@dataclass(frozen=True)
class GuardFile:
    """One file of the guard: a template and where it goes. `block` names a block in a file of others."""

    src: str
    dest: str
    block: str = ""


@dataclass(frozen=True)
class Environment:
    """The Python that is guarded: its folder, its kind, and the folder of its packages."""

    prefix: str
    kind: Literal["venv", "conda", "system"]
    packages: str


@dataclass(frozen=True)
class Guard:
    """What is written for the environment in the folder `prefix`.

    `file` holds the `pins` and takes in the image's constraint files `kept`; `dropped` are those that it cannot.
    The environment's own `pip_conf` names it; `files` are what else is written.
    """

    prefix: str
    file: str
    pins: tuple[str, ...]
    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    pip_conf: str
    files: tuple[GuardFile, ...]
    activation: str | None  # what a shell reads to make the environment active
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Conflict:
    """A line of the image's constraints that refuses what is to be installed."""

    constraint: ImageConstraint
    pin: str
    version: str

    def __str__(self) -> str:
        return tr(
            "{source} constrains {pin} in {file}, and {version} is chosen",
            source=self.constraint.source,
            pin=self.pin,
            file=self.constraint.file,
            version=self.version,
        )


def guard_of(
    environment: Environment,
    file: str,
    pins: Sequence[str],
    image: Sequence[ImageConstraint],
    conflicts: Sequence[Conflict],
) -> Guard:
    """The guard of one environment. What conflicts with the pins is left out there, and a reason says so."""
    dropped = tuple(dict.fromkeys(one.constraint.file for one in conflicts))
    kept = tuple(dict.fromkeys(one.file for one in image if one.file not in dropped))
    words = [
        tr("{conflict}: that file does not count in {prefix}", conflict=conflict, prefix=environment.prefix)
        for conflict in conflicts
    ]
    if kept:
        words.append(
            tr("the constraints of {kept} hold in {prefix} too", kept=", ".join(kept), prefix=environment.prefix)
        )
    if environment.kind == "system":
        words.append(
            tr(
                "uv has no setting for {prefix} alone, so only pip is kept from replacing torch there",
                prefix=environment.prefix,
            )
        )
    by_variable = any(one.source == "PIP_CONSTRAINT" for one in image)
    return Guard(
        prefix=environment.prefix,
        file=file,
        pins=tuple(pins),
        kept=kept,
        dropped=dropped,
        pip_conf=f"{environment.prefix}/pip.conf",
        files=tuple(_files(environment, file, by_variable)),
        activation=_activation(environment),
        reasons=tuple(words),
    )


def conflicts_of(versions: Mapping[str, Sequence[str]], image: Iterable[ImageConstraint]) -> tuple[Conflict, ...]:
    """Where the image's constraints take none of a package's right versions; the first line of each file."""
    found = {one.file: conflict for one in image if (conflict := _conflict(versions, one))}
    return tuple(found.values())


def _conflict(versions: Mapping[str, Sequence[str]], constraint: ImageConstraint) -> Conflict | None:
    for pin in constraint.pins:
        try:
            wanted = Requirement(pin)
        except InvalidRequirement:
            continue
        right = versions.get(wanted.name.lower(), ())
        applies = wanted.marker is None or wanted.marker.evaluate()
        if right and applies and not any(wanted.specifier.contains(one, prereleases=True) for one in right):
            return Conflict(constraint, pin, f"{wanted.name.lower()} {right[0]}")
    return None


def _activation(environment: Environment) -> str | None:
    if environment.kind == "conda":
        return f"{environment.prefix}/etc/conda/activate.d/gpustrap-torch.sh"
    return f"{environment.prefix}/bin/activate" if environment.kind == "venv" else None


def _files(environment: Environment, file: str, by_variable: bool) -> Iterable[GuardFile]:
    prefix = environment.prefix
    yield GuardFile("torch/constraints.txt.j2", file)
    if by_variable:
        yield GuardFile("torch/guard.pth.j2", f"{environment.packages}/gpustrap-torch.pth")
    if environment.kind == "venv":
        yield GuardFile("torch/activate.sh.j2", f"{prefix}/bin/activate", "torch")
        yield GuardFile("torch/activate.fish.j2", f"{prefix}/bin/activate.fish", "torch")
    if environment.kind == "conda":
        yield GuardFile("torch/conda-activate.sh.j2", f"{prefix}/etc/conda/activate.d/gpustrap-torch.sh")
        yield GuardFile("torch/conda-deactivate.sh.j2", f"{prefix}/etc/conda/deactivate.d/gpustrap-torch.sh")

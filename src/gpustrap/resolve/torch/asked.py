"""What a project's files ask of torch, and whether the chosen one is that. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

TORCH = ("torch", "torchvision", "torchaudio")
Read = Callable[[str], str]


@dataclass(frozen=True)
class OtherTorch:
    """A line of a project that no right version satisfies."""

    asked: str
    chosen: str


def torch_asked(file: str, read: Read) -> tuple[Requirement, ...]:
    """What a project asks of torch and its companions. `read` gives the text of one of its files.

    Raises ValueError, or what `read` does, for a file that cannot be read.
    """
    return tuple(one for one in _asked(file, read) if canonicalize_name(one.name) in TORCH and _applies(one))


def others_than(asked: Sequence[Requirement], versions: Mapping[str, Sequence[str]]) -> tuple[OtherTorch, ...]:
    """Those that none of the right `versions` satisfies: package → versions, the chosen one first."""
    named = ((one, versions.get(canonicalize_name(one.name), ())) for one in asked)
    return tuple(
        OtherTorch(f"{one.name}{one.specifier}", f"{canonicalize_name(one.name)} {right[0]}")
        for one, right in named
        if right and not any(one.specifier.contains(version, prereleases=True) for version in right)
    )


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"sys_platform": "linux", "extra": ""})


def _asked(file: str, read: Read) -> Iterator[Requirement]:
    if file == "uv.lock":
        packages = tomllib.loads(read(file)).get("package", [])
        yield from _parsed(f"{one.get('name')}=={one['version']}" for one in packages if "version" in one)
    elif file == "pyproject.toml":
        table: Any = tomllib.loads(read(file)).get("project", {})
        yield from _parsed(map(str, table.get("dependencies", [])))
    else:
        yield from _lines(file, read, set())


def _lines(file: str, read: Read, seen: set[str]) -> Iterator[Requirement]:
    """Those of a requirements file and of what it takes in with `-r`."""
    seen.add(file)
    for line in read(file).splitlines():
        text = re.sub(r"(^|\s)#.*", "", line).strip()
        other = re.fullmatch(r"(?:-r|--requirement)[\s=]*(\S+)", text)
        if other and other[1] not in seen:
            yield from _lines(other[1], read, seen)
        yield from _parsed([re.split(r"\s--|\s*\\$", text)[0]])


def _parsed(texts: Iterable[str]) -> Iterator[Requirement]:
    for text in texts:
        try:
            yield Requirement(text)
        except InvalidRequirement:
            continue  # an option, a path, a URL: uv reads it

"""What a conda environment.yml asks of torch. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gpustrap.language import tr
from gpustrap.resolve.torch.asked import TORCH

# conda-forge's and the pytorch channel's names, and pip's, which may stand in the same file.
NAMES = {*TORCH, "pytorch", "pytorch-cpu", "pytorch-gpu", "pytorch-cuda"}


def torch_lines(text: str) -> tuple[str, ...]:
    """Its lines about torch, such as "pytorch=2.5", conda's first. Raises ValueError for a file that cannot be read."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        written = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
    listed = written.get("dependencies") if isinstance(written, dict) else None
    if not isinstance(listed, list):
        raise ValueError(tr("expected a list of dependencies"))
    return tuple(line for line in _lines(listed) if _name(line) in NAMES)


def _lines(listed: list[Any]) -> Iterator[str]:
    yield from (one for one in listed if isinstance(one, str))
    for one in listed:
        if isinstance(one, dict) and isinstance(one.get("pip"), list):
            yield from (str(line) for line in one["pip"])


def _name(line: str) -> str:
    """Of `CHANNEL::NAME=VERSION`, `NAME >=VERSION`, `NAME[extra]==VERSION`."""
    found = re.match(r"[A-Za-z0-9._-]+", line.rpartition("::")[2].strip())
    return found[0].lower() if found else ""

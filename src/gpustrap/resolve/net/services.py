"""The services that are asked: their names for a person, and what a right answer of each holds. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gpustrap.catalog.mirrors import Kind
from gpustrap.language import mark, tr


@dataclass(frozen=True)
class Service:
    """`expected` is found in the first 4 KiB of a right answer; `mirror` the setting that names another place."""

    title: str
    expected: str
    mirror: Kind | None = None


SERVICES: Mapping[str, Service] = {
    "apt": Service(mark("apt's sources"), r"(?m)^(Origin|Suite|Codename|Components|Date): ", "apt"),
    "pip": Service(mark("pip's index"), r'(?i)<a [^>]*href=|"files":', "pypi"),
    "npm": Service(mark("npm's registry"), r'"name": ?"left-pad"', "npm"),
    "conda": Service(mark("conda's channel"), r"^\s*\{", "conda"),
    "github": Service(mark("GitHub, by git"), r"# service=git-upload-pack|version 2", "git"),
    "hf": Service(mark("Hugging Face"), r'"model_type": ?"gpt2"', "hf"),
    "hf-files": Service(mark("Hugging Face's large files"), r'__metadata__|"dtype"', "hf"),
    "xet": Service(mark("Hugging Face's Xet"), "", "hf"),
    "torch": Service(mark("PyTorch's wheels"), r"(?i)href=[^>]*torch-|>torch-", "torch"),
    # A gzip archive: of its first bytes, 1f 8b 08, the second is no text.
    "python-build": Service(mark("uv's Python builds"), "^\ufffd", "python-build"),
}
UNKNOWN = Service("", "")


def service_of(name: str) -> Service:
    """The service of a probe: `apt.2` is the second of apt's sources, `conda.pytorch` a channel of conda's."""
    return SERVICES.get(name.partition(".")[0], UNKNOWN)


def title_of(name: str) -> str:
    service, (word, _, part) = service_of(name), name.partition(".")
    title = tr(service.title) if service.title else name
    return f"{title} {part}" if word == "conda" and part else title


def holds_it(name: str, body: str) -> bool:
    """Whether the answer is what the service gives, and not somebody's page."""
    return re.search(service_of(name).expected, body) is not None

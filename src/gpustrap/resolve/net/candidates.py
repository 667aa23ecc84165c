"""The places that are measured for a client, upstream among them, and the files that are asked for there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Literal
from urllib.parse import urlsplit

from gpustrap.catalog.mirrors import Kind, load_mirrors
from gpustrap.resolve.box.survey import Survey

# What the catalog's uv fetches for Python 3.12, and where from (`uv python list --only-downloads --show-urls`).
BUILDS = "https://releases.astral.sh/github/python-build-standalone/releases/download"
BUILD = "/20261110/cpython-3.12.16%2B20261110-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz"

NONE = "-"


@dataclass(frozen=True)
class Files:
    """`service` names what a right answer holds; `small` and `large` are paths below a mirror's URL.

    Of `conda.CHANNEL` the channel is asked only where conda's settings on the box use it.
    """

    service: str
    small: str
    large: str
    agent: str
    upstream: str | None = "upstream"  # its URL; "upstream" is read from the client on the box


FILES: Mapping[Kind, Files] = {
    "pypi": Files("pip", "/pip/", "page", 'pip/25.0 {"ci":null}'),
    "conda": Files(
        "conda",
        "/pkgs/main/noarch/repodata.json",
        "/pkgs/main/linux-64/repodata.json",
        "conda/24.9",
        "https://repo.anaconda.com",
    ),
    "npm": Files("npm", "/left-pad/1.3.0", "/typescript/-/typescript-5.6.3.tgz", "npm/10.8.2"),
    "hf": Files(
        "hf",
        "/openai-community/gpt2/resolve/main/config.json",
        "/openai-community/gpt2/resolve/main/model.safetensors",
        "hf_hub/1; python/3; unknown/None",
        "https://huggingface.co",
    ),
    "python-build": Files("python-build", BUILD, BUILD, "uv/0.13.9", BUILDS),
    "git": Files(
        "github", "octocat/Hello-World.git/info/refs?service=git-upload-pack", "", "git/2.39", "https://github.com/"
    ),
}


WHEELS: Mapping[str, Files] = {
    "pep503": Files("torch", "/torch/", "page", "pip/25.0"),
    "flat": Files("torch", "/", "page", "pip/25.0"),
}
# conda's second channel; its large index is not fetched.
FORGE = "/noarch/repodata.json"
FORGES = Files("conda", f"/cloud/conda-forge{FORGE}", "", "conda/24.9")
FORGE_UPSTREAM = Files("conda", f"/conda-forge{FORGE}", "", "conda/24.9", "https://conda.anaconda.org")
# Channels that are asked only where conda's settings on the box use them (measure.sh).
USED = ("pytorch",)
# Where Xet's transfers go, whatever the endpoint (huggingface_hub#4475): that it answers is asked, not what.
XET = Files("xet", "/", "", "hf_xet/1", "https://cas-server.xethub.hf.co")


@dataclass(frozen=True)
class Candidate:
    """One place. `url` is as the catalog has it, None for upstream; `base` is what is asked.

    Several of one kind and URL are its parts, such as conda's channels: it works where all do.
    """

    kind: Kind | Literal["xet"]
    url: str | None
    base: str
    files: Files

    def line(self, number: int) -> str:
        # No field is empty: the shell that reads the line takes two tabs for one.
        large = self.files.large or NONE
        host = urlsplit(self.base).hostname or NONE
        words = (f"{self.files.service}.{number}", host, self.base, self.files.small, large, self.files.agent)
        return "\t".join(words)


@cache
def public_hosts() -> frozenset[str]:
    """The hosts of the catalog's mirrors, and of every upstream that is known here."""
    fixed = [each.upstream for each in (*FILES.values(), FORGE_UPSTREAM, XET) if each.upstream]
    return frozenset(str(urlsplit(url).hostname) for url in (*fixed, *(row.url for row in load_mirrors())))


def candidates(kinds: Iterable[Kind], survey: Survey, distro: str) -> list[Candidate]:
    """Of each kind upstream, then every mirror of the catalog in its order."""
    made = {"apt": lambda: _apt(survey, distro), "torch": _torch}
    return [each for kind in kinds for each in made.get(kind, partial(_others, kind))()]


def _torch() -> list[Candidate]:
    """The index of the smallest builds, which every mirror has. A link in it may lead back to PyTorch's own host."""
    rows = [row for row in load_mirrors() if row.kind == "torch"]
    return [Candidate("torch", row.url, row.url.rstrip("/").replace("{tag}", "cpu"), WHEELS[row.form]) for row in rows]


def _others(kind: Kind) -> list[Candidate]:
    files = FILES[kind]
    own = [Candidate(kind, None, files.upstream, files)] if files.upstream else []
    rows = [row.url if kind == "git" else row.url.rstrip("/") for row in load_mirrors() if row.kind == kind]
    return [*own, *(Candidate(kind, url, url, files) for url in rows), *_more(kind, rows)]


def _more(kind: Kind, urls: Iterable[str]) -> list[Candidate]:
    """What else belongs to a kind."""
    if kind == "hf":
        return [Candidate("xet", None, XET.upstream or "", XET)]
    if kind != "conda":
        return []
    used = [(_channel(name, FORGE_UPSTREAM), _channel(name, FORGES)) for name in USED]
    return [each for own, mirrored in [(FORGE_UPSTREAM, FORGES), *used] for each in _places(own, mirrored, urls)]


def _places(own: Files, mirrored: Files, urls: Iterable[str]) -> list[Candidate]:
    """A channel's upstream, then every mirror of it."""
    return [
        Candidate("conda", None, own.upstream or "", own),
        *(Candidate("conda", url, url, mirrored) for url in urls),
    ]


def _channel(name: str, forge: Files) -> Files:
    """Where a channel is whose neighbour is conda-forge."""
    return replace(forge, service=f"conda.{name}", small=forge.small.replace("conda-forge", name))


def _apt(survey: Survey, distro: str) -> list[Candidate]:
    """By http, as apt asks: its index is signed. Upstream is what the image's own sources say."""
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(survey.arch, survey.arch)
    start = f"/dists/{survey.os_codename}"
    files = Files("apt", f"{start}/InRelease", f"{start}/main/binary-{arch}/Packages.xz", "Debian APT-HTTP/1.3")
    rows = [row.url for row in load_mirrors() if row.kind == "apt" and row.distro == distro]
    own = [Candidate("apt", None, url.rstrip("/"), files) for url in _image(survey)[:1]]
    return [*own, *(Candidate("apt", url, url.replace("https://", "http://"), files) for url in rows)]


def _image(survey: Survey) -> list[str]:
    words = [word for text in survey.apt_texts.values() for line in text.splitlines() for word in line.split()[:4]]
    ends = (f"/{survey.os_id}", f"/{survey.os_id}/", "-ports", "-ports/")
    return [word for word in words if word.startswith(("http://", "https://")) and word.endswith(ends)]

"""The places that are measured for a client, upstream among them, and the files that are asked for there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gpustrap.catalog.mirrors import Kind, load_mirrors
from gpustrap.resolve.box.survey import Survey

# What the catalog's uv fetches for Python 3.12, and where from (`uv python list --only-downloads --show-urls`).
BUILDS = "https://releases.astral.sh/github/python-build-standalone/releases/download"
BUILD = "/20261110/cpython-3.12.16%2B20261110-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz"


@dataclass(frozen=True)
class Files:
    """`service` names what a right answer holds; `small` and `large` are paths below a mirror's URL."""

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


@dataclass(frozen=True)
class Candidate:
    """One place. `url` is as the catalog has it, None for upstream; `base` is what is asked."""

    kind: Kind
    url: str | None
    base: str
    files: Files

    def line(self, number: int) -> str:
        words = (f"{self.files.service}.{number}", self.base, self.files.small, self.files.large, self.files.agent)
        return "\t".join(words)


def candidates(kinds: Iterable[Kind], survey: Survey, distro: str) -> list[Candidate]:
    """Of each kind upstream, then every mirror of the catalog in its order."""
    return [each for kind in kinds for each in (_apt(survey, distro) if kind == "apt" else _others(kind))]


def _others(kind: Kind) -> list[Candidate]:
    files = FILES[kind]
    own = [Candidate(kind, None, files.upstream, files)] if files.upstream else []
    rows = [row.url if kind == "git" else row.url.rstrip("/") for row in load_mirrors() if row.kind == kind]
    return [*own, *(Candidate(kind, url, url, files) for url in rows)]


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

"""Which mirror each package manager asks, with the reason, and what has to be set for it to count. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gpustrap.catalog.mirrors import Kind
from gpustrap.language import mark, tr
from gpustrap.resolve.box.configuration import readonly
from gpustrap.resolve.box.region import choose_region
from gpustrap.resolve.box.shells import Shells, shells_of
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.net.measured import Measured
from roles.mirrors import rivals
from roles.mirrors.apt import Apt, choose_apt, distro_of
from roles.mirrors.beside import beside
from roles.mirrors.files import Files, files_of
from roles.mirrors.hugging_face import hugging_face
from roles.mirrors.places import named
from roles.mirrors.seen import Seen
from roles.mirrors.unreadable import unreadable

if TYPE_CHECKING:
    from roles.mirrors.settings import Settings

CLIENTS: Mapping[Kind, str] = {
    "pypi": mark("pip and uv ask"),
    "conda": mark("conda asks"),
    "npm": mark("npm asks"),
    "git": mark("git fetches GitHub's repositories from"),
    "hf": mark("Hugging Face's clients ask"),
    "python-build": mark("uv fetches Pythons from"),
}


@dataclass(frozen=True)
class Mirrors:
    """The chosen URLs; None is upstream, the client's own default.

    `variables` are those that every shell gets; `unset` those that no shell may have, for they would count before
    the clients' own `files`.
    """

    shells: Shells
    apt: Apt | None
    pypi: str | None
    conda: str | None
    npm: str | None
    hf: str | None
    python_build: str | None
    git: str | None
    files: Files
    variables: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    measured: Measured | None = None  # for roles that choose a place by themselves

    @property
    def home(self) -> str:
        return self.shells.home

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names of all chosen mirrors: domestic ones must not go through a proxy."""
        urls = (self.apt and self.apt.url, self.pypi, self.conda, self.npm, self.hf, self.python_build)
        return tuple(dict.fromkeys(host for url in urls if url and (host := urlsplit(url).hostname)))


def choose(settings: Settings, survey: Survey, context: Context) -> Mirrors:
    """The mirror of each kind: as written, else the region's first in the catalog.

    Raises InstanceFailed where another rule of git's would win that cannot be overruled.
    """
    written, seen = _written(settings), Seen.of(settings, survey, choose_region(context.region, survey))
    urls = {kind: seen.pick(kind, word) for kind, word in written.items()}
    distro, said = distro_of(survey), survey.configuration
    apt, apt_reasons = choose_apt(settings.apt, survey, lambda word: seen.pick("apt", word, distro), seen.why("apt"))
    git_files, git_reasons = rivals.of_git(urls["git"], survey)
    variables, variable_reasons = rivals.variables_of(urls["pypi"], urls["npm"], said)
    hub, hub_reasons = hugging_face(settings, urls["hf"], survey, seen.measured)
    if urls["python-build"] is not None:
        variables = {**variables, "UV_PYTHON_INSTALL_MIRROR": urls["python-build"]}
    return Mirrors(
        shells=shells_of(survey),
        apt=apt,
        pypi=urls["pypi"],
        conda=urls["conda"],
        npm=urls["npm"],
        hf=urls["hf"],
        python_build=urls["python-build"],
        git=urls["git"],
        files=files_of(urls, () if apt is None else apt.files, git_files, survey),
        variables={**hub, **variables},
        unset=rivals.unset(urls["pypi"], urls["npm"], variables),
        reasons=(
            *apt_reasons,
            *unreadable(survey),
            *_reasons(urls, written, seen),
            *rivals.of_condas_files(urls["conda"], survey),
            *(*git_reasons, *variable_reasons, *hub_reasons),
            *beside(urls, said, variables),
            *readonly({**hub, **variables}, said),
            *shells_of(survey).unread,
        ),
        measured=seen.measured,
    )


def _written(settings: Settings) -> dict[Kind, str]:
    kinds: tuple[Kind, ...] = ("pypi", "conda", "npm", "hf", "python-build", "git")
    return {kind: getattr(settings, kind.replace("-", "_")) for kind in kinds}


def _reasons(urls: Mapping[Kind, str | None], written: Mapping[Kind, str], seen: Seen) -> tuple[str, ...]:
    """One sentence a kind; a default that is kept because nothing is written is told once for all of them."""
    lines = []
    for kind, url in urls.items():
        why = seen.why(kind) if written[kind] == "auto" else tr("hosts.yml says so")
        if kind == "git" and written[kind] == "upstream":
            why = tr("a mirror of GitHub sees what is fetched, so it is used only where hosts.yml names one")
        lines.append(f"{tr(CLIENTS[kind])} {named(kind, url)}: {why}")
    return tuple(lines)

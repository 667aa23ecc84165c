"""The files of the role `mirrors`, client by client. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gpustrap.catalog.mirrors import Kind
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.wanted import WantedFile
from roles.mirrors.rivals import conda_files, git_places

Wanted = tuple[WantedFile, ...]


@dataclass(frozen=True)
class Files:
    """What is wanted of each client's files."""

    apt: Wanted
    pypi: Wanted
    conda: Wanted
    npm: Wanted
    git: Wanted


def files_of(urls: Mapping[Kind, str | None], apt: Wanted, git: tuple[str, ...], survey: Survey) -> Files:
    """Every client's files for these URLs; of a client that asks upstream, ours go. `git` are those with our rules."""
    home = survey.home
    return Files(
        apt,
        _pypi(urls["pypi"], survey),
        _conda(urls["conda"], survey),
        (WantedFile(f"{home}/.npmrc", urls["npm"] and "mirrors/npmrc.j2", {"registry": urls["npm"]}, block="mirrors"),),
        _git(urls["git"], git, survey),
    )


def _pypi(url: str | None, survey: Survey) -> Wanted:
    values = {"index": url, "trusted_hosts": trusted_hosts(url, survey.configuration.trusted_hosts)}
    return (
        WantedFile(
            f"{survey.home}/.config/pip/pip.conf", url and "mirrors/pip.conf.j2", values, keys="ini", part="mirrors"
        ),
        WantedFile(
            f"{survey.home}/.config/uv/uv.toml",
            url and "mirrors/uv.toml.j2",
            {"index": url},
            keys="toml",
            part="mirrors",
        ),
    )


def _conda(url: str | None, survey: Survey) -> Wanted:
    """Miniforge has no channel `defaults`, and gets none."""
    values = {"host": url, "defaults": not survey.configuration.conda_forge}
    return tuple(
        WantedFile(file, url and "mirrors/condarc.j2", values, keys="yaml", part="mirrors")
        for file in (f"{survey.home}/.condarc", *conda_files(survey))
    )


def _git(url: str | None, places: tuple[str, ...], survey: Survey) -> Wanted:
    rules = f"{survey.home}/.config/gpustrap/git-mirrors"
    every = dict.fromkeys((*places, *git_places(survey)))
    return (
        WantedFile(rules, url and "mirrors/gitconfig.j2", {"prefix": url}),
        *(
            WantedFile(file, "git-include.j2" if file in places else None, {"path": rules}, block="mirrors", top=True)
            for file in every
        ),
    )


def trusted_hosts(url: str | None, already: tuple[str, ...]) -> tuple[str, ...]:
    """What pip may ask without https: the index where it is such a one, besides those that are trusted already."""
    if url is None or not url.startswith("http://"):
        return ()
    return tuple(dict.fromkeys((*already, urlsplit(url).netloc.rpartition("@")[2])))

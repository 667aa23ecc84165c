"""Which mirror each package manager asks, with the reason. Pure; nothing is probed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gpustrap.catalog.mirrors import Kind, Mirror, load_mirrors, mirrors_of
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.box.region import choose_region
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context

if TYPE_CHECKING:
    from roles.mirrors.settings import Settings

# Debian's own components that need no licence talk; Ubuntu's default set.
COMPONENTS = {"debian": "main", "ubuntu": "main restricted universe multiverse"}
KEYRINGS = {
    "debian": "/usr/share/keyrings/debian-archive-keyring.gpg",
    "ubuntu": "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
}


@dataclass(frozen=True)
class AptSource:
    """The distribution's source file: where it stands, in which form, and what it lists.

    `url` None means that the file is not ours: what stood there before comes back.
    """

    file: str
    deb822: bool
    url: str | None
    security_url: str | None = None
    suites: tuple[str, ...] = ()
    security_suite: str = ""
    components: str = ""
    keyring: str = ""


@dataclass(frozen=True)
class Mirrors:
    """The chosen URLs; None is upstream, the client's own default. `reasons` says why, by kind."""

    survey: Survey
    apt: AptSource | None
    pypi: str | None
    conda: str | None
    npm: str | None
    hf: str | None
    python_build: str | None
    git: str | None
    variables: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def apt_sources(self) -> tuple[AptSource, ...]:
        """The distribution's source file; none on a system that is neither Debian nor Ubuntu."""
        return () if self.apt is None else (self.apt,)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names of all chosen mirrors: domestic ones must not go through a proxy."""
        urls = (self.apt and self.apt.url, self.pypi, self.conda, self.npm, self.hf, self.python_build)
        return tuple(dict.fromkeys(host for url in urls if url and (host := urlsplit(url).hostname)))


def choose(settings: Settings, survey: Survey, context: Context) -> Mirrors:
    """The mirror of each kind: as written, else the region's first in the catalog."""
    region = choose_region(context.region, survey)
    reasons: dict[str, str] = {}

    def pick(kind: Kind, written: str, distro: str | None = None) -> str | None:
        choice = _pick(kind, written, region.name, distro)
        reasons[kind] = f"{choice or 'upstream'}: " + (region.reason if written == "auto" else "hosts.yml says so")
        return choice

    hf = pick("hf", settings.hf)
    python_build = pick("python-build", settings.python_build)
    return Mirrors(
        survey=survey, apt=_apt(settings.apt, survey, pick),
        pypi=pick("pypi", settings.pypi), conda=pick("conda", settings.conda),
        npm=pick("npm", settings.npm), git=pick("git", settings.git), hf=hf, python_build=python_build,
        variables=_variables(hf, python_build), reasons=reasons,
    )  # fmt: skip


def _pick(kind: Kind, written: str, region: str, distro: str | None) -> str | None:
    if written == "upstream":
        return None
    if written.startswith(("http://", "https://")):
        return _tidy(kind, written)
    if written == "auto":
        return _first([row for row in mirrors_of(kind, region) if row.distro == distro])
    named = [row for row in load_mirrors() if row.kind == kind and row.name.casefold() == written.casefold()]
    found = _first([row for row in named if row.distro == distro])
    if found is None:
        raise InstanceFailed(f"the mirror {written} carries no {distro or kind}", operation=kind,
                             hint=f"mirrors of this kind: {_names(kind, distro)}")  # fmt: skip
    return found


def _first(rows: list[Mirror]) -> str | None:
    return _tidy(rows[0].kind, rows[0].url) if rows else None


def _tidy(kind: Kind, url: str) -> str:
    """Without a slash at its end; git's is a prefix that OWNER/REPOSITORY follows, so with one."""
    return url.rstrip("/") + ("/" if kind == "git" else "")


def _names(kind: Kind, distro: str | None) -> str:
    return ", ".join(row.name for row in load_mirrors() if row.kind == kind and row.distro == distro)


def _variables(hf: str | None, python_build: str | None) -> dict[str, str]:
    variables: dict[str, str] = {}
    if hf is not None:
        # Xet's own transfers go past the mirror; the time-outs are 10 s, too short behind one.
        variables |= {"HF_ENDPOINT": hf, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DOWNLOAD_TIMEOUT": "60",
                      "HF_HUB_ETAG_TIMEOUT": "60"}  # fmt: skip
    if python_build is not None:
        variables["UV_PYTHON_INSTALL_MIRROR"] = python_build
    return variables


def _apt(written: str, survey: Survey, pick: _Pick) -> AptSource | None:
    """The source file of Debian or Ubuntu, deb822 where the image has that, else the one-line form.

    Debian's security archive is looked for beside a URL that ends with /debian; of another URL there is none.
    """
    if survey.os_id not in COMPONENTS or not survey.os_codename:
        return None
    distro = survey.os_id
    if distro == "ubuntu" and survey.arch != "x86_64":
        distro = "ubuntu-ports"
    new_form = f"/etc/apt/sources.list.d/{survey.os_id}.sources"
    deb822 = new_form in survey.apt_sources
    file = new_form if deb822 else "/etc/apt/sources.list"
    url = pick("apt", written, distro)
    if url is None:
        return AptSource(file, deb822, None)
    if not written.startswith("https://"):
        # apt checks signatures, and https would not work before ca-certificates are there.
        url = url.replace("https://", "http://", 1)
    code = survey.os_codename
    security = f"{url}-security" if survey.os_id == "debian" and url.endswith("/debian") else url
    return AptSource(
        file, deb822, url, security_url=security if survey.os_id == "ubuntu" or security != url else None,
        suites=(code, f"{code}-updates"), security_suite=f"{code}-security",
        components=COMPONENTS[survey.os_id], keyring=KEYRINGS[survey.os_id],
    )  # fmt: skip


if TYPE_CHECKING:
    from typing import Protocol

    class _Pick(Protocol):
        def __call__(self, kind: Kind, written: str, distro: str | None = None) -> str | None: ...

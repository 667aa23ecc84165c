"""apt's part of the role `mirrors`: the texts of its source files, with the mirror in the distribution's own. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.language import tr
from gpustrap.resolve.box import apt_sources
from gpustrap.resolve.box.apt_sources import ENDED, Distribution, Mirror, Rewritten
from gpustrap.resolve.box.configuration import some_of
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.wanted import WantedFile

# What a system without any source gets: Debian's component that needs no licence talk; Ubuntu's default set.
COMPONENTS = {"debian": "main", "ubuntu": "main restricted universe multiverse"}
KEYRINGS = {
    "debian": "/usr/share/keyrings/debian-archive-keyring.gpg",
    "ubuntu": "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
}


@dataclass(frozen=True)
class NewSource:
    """What the source file of a system lists that has none."""

    url: str
    security_url: str | None
    suites: tuple[str, ...]
    security_suite: str
    components: str
    keyring: str


@dataclass(frozen=True)
class Apt:
    """The mirror (None: the image's own sources), and every source file there is or has to be made."""

    url: str | None
    security_url: str | None = None
    files: tuple[WantedFile, ...] = ()


def distro_of(survey: Survey) -> str:
    """The catalog's word: Ubuntu's other processors have an archive of their own."""
    return "ubuntu-ports" if survey.os_id == "ubuntu" and survey.arch != "x86_64" else survey.os_id


def choose_apt(
    written: str, survey: Survey, pick: Callable[[str], str | None], region_reason: str
) -> tuple[Apt | None, tuple[str, ...]]:
    """What becomes of apt's sources, and why; None on a system that is neither Debian nor Ubuntu."""
    if survey.os_id not in COMPONENTS or not survey.os_codename:
        return None, (tr("apt's sources stay: this system is neither Debian nor Ubuntu"),)
    url = pick(written)
    why = region_reason if written == "auto" else tr("hosts.yml says so")
    if url is None:
        return _as_it_was(survey), (tr("apt asks upstream, as the image has it: {why}", why=why),)
    if survey.os_codename in ENDED[survey.os_id].split() and "archive" not in url and "old-releases" not in url:
        return _as_it_was(survey), (
            tr(
                "apt's sources stay: {survey.os_id} {survey.os_codename} has ended, and mirrors have no "
                "more of it; a URL with an archive of old releases would be used",
                survey=survey,
            ),
        )
    if not written.startswith("https://"):
        # apt checks signatures, and https would not work before ca-certificates are there.
        url = url.replace("https://", "http://")
    mirror = Mirror(url, _security(survey, url))
    if not survey.apt_texts:
        made = Apt(mirror.url, mirror.security_url, (_new(survey, mirror),))
        return made, (_asks(url, why), *_moved(survey))
    made, reasons = _rewritten(survey, mirror, why)
    return made, (*reasons, *_moved(survey))


def _asks(url: str, why: str) -> str:
    return tr("apt asks {url}: {why}", url=url, why=why)


def _moved(survey: Survey) -> tuple[str, ...]:
    """Who says that apt has its sources in another place than the one where ours are written."""
    files = survey.configuration.apt_moved
    if not files:
        return ()
    return (
        tr(
            "{files} may have apt read its sources elsewhere than in /etc/apt, where the mirror is written: "
            "`apt-config dump Dir::Etc` says where, and `verify` whether the mirror is asked",
            files=some_of(files),
        ),
    )


def _security(survey: Survey, url: str) -> str | None:
    """Debian's security archive is looked for beside a URL that ends with /debian; of another URL there is none."""
    if survey.os_id == "ubuntu":
        return url
    return f"{url}-security" if url.endswith("/debian") else None


def _as_it_was(survey: Survey) -> Apt:
    return Apt(None, files=tuple(WantedFile(path, None) for path in survey.apt_texts))


def _new(survey: Survey, mirror: Mirror) -> WantedFile:
    code = survey.os_codename
    source = NewSource(
        mirror.url,
        mirror.security_url,
        (code, f"{code}-updates"),
        f"{code}-security",
        COMPONENTS[survey.os_id],
        KEYRINGS[survey.os_id],
    )
    return WantedFile(f"/etc/apt/sources.list.d/{survey.os_id}.sources", "mirrors/debian.sources.j2", {"apt": source})


def _rewritten(survey: Survey, mirror: Mirror, why: str) -> tuple[Apt, tuple[str, ...]]:
    urls = (mirror.url, *(row.url for row in load_mirrors() if row.kind == "apt"))
    distribution = Distribution(survey.os_id, {urlsplit(url).hostname for url in urls})
    done = {path: apt_sources.rewrite(path, text, distribution, mirror) for path, text in survey.apt_texts.items()}
    archived = [path for path, new in done.items() if new.archived]
    old = tuple(tr("{path} is left alone where it asks an archive of old releases", path=path) for path in archived)
    if not any(new.mirrored for new in done.values()):
        return _as_it_was(survey), (
            *old,
            tr("apt's sources stay: none of them is one of {os_id}'s own", os_id=survey.os_id)
            if not old
            else tr("apt's sources stay: no other is the distribution's"),
        )
    files = tuple(_source(path, new) for path, new in done.items())
    others = [path for path, new in done.items() if not new.mirrored and path not in archived]
    kept = (tr("sources of others stay as they are: {others}", others=", ".join(others)),) if others else ()
    security = (tr("security updates come from where the image has them: the mirror's URL does not end with /debian"),)
    return (
        Apt(mirror.url, mirror.security_url, files),
        (
            _asks(mirror.url, why),
            *old,
            *kept,
            *(security if mirror.security_url is None else ()),
        ),
    )


def _source(path: str, new: Rewritten) -> WantedFile:
    return WantedFile(path, "mirrors/sources.j2" if new.mirrored else None, {"text": new.text})

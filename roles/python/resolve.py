"""Which uv an instance gets and who downloads it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpustrap.catalog.uv import UvWheel, load_uv_wheels
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.box.configuration import readonly, some_of, who_sets
from gpustrap.resolve.box.shells import Shells, shells_of
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.uv import UV
from gpustrap.resolve.versions import dotted

if TYPE_CHECKING:
    from roles.python.settings import Settings


@dataclass(frozen=True)
class Python:
    """The wheel, whether the laptop sends it (else the instance's pip fetches it), and why.

    `fallback`: the laptop sends it where that pip cannot fetch it. `index`: what pip asks, None for its own.
    `path`: the folder that PATH has to be given in these shells, since somebody sets it without; or none.
    """

    wheel: UvWheel
    from_laptop: bool
    fallback: bool = False
    index: str | None = None
    path: tuple[tuple[str, Shells], ...] = ()
    reasons: tuple[str, ...] = ()


def choose(settings: Settings, survey: Survey, context: Context) -> Python:
    """uv's wheel for the instance's architecture. Raises InstanceFailed where there is none."""
    wheels = load_uv_wheels()
    if survey.arch not in wheels:
        raise InstanceFailed(
            tr("uv has no pinned wheel for {arch}", arch=survey.arch),
            operation="uv",
            hint=tr("there is one for {wheels}", wheels=", ".join(wheels)),
        )
    if survey.glibc is None or survey.glibc < (2, 17):
        found = tr("no glibc") if survey.glibc is None else f"glibc {dotted(survey.glibc)}"
        raise InstanceFailed(
            tr(
                "uv needs glibc 2.17 or newer, and this {survey.os_id} {survey.os_version} has {found}",
                survey=survey,
                found=found,
            ),
            operation="uv",
            hint=tr("choose a newer Debian or Ubuntu image"),
        )
    from_laptop, reason = _who_downloads(settings, survey)
    mirrors = context.decided("mirrors")
    index = None if from_laptop or mirrors is None else mirrors.pypi
    other = survey.tools.get("uv")
    also = (tr("another uv stands at {other} and is left alone", other=other),) if other and other != UV else ()
    fallback = not from_laptop and settings.source == "auto"
    path, path_reasons = _path(survey)
    return Python(wheels[survey.arch], from_laptop, fallback, index, path, (reason, *also, *path_reasons))


def _path(survey: Survey) -> tuple[tuple[tuple[str, Shells], ...], tuple[str, ...]]:
    """uv's folder, where a start-up file sets PATH without it. Once given it stays: ours may hide who took it away."""
    who, folder = who_sets(("PATH",), survey.configuration), UV.rpartition("/")[0]
    if not who and "PATH" not in survey.configuration.ours:
        return (), ()
    why = tr("because of {who}", who=some_of(who)) if who else tr("as it had to be before")
    return ((folder, shells_of(survey)),), (
        tr("{folder} is added to PATH in every shell, {why}", folder=folder, why=why),
        *readonly(("PATH",), survey.configuration),
    )


def _who_downloads(settings: Settings, survey: Survey) -> tuple[bool, str]:
    if settings.source != "auto":
        return settings.source == "laptop", tr("hosts.yml says so")
    if "python3" in survey.hangs:
        return True, tr("python3 on the instance gives no answer within 10 s, so its pip would not either")
    if "pip" in survey.tools or "pip3" in survey.tools:
        return False, tr("the instance has pip, which knows its mirror")
    return True, tr("uv comes from the laptop, since the instance has no pip")

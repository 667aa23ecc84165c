"""Which packages an instance gets, and whether gpustrap can install packages there at all. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context

if TYPE_CHECKING:
    from roles.base.settings import Settings


@dataclass(frozen=True)
class Packages:
    """Debian packages that have to be installed, each once."""

    names: tuple[str, ...]
    reasons: tuple[str, ...] = ()


def choose(settings: Settings, survey: Survey, context: Context) -> Packages:  # noqa: ARG001 (a resolver's form)
    """The wanted packages. Raises InstanceFailed on a system without apt."""
    if "apt-get" not in survey.tools:
        raise InstanceFailed(
            tr(
                "packages are installed with apt-get, which this {survey.os_id} {survey.os_version} lacks",
                survey=survey,
            ),
            operation="packages",
            hint=tr("choose a Debian or Ubuntu image, or leave `base` out of roles"),
        )
    names = tuple(dict.fromkeys((*settings.packages, *settings.extra)))
    own = tr(", {count} of them for `extra` in hosts.yml", count=len(settings.extra)) if settings.extra else ""
    return Packages(
        names, (tr("{count} packages that the roles and a person at a shell need{own}", count=len(names), own=own),)
    )

"""The project whose files a service runs: it is started again when they change. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.context import Context

if TYPE_CHECKING:
    from roles.services.settings import ServiceSettings


@dataclass(frozen=True)
class Code:
    """Where a service runs (empty: in its own folder), what its command is told before, and the digest of the files."""

    cwd: str = ""
    before: str = ""
    digest: str = ""


def project_of(name: str, service: ServiceSettings, context: Context) -> Code:
    """What a service has of the role `project`. Raises InstanceFailed where it wants one that there is not."""
    project = context.decided("project") if "project" in context.roles_before("services") else None
    if service.project and project is None:
        raise InstanceFailed(
            tr("'{name}' runs in the project's folder, and there is none before it", name=name),
            operation=name,
            hint=tr("put the role `project` before `services`"),
        )
    if project is None:
        return Code(service.cwd or "")
    if service.project:
        return Code(project.dest, _path(project.environment), project.digest)
    inside = service.cwd is not None and f"{service.cwd}/".startswith(f"{project.dest}/")
    return Code(service.cwd or "", "", project.digest if inside else "")


def _path(environment: object) -> str:
    folder = getattr(environment, "bin", "")
    if not folder:
        return ""
    prefix = shlex.quote(folder.rpartition("/")[0])
    return f'export VIRTUAL_ENV={prefix} PATH={shlex.quote(folder)}:"$PATH"\n'

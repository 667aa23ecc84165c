"""The folders of an instance in which a person's own programs run: files of clients that stand there count first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gpustrap.inventory.instance import Instance

PLAIN = re.compile(r"(~|)(/[A-Za-z0-9._+@-]+)+")


def workplaces(instance: Instance) -> tuple[str, ...]:
    """As hosts.yml tells of them: where services run, and where the project stands. `~` is the login's home."""
    return tuple(dict.fromkeys(folder for folder in _told(instance) if PLAIN.fullmatch(folder)))


def _told(instance: Instance) -> Iterator[str]:
    services = getattr(instance.settings.get("services"), "root", None) or {}
    for service in services.values():
        yield getattr(service, "cwd", None) or ""
    project = instance.settings.get("project")
    if project is not None:
        from gpustrap.resolve.project import folder_name  # what few runs need is not imported for all

        name = folder_name(getattr(project, "path", None), getattr(project, "git", None))
        yield getattr(project, "dest", None) or f"~/{name}"

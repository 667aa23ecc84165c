"""Which instances and roles the words of a command line mean."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gpustrap import content
from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.inventory.hosts import Hosts, Instance, find_project, load_hosts, select
from gpustrap.inventory.secret_places import read_secrets
from gpustrap.language import tr


def chosen(
    names: Sequence[str],
    roles: Sequence[str] | None,
    limit: Sequence[str] | None,
    project: Path | None = None,
    *,
    roles_from: str = "--roles",
    of_roles: bool = True,
) -> tuple[Path, tuple[Instance, ...], tuple[str, ...] | None]:
    """The project, instances and roles that the words mean, with every secret read: of the logins and, with
    `of_roles`, of the roles. Raises BadInput.
    """
    project = project or find_project(Path.cwd())
    hosts = load_hosts(project)
    instances = _limited(hosts, select(hosts, names), _split(limit))
    wanted = _split(roles) or None
    _must_be_roles(project, wanted or (), roles_from)
    read_secrets(hosts, instances, settings=of_roles, sudo=True)
    return project, instances, wanted


def _split(words: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(part.strip() for word in words or () for part in word.split(",") if part.strip())


def _limited(hosts: Hosts, instances: tuple[Instance, ...], limit: tuple[str, ...]) -> tuple[Instance, ...]:
    names = {one.name for one in instances}
    if unknown := [name for name in limit if name not in names]:
        select(hosts, unknown)  # raises where it is no instance at all
        raise BadInput(
            *(
                Fault(
                    tr("'{name}' is not among the named instances", name=name),
                    key="--limit",
                    hint=tr("named: {names}", names=", ".join(sorted(names))),
                )
                for name in unknown
            )
        )
    return tuple(one for one in instances if not limit or one.name in limit)


def _must_be_roles(project: Path, roles: Sequence[str], typed_as: str) -> None:
    known = content.role_names(project)
    faults = [
        Fault(
            tr("no role '{role}'", role=role),
            key=typed_as,
            nearest=nearest(role, known),
            hint=tr("roles: {known}", known=", ".join(known)),
        )
        for role in roles
        if role not in known
    ]
    if faults:
        raise BadInput(*faults)

"""`up`, `plan` and `verify`: from words on the command line to a run and its report."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gpustrap import content
from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.inventory.hosts import Hosts, Instance, find_project, load_hosts, select
from gpustrap.inventory.reveal import read_all

if TYPE_CHECKING:
    from gpustrap.engine.report import Result
    from gpustrap.ui.console import Lines


def up(names: Sequence[str], roles: Sequence[str] | None, limit: Sequence[str] | None, *, yes: bool,
       json: bool, replay: bool, accept_new_key: bool) -> int:  # fmt: skip
    """Exit code of `gpustrap up`: 0, or 1 when an instance failed."""
    project, instances, chosen_roles = chosen(names, roles, limit)
    from gpustrap.engine import greenlets, run
    from gpustrap.ui.console import Lines

    asks = not yes and _somebody_is_there()
    with Lines() as lines:
        greenlets.hush()
        options = run.Options(
            replay=replay, roles=chosen_roles, accept_new_key=accept_new_key,
            confirm=lines.confirm if asks else None, accepts_key=lines.accepts_key if asks else None,
        )  # fmt: skip
        results = run.up(instances, project, options, lines)
    _report(results, lines, json)
    return 0 if all(result.failed is None for result in results.values()) else 1


def plan(names: Sequence[str], roles: Sequence[str] | None, limit: Sequence[str] | None, *, json: bool,
         replay: bool, accept_new_key: bool) -> int:  # fmt: skip
    """Exit code of `gpustrap plan`: 0 nothing to do, 3 changes pending, 1 an instance failed."""
    project, instances, chosen_roles = chosen(names, roles, limit)
    from gpustrap.engine import greenlets, run
    from gpustrap.ui.console import Lines

    with Lines(planning=True) as lines:
        greenlets.hush()
        options = run.Options(
            replay=replay, roles=chosen_roles, accept_new_key=accept_new_key,
            accepts_key=lines.accepts_key if _somebody_is_there() else None,
        )  # fmt: skip
        results = run.plan(instances, project, options, lines)
    _report(results, lines, json)
    if any(result.failed for result in results.values()):
        return 1
    return 3 if any(result.changed for result in results.values()) else 0


def verify(names: Sequence[str], roles: Sequence[str] | None, limit: Sequence[str] | None, *, json: bool,
           replay: bool, accept_new_key: bool) -> int:  # fmt: skip
    """Exit code of `gpustrap verify`: 0 all promises hold, 1 one does not."""
    project, instances, chosen_roles = chosen(names, roles, limit)
    from gpustrap.engine import greenlets, run
    from gpustrap.ui.console import Lines

    with Lines() as lines:
        greenlets.hush()
        options = run.Options(
            replay=replay, roles=chosen_roles, accept_new_key=accept_new_key,
            accepts_key=lines.accepts_key if _somebody_is_there() else None,
        )  # fmt: skip
        results = run.verify(instances, project, options, lines)
    _report(results, lines, json)
    return 0 if all(result.failed is None for result in results.values()) else 1


def chosen(names: Sequence[str], roles: Sequence[str] | None, limit: Sequence[str] | None
           ) -> tuple[Path, tuple[Instance, ...], tuple[str, ...] | None]:  # fmt: skip
    """The project, instances and roles that the words mean, with every secret read. Raises BadInput."""
    project = find_project(Path.cwd())
    hosts = load_hosts(project)
    instances = _limited(hosts, select(hosts, names), _split(limit))
    wanted = _split(roles) or None
    _must_be_roles(project, wanted or ())
    for instance in instances:
        read_all(instance.settings.values())
    return project, instances, wanted


def _somebody_is_there() -> bool:
    """Whether a question would be seen and could be answered."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _split(words: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(part.strip() for word in words or () for part in word.split(",") if part.strip())


def _limited(hosts: Hosts, instances: tuple[Instance, ...], limit: tuple[str, ...]) -> tuple[Instance, ...]:
    names = {one.name for one in instances}
    if unknown := [name for name in limit if name not in names]:
        select(hosts, unknown)  # raises where it is no instance at all
    return tuple(one for one in instances if not limit or one.name in limit)


def _must_be_roles(project: Path, roles: Sequence[str]) -> None:
    known = content.role_names(project)
    faults = [
        Fault(f"no role '{role}'", key="--roles", nearest=nearest(role, known),
              hint=f"roles: {', '.join(known)}")
        for role in roles if role not in known
    ]  # fmt: skip
    if faults:
        raise BadInput(*faults)


def _report(results: Mapping[str, Result], lines: Lines, json: bool) -> None:
    lines.summary(results)
    if json:
        print(jsonlib.dumps({"instances": {name: result.as_json() for name, result in results.items()}}))

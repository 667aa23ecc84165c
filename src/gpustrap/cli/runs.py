"""`up`, `plan` and `verify`: from words on the command line to a run and its report."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gpustrap import content
from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.inventory.hosts import Hosts, Instance, find_project, load_hosts, select
from gpustrap.inventory.reveal import read_all

if TYPE_CHECKING:
    from gpustrap.engine.report import Result


@dataclass(frozen=True)
class Words:
    """What was typed after the verb."""

    names: Sequence[str]
    roles: Sequence[str] | None
    limit: Sequence[str] | None
    json: bool
    replay: bool
    accept_new_key: bool
    yes: bool = False  # of `up`: never ask


def up(words: Words) -> int:
    """Exit code of `gpustrap up`: 0, or 1 when an instance failed."""
    return _failed(_run("up", words))


def plan(words: Words) -> int:
    """Exit code of `gpustrap plan`: 0 nothing to do, 3 changes pending, 1 an instance failed."""
    results = _run("plan", words)
    pending = any(result.changed for result in results.values())
    return _failed(results) or (3 if pending else 0)


def verify(words: Words) -> int:
    """Exit code of `gpustrap verify`: 0 all promises hold, 1 one does not."""
    return _failed(_run("verify", words))


def _run(verb: Literal["up", "plan", "verify"], words: Words) -> Mapping[str, Result]:
    """Run one verb of the engine, show it, and print its report. Raises BadInput before the engine is imported."""
    project, instances, roles = chosen(words.names, words.roles, words.limit)
    from gpustrap.engine import greenlets, run
    from gpustrap.ui.console import Lines

    asks = not words.yes and sys.stdin.isatty() and sys.stderr.isatty()
    with Lines(planning=verb == "plan") as lines:
        greenlets.hush()
        options = run.Options(
            replay=words.replay, roles=roles, accept_new_key=words.accept_new_key,
            confirm=lines.confirm if asks else None, accepts_key=lines.accepts_key if asks else None,
        )  # fmt: skip
        verbs = {"up": run.up, "plan": run.plan, "verify": run.verify}
        results = verbs[verb](instances, project, options, lines)
    lines.summary(results)
    if words.json:
        print(jsonlib.dumps({"instances": {name: result.as_json() for name, result in results.items()}}))
    return results


def _failed(results: Mapping[str, Result]) -> int:
    return 1 if any(result.failed for result in results.values()) else 0


def chosen(names: Sequence[str], roles: Sequence[str] | None, limit: Sequence[str] | None
           ) -> tuple[Path, tuple[Instance, ...], tuple[str, ...] | None]:  # fmt: skip
    """The project, instances and roles that the words mean, with every secret read. Raises BadInput."""
    project = find_project(Path.cwd())
    hosts = load_hosts(project)
    instances = _limited(hosts, select(hosts, names), _split(limit))
    wanted = _split(roles) or None
    _must_be_roles(project, wanted or ())
    for instance in instances:
        read_all([*instance.settings.values(), instance.password])
    return project, instances, wanted


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

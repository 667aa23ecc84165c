"""Lab targets: containers that look like a rented instance, from the first ssh login to the provider's reset.

No systemd, sshd, one public port (8080 inside), and a data disk at /data that survives a reset. A target
belongs to a project, or to none; the same name in two projects is two targets. Everything made carries the
label gpustrap.lab=NAME, and gpustrap.project=PATH for a project, and only what carries them is touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gpustrap.errors import BadInput, Fault, NotRunning, nearest
from gpustrap.lab.box import PREFIX, Box, TargetName, all_boxes, find_box, kind_of
from gpustrap.lab.engine import Engine, find_engine
from gpustrap.lab.flavour import find_flavour
from gpustrap.lab.images import check_release, ensure_image
from gpustrap.lab.layers import ensure_flavour
from gpustrap.lab.leftovers import remove, remove_leftovers, remove_leftovers_at_times, remove_network, remove_volume
from gpustrap.lab.login import LabTarget, describe, make_ready, running_box
from gpustrap.lab.make import BoxSpec, make_box, remove_container, start_box
from gpustrap.lab.owner import is_alive
from gpustrap.lab.requirements import has_programs, install_missing
from gpustrap.lab.state import Say, known_hosts_file, lock_file, locked, silent
from gpustrap.language import tr

RELEASE = "debian-12"  # where none is asked for


@dataclass(frozen=True)
class Listed:
    """A row of `ls`. `state` is the engine's word (running, exited); `owner` marks a test's own target."""

    target: LabTarget
    state: str
    owner: str | None


def up(
    name: str,
    release: str | None,
    say: Say = silent,
    *,
    project: Path | None = None,
    flavour: str | None = None,
    network: str | None = None,
    owner: str | None = None,
) -> LabTarget:
    """Make the target, start a stopped one, or give the running one; its sshd answers when this returns.

    Without `release` the target there is may be of any release and flavour. `network` names an internal
    network, made where it is not there: the box reaches only what is on it, publishes no port and is reached
    at its own address (on Linux, engine as root). `owner`, an `owner_mark`, makes it that process's own: it is
    no project's, every project finds it by its name, and a later `up` or `ls` removes it once the process is
    gone. Both count only when the container is made. Raises BadInput for a bad name, an unknown release or
    flavour, or one that the target has not.

    On Debian and Ubuntu as root an engine and debootstrap are installed where they are missing.
    """
    check_name(name)
    check_release(release or RELEASE)
    recipe = find_flavour(flavour) if flavour else None
    if not has_programs():
        install_missing(say)
    engine = find_engine()
    wanted = TargetName(name, None if owner else project)
    box = find_box(engine, wanted)
    if box is None or box.state != "running":
        spec = BoxSpec(box.target if box else wanted, release or RELEASE, recipe, network, owner)
        box = make_or_start(engine, spec, say, box_as_it_is=release is None and flavour is None)
    elif release or flavour:
        check_kind(box, kind_of(release or box.release, flavour))
    return make_ready(engine, box)


def running(name: str, release: str, *, project: Path | None = None, flavour: str | None = None) -> LabTarget:
    """The target as `up` gives it, but none is made or started. Raises NotRunning, and BadInput as `up` does."""
    check_name(name)
    check_release(release)
    wanted = kind_of(release, find_flavour(flavour).name if flavour else None)
    if not has_programs():
        raise NotRunning(tr("the lab target is not there"), tr("`gpustrap up {name}` makes it", name=name), "made")
    box = running_box(name, project)
    check_kind(box, wanted)
    return box


def make_or_start(engine: Engine, wanted: BoxSpec, say: Say, *, box_as_it_is: bool) -> Box:
    """The box, made or started. No lock is asked for where one runs: that costs 60 ms (filelock's import)."""
    with held(engine, wanted.target, say) as box:
        if box and not box_as_it_is:
            check_kind(box, wanted.kind)
        if box is None or box.is_unfinished:
            remove_leftovers_at_times(engine)
            make(engine, replace(wanted, owner=box.owner if box else wanted.owner), say, box)
        elif box.state != "running":
            say(tr("starting {name}", name=box.name))
            start_box(engine, box)
        return there(engine, wanted.target)


def target(name: str, project: Path | None = None) -> LabTarget | None:
    """The target as it stands, running or not; None where there is none."""
    box = find_box(find_engine(), TargetName(name, project))
    return describe(box) if box else None


def ls() -> list[Listed]:
    """Every target of every project, by name. What dead processes left is removed first."""
    engine = find_engine()
    remove_leftovers(engine)
    return [Listed(describe(box), box.state, box.owner) for box in all_boxes(engine)]


def reset(name: str, say: Say = silent, *, project: Path | None = None) -> LabTarget:
    """Do what a provider's reset does: a new machine from the image, with the same ports and the same /data.

    Its host key is a new one. Raises BadInput where there is no such target.
    """
    engine = find_engine()
    wanted = meant(engine, TargetName(name, project))
    with held(engine, wanted, say) as box:
        if box is None:
            raise unknown(engine, wanted)
        ports = None if box.network else (box.ssh_port, box.http_port)
        flavour = find_flavour(box.flavour) if box.flavour else None
        make(engine, BoxSpec(wanted, box.release, flavour, box.network, box.owner, ports), say, box)
        return make_ready(engine, there(engine, wanted))


def down(name: str, project: Path | None = None) -> None:
    """Remove the target and its data. Raises BadInput where there is neither."""
    engine = find_engine()
    wanted = meant(engine, TargetName(name, project))
    with held(engine, wanted, silent) as box:
        if box:
            remove_container(engine, box.container)
            remove(engine, "volume", PREFIX + wanted.key)
        elif not remove_volume(engine, wanted):
            raise unknown(engine, wanted)
        if box and box.network:
            remove_network(engine, box.network)
        known_hosts_file(wanted.key).unlink(missing_ok=True)
        lock_file(f"target-{wanted.key}").unlink(missing_ok=True)  # still held: whoever waits takes a new one


def down_all() -> list[LabTarget]:
    """Remove every target of every project but those of other processes that still run. Answers them."""
    removed = [each.target for each in ls() if each.owner is None or not is_alive(each.owner)]
    for each in removed:
        down(each.name, each.project)
    return removed


def sessions(name: str, project: Path | None = None) -> dict[str, int]:
    """What sshd has logged since the box was made, by its own count: connections, execs and sftp.

    "execs" are commands and shells, "sftp" subsystems. Raises BadInput where there is no such target.
    """
    log = logs(name, project)
    return {
        "connections": log.count("Accepted publickey"),
        "execs": log.count("Starting session: command") + log.count("Starting session: shell"),
        "sftp": log.count("Starting session: subsystem"),
    }


def logs(name: str, project: Path | None = None) -> str:
    """The box's log, which is sshd's. Raises BadInput where there is no such target."""
    engine = find_engine()
    return engine.logs(there(engine, TargetName(name, project)).container)


def meant(engine: Engine, wanted: TargetName) -> TargetName:
    """The target that a name means: a box that a process made for itself is every project's."""
    if wanted.project is None:
        return wanted
    box = find_box(engine, wanted)
    return box.target if box else wanted


@contextmanager
def held(engine: Engine, target: TargetName, say: Say) -> Iterator[Box | None]:
    """Hold the target's lock: nobody else makes or removes it meanwhile. Gives its box."""
    with locked(f"target-{target.key}", say):
        yield find_box(engine, target)


def make(engine: Engine, wanted: BoxSpec, say: Say, earlier: Box | None) -> None:
    flavour, release = wanted.flavour, wanted.release
    image = ensure_flavour(engine, release, flavour, say) if flavour else ensure_image(engine, release, say)
    say(tr("making {wanted.target.name} from {wanted.kind}", wanted=wanted))
    make_box(engine, image, wanted, earlier)


def there(engine: Engine, target: TargetName) -> Box:
    """The target's box. Raises BadInput where there is none."""
    box = find_box(engine, target)
    if box is None:
        raise unknown(engine, target)
    return box


def check_kind(box: Box | LabTarget, wanted: str) -> None:
    """Raise BadInput unless the box is of the release and flavour that are wanted."""
    if box.kind != wanted:
        hint = tr("`gpustrap lab down {name}` removes it and its data", name=box.name)
        raise BadInput(
            Fault(tr("lab target '{box.name}' is {box.kind}, not {wanted}", box=box, wanted=wanted), hint=hint)
        )


def check_name(name: str) -> None:
    """Raise BadInput unless the name can be a hostname and part of a container's name."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?", name):
        message = tr(
            "'{name}' cannot name a lab target, expected up to 50 of a-z, 0-9 and -, such as 'demo'", name=name
        )
        raise BadInput(Fault(message))


def unknown(engine: Engine, wanted: TargetName) -> BadInput:
    """There is no such target. The nearest name is one that this project could mean."""
    names = [box.name for box in all_boxes(engine) if box.target.project == wanted.project or box.owner]
    hint = None if names else tr("`gpustrap lab up` makes one")
    return BadInput(
        Fault(tr("there is no lab target '{name}'", name=wanted.name), nearest=nearest(wanted.name, names), hint=hint)
    )

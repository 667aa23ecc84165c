"""hosts.yml as instances: `defaults` merged into each, every value checked, every fault named by line."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gpustrap import content
from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.inventory.address import Address, address_of
from gpustrap.inventory.document import Written, displayed, merge, parse, read_text
from gpustrap.inventory.instance import Checker, Instance
from gpustrap.inventory.paste import PASSWORD, read_paste
from gpustrap.language import mark, tr

__all__ = ["HOSTS_FILE", "Hosts", "Instance", "find_project", "load_hosts", "read_hosts", "select"]

HOSTS_FILE = Path("inventory", "hosts.yml")
PROJECT_VARIABLE = "GPUSTRAP_PROJECT"
ADD_HINT = mark('gpustrap add "ssh -p PORT root@HOST" adds one')


@dataclass(frozen=True)
class Hosts:
    """A hosts.yml read: its instances by name, in file order, and what it says for every instance."""

    path: Path
    instances: Mapping[str, Instance]
    defaults: Written = field(default=Written({}, 1, "defaults"), repr=False)
    written: Mapping[str, Written] = field(default_factory=dict, repr=False)  # each instance, without the defaults


def find_project(start: Path) -> Path:
    """The folder of GPUSTRAP_PROJECT, else the nearest one at or above `start` that has an inventory/hosts.yml.

    Raises BadInput when there is none: another folder's instances are never taken for one's own.
    """
    if named := os.environ.get(PROJECT_VARIABLE):
        return _named_project(Path(named))
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / HOSTS_FILE).is_file():
            return folder
    raise BadInput(Fault(tr("no {file} here or above", file=HOSTS_FILE), hint=tr("gpustrap init makes a project here")))


def load_hosts(project: Path) -> Hosts:
    """Read `project`'s inventory/hosts.yml. Raises BadInput with all faults, in the order of the lines."""
    return read_hosts(project, read_text(project / HOSTS_FILE))


def read_hosts(project: Path, text: str) -> Hosts:
    """The instances of `text`, as if it stood in `project`'s hosts.yml. Raises BadInput as `load_hosts` does."""
    content.use_project(project)
    path = project / HOSTS_FILE
    checker = Checker(project, displayed(path))
    root = parse(text, checker.file)
    if root is None:
        raise BadInput(Fault(tr("the file is empty"), checker.file, hint=tr(ADD_HINT)))
    defaults, written = checker.sections(root)
    instances = {name: checker.named(name, one, defaults) for name, one in written.data.items()}
    checked = checker.checked(instances)
    if faults := _same_boxes(checked, written, checker.file):
        raise BadInput(*faults)
    return Hosts(path, checked, defaults, written.data)


def select(hosts: Hosts, names: Sequence[str]) -> tuple[Instance, ...]:
    """The instances of `names`, each once; all of them for no names.

    A pasted ssh command (anything with a space or `@`, or `ssh://…`) is an instance of its own with the
    file's defaults, named `host:port`; one that leads to a box of the file is that instance, with its settings.
    A password that was pasted with it goes with the instance, for the first login.
    Raises BadInput naming every unknown name.
    """
    if not names and not hosts.instances:
        raise BadInput(Fault(tr("no instances"), displayed(hosts.path), hint=tr(ADD_HINT)))
    unknown = [name for name in names if name not in hosts.instances and not _is_command(name)]
    if unknown:
        raise BadInput(*(_no_instance(hosts, name) for name in unknown))
    known = dict(hosts.instances)
    chosen = [known.get(name) or _pasted(hosts, name, known) for name in names or hosts.instances]
    return tuple({one.name: one for one in chosen}.values())


def _named_project(project: Path) -> Path:
    if not (project / HOSTS_FILE).is_file():
        raise BadInput(
            Fault(
                tr("{variable}: no {file} in {project}", variable=PROJECT_VARIABLE, file=HOSTS_FILE, project=project),
                hint=tr("gpustrap init makes one"),
            )
        )
    return project.resolve()


def _is_command(name: str) -> bool:
    return " " in name or "@" in name or name.startswith("ssh://")


def _no_instance(hosts: Hosts, name: str) -> Fault:
    hint = tr("instances: {names}", names=", ".join(hosts.instances)) if hosts.instances else tr(ADD_HINT)
    return Fault(
        tr("no instance '{name}'", name=name), displayed(hosts.path), nearest=nearest(name, hosts.instances), hint=hint
    )


def _pasted(hosts: Hosts, text: str, known: dict[str, Instance]) -> Instance:
    """The instance of `known` that the command leads to, else a new one, which is known from then on."""
    pasted = read_paste(text)
    if unread := [what for what in pasted.left_out if what != PASSWORD]:
        message = tr("more than an ssh command: {left_out}", left_out=", ".join(unread))
        raise BadInput(Fault(message, hint=tr("paste only the part that connects")))
    target, text = pasted.target, pasted.command
    address = address_of(target)
    for one in known.values():
        if one.ssh is not None and address_of(one.ssh) == address:
            return replace(one, given=pasted.password)
    name = target.host if target.port is None else f"{target.host}:{target.port}"
    if name in known:
        name = f"{address.user}@{name}"
    checker = Checker(hosts.path.parents[1], displayed(hosts.path))
    ssh = Written(text, hosts.defaults.line, "ssh", text)
    merged = merge(hosts.defaults, replace(hosts.defaults, data={"ssh": ssh}))
    known[name] = replace(checker.checked(checker.instance(name, merged)), pasted=text, given=pasted.password)
    return known[name]


def _same_boxes(instances: Mapping[str, Instance], written: Written, file: str) -> list[Fault]:
    """A fault for each instance that leads to the box of an earlier one: their settings would undo each other."""
    rented = {name: one.ssh for name, one in instances.items() if one.ssh is not None}
    if len(rented) < 2:
        return []
    first: dict[Address, str] = {}
    faults = []
    for name, target in rented.items():
        owner = first.setdefault(address_of(target), name)
        if owner != name:
            place, line = written.data[name].data["ssh"], written.data[owner].data["ssh"].line
            message = tr("the same box as '{owner}', whose command is in line {line}", owner=owner, line=line)
            faults.append(
                Fault(message, file, place.line, place.key, hint=tr("a box has one name: keep one of the two"))
            )
    return faults

"""hosts.yml as instances: `defaults` merged into each, every value checked, every fault named by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gpustrap import content
from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.inventory.address import Address, address_of
from gpustrap.inventory.document import Written, displayed, merge, parse, read_text
from gpustrap.inventory.folder import HOSTS_FILE, find_project
from gpustrap.inventory.instance import Checker, Instance
from gpustrap.inventory.starter import ROLES
from gpustrap.language import mark, tr

__all__ = ["HOSTS_FILE", "Hosts", "Instance", "find_project", "load_hosts", "read_hosts", "select"]

ADD_HINT = mark('gpustrap add "ssh -p PORT root@HOST" adds one')


@dataclass(frozen=True)
class Hosts:
    """A hosts.yml read: its instances by name, in file order, and what it says for every instance."""

    path: Path
    instances: Mapping[str, Instance]
    defaults: Written = field(default=Written({}, 1, "defaults"), repr=False)
    written: Mapping[str, Written] = field(default_factory=dict, repr=False)  # each instance, without the defaults


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
    file's defaults, named `host:port`, and where these have no roles with those of a new project. One that leads
    to a box of the file is that instance, with its settings. A password that was pasted with it goes with the
    instance, for the first login.
    Raises BadInput naming every unknown name.
    """
    if not names and not hosts.instances:
        raise BadInput(Fault(tr("no instances"), displayed(hosts.path), hint=tr(ADD_HINT)))
    unknown = [name for name in names if name not in hosts.instances and not is_command(name)]
    if unknown:
        raise BadInput(*(_no_instance(hosts, name) for name in unknown))
    known = dict(hosts.instances)
    chosen = [known.get(name) or _pasted(hosts, name, known) for name in names or hosts.instances]
    return tuple({one.name: one for one in chosen}.values())


def is_command(name: str) -> bool:
    """Whether what stands in a name's place is a pasted ssh command."""
    return " " in name or "@" in name or name.startswith("ssh://")


def _no_instance(hosts: Hosts, name: str) -> Fault:
    hint = tr("instances: {names}", names=", ".join(hosts.instances)) if hosts.instances else tr(ADD_HINT)
    return Fault(
        tr("no instance '{name}'", name=name), displayed(hosts.path), nearest=nearest(name, hosts.instances), hint=hint
    )


def _pasted(hosts: Hosts, text: str, known: dict[str, Instance]) -> Instance:
    """The instance of `known` that the command leads to, else a new one, which is known from then on."""
    from gpustrap.inventory.paste import PASSWORD, read_paste  # few runs need it, and its patterns take 10 ms

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
    line = hosts.defaults.line
    usual = Written([Written(role, line, "roles") for role in ROLES], line, "roles")
    merged = merge(replace(usual, data={"roles": usual}, key="defaults"), hosts.defaults)
    merged = merge(merged, replace(hosts.defaults, data={"ssh": Written(text, line, "ssh", text)}))
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

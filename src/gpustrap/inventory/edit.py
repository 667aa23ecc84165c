"""Changes to a project's files: an instance added to hosts.yml, a new project written.

An instance is added by inserting lines: ruamel's round trip keeps comments, but sets all indentation and
spacing anew and puts the new instance behind the comments that end the file (0.19.1).
"""

from __future__ import annotations

import io
import itertools
import re
import shutil
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gpustrap import content
from gpustrap.errors import BadInput, Fault
from gpustrap.inventory.address import Address, address_of
from gpustrap.inventory.document import Written, displayed, parse, read_text
from gpustrap.inventory.hosts import HOSTS_FILE
from gpustrap.inventory.instance_keys import NAME_PATTERN
from gpustrap.inventory.ssh import SshTarget, parse_ssh
from gpustrap.inventory.starter import starter
from gpustrap.language import tr
from gpustrap.laptop.atomic import write_atomically

if TYPE_CHECKING:
    from ruamel.yaml.nodes import Node

GITIGNORE = Path(".gitignore")
STARTER = (HOSTS_FILE, Path("inventory", "hosts.py"), Path("deploy.py"), GITIGNORE)
ADDRESS = r"[0-9.]+|.*:.*"  # IPv4, IPv6
FOLDERS = (Path("inventory"), Path("roles"), Path("templates"))


def add_instance(
    project: Path,
    text: str,
    name: str | None = None,
    *,
    provider_of: Callable[[str], str | None] | None = None,
) -> str:
    """Add the instance that the pasted ssh command `text` leads to, and return its name.

    Without `name` it is named for its provider, as `provider_of(host)` says, else for its host: the first
    free one of gpushare, gpushare-2 … Every other byte of the file stays. Raises BadInput, and writes
    nothing, for a command that cannot be used, a name that is taken and a file that is not in order.
    """
    target = parse_ssh(text)
    host = target.host
    path = project / HOSTS_FILE
    file, before = displayed(path), read_text(path)
    written = _instances(before, file)
    taken = {name: one.line for name, one in written.items()}
    _must_be_another_box(target, written, file)
    if name is None:
        name = _free_name((provider_of and provider_of(host)) or _host_stem(host), taken)
    _must_be_free(name, taken, file)
    ssh = re.sub(r"\s*\\?\n\s*", " ", text.strip())
    after = _with_instance(before, name, ssh)
    _must_differ_by(name, ssh, before, after, file)
    try:
        write_back(path, after)
    except OSError as error:
        raise _cannot_write(path, error) from None
    return name


def write_back(path: Path, text: str) -> None:
    """Replace a person's file; the mark of UTF-8 that Windows puts in front of one stays. Raises OSError."""
    mark = BOM_UTF8 if path.read_bytes().startswith(BOM_UTF8) else b""
    write_atomically(path, mark + text.encode())


def init_project(directory: Path, hosts: str | None = None) -> list[Path]:
    """Write a new project into `directory`, and return the files written. `hosts` is the text of its hosts.yml.

    A .gitignore that is there already stays as it is. Raises BadInput naming each other file that is
    there, and writes nothing then. hosts.yml, which makes it a project, is written last and whole.
    """
    must_be_new(directory)
    files = [file for file in STARTER if not (directory / file).exists()]
    try:
        _write_project(directory, files, hosts)
    except OSError as error:
        raise _cannot_write(directory, error) from None
    return [directory / file for file in files]


def must_be_new(directory: Path) -> None:
    """Raise BadInput naming each file of a project that is in `directory` already."""
    there = [directory / file for file in STARTER if (directory / file).exists() and file != GITIGNORE]
    if there:
        raise BadInput(*(Fault(tr("is there already, and is never overwritten"), displayed(file)) for file in there))


def _write_project(directory: Path, files: list[Path], hosts: str | None) -> None:
    for folder in FOLDERS:
        (directory / folder).mkdir(parents=True, exist_ok=True)
    for file in files:
        if file != HOSTS_FILE:
            shutil.copyfile(content.builtin_root() / "templates" / "init" / file.name, directory / file)
    write_atomically(directory / HOSTS_FILE, starter() if hosts is None else hosts)


def _instances(text: str, file: str) -> Mapping[str, Written]:
    """Each instance by name, as it is written. Raises BadInput where the file is no mapping of mappings."""
    root = parse(text, file)
    for place in (root, root.data.get("instances") if root and isinstance(root.data, dict) else None):
        if place and place.data is not None and not isinstance(place.data, dict):
            raise BadInput(Fault(tr("expected a mapping (key: value)"), file, place.line, place.key or None))
    instances = root.data.get("instances") if root and root.data else None
    return instances.data if instances and instances.data else {}


def _must_be_another_box(target: SshTarget, instances: Mapping[str, Written], file: str) -> None:
    """Two names of one box would undo each other's settings."""
    address = address_of(target)
    for name, one in instances.items():
        ssh = one.data.get("ssh") if isinstance(one.data, dict) else None
        if ssh is not None and isinstance(ssh.data, str) and _leads_to(ssh.data, address):
            message = tr("this box is in the file already, as '{name}'", name=name)
            raise BadInput(Fault(message, file, ssh.line, ssh.key, hint=tr("gpustrap up {name}", name=name)))


def _leads_to(command: str, address: Address) -> bool:
    try:
        return address_of(parse_ssh(command)) == address
    except BadInput:  # whoever loads the file says so
        return False


def name_for(host: str) -> str:
    """A name for the first instance of a project: its provider's where the host shows that, else the host's.

    An address says nothing to a person: it is "gpu".
    """
    from gpustrap.catalog.providers import provider_of_host

    provider = provider_of_host(host)
    if provider.ssh_hosts:
        return provider.name
    return "gpu" if re.fullmatch(ADDRESS, host) else _host_stem(host)


def _host_stem(host: str) -> str:
    """A name made of the host's: its first label, or the whole address."""
    label = host if re.fullmatch(ADDRESS, host) else host.partition(".")[0]
    return re.sub(r"[^A-Za-z0-9._-]", "-", label).lstrip("._-") or "instance"


def _free_name(stem: str, taken: Mapping[str, int]) -> str:
    numbered = (f"{stem}-{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain([stem], numbered) if name not in taken)


def must_be_name(name: str) -> None:
    """Raise BadInput for what cannot be an instance's name."""
    if not re.fullmatch(NAME_PATTERN, name):
        raise BadInput(
            Fault(
                tr("'{name}' is no instance's name: expected letters, digits, dots and dashes, as in gpu-1", name=name)
            )
        )


def _must_be_free(name: str, taken: Mapping[str, int], file: str) -> None:
    must_be_name(name)
    if name in taken:
        raise BadInput(Fault(tr("there is such an instance already"), file, taken[name], f"instances.{name}"))


def _with_instance(text: str, name: str, ssh: str) -> str:
    """`text` with the lines of a new instance after the last one, where these are a block of lines."""
    newline = "\r\n" if "\r\n" in text else "\n"
    if text and not text.endswith("\n"):
        text += newline
    found = instances_nodes(text)
    if found is None:
        return f"{text}instances:{newline}{_lines(name, ssh, 2, newline)}"
    key, instances = found
    if instances.value:
        indent = instances.start_mark.column
        place = end_of_block(text, instances.end_mark.index, indent)
    else:  # `instances:` or `instances: {}`
        text = text[: instances.start_mark.index] + text[instances.end_mark.index :]
        indent, place = 2, text.index("\n", key.end_mark.index) + 1
    return text[:place] + _lines(name, ssh, indent, newline) + text[place:]


def _must_differ_by(name: str, ssh: str, before: str, after: str, file: str) -> None:
    """The new text must say what the old one did and the new instance, whatever form of YAML it is in."""
    root = parse(before, file)
    data = (root and root.plain()) or {}
    wanted = {**data, "instances": {**(data.get("instances") or {}), name: {"ssh": ssh}}}
    try:
        found = parse(after, file)
    except BadInput:
        found = None
    if found is None or found.plain() != wanted:
        message = tr("no line can be added to this form of YAML")
        raise BadInput(Fault(message, file, key="instances", hint=tr("write each instance on lines of its own")))


def instances_nodes(text: str) -> tuple[Node, Node] | None:
    """The key `instances` and its value, as the parser marks them."""
    from ruamel.yaml import YAML

    root = YAML(typ="safe", pure=True).compose(text)
    pairs = root.value if root else []
    return next(((key, value) for key, value in pairs if key.value == "instances"), None)


def end_of_block(text: str, end: int, indent: int) -> int:
    """The place behind the block's last line; the parser's own `end` counts later comments too."""
    lines = text[:end].splitlines(keepends=True)
    while not lines[-1].strip() or re.match(rf" {{0,{indent - 1}}}#", lines[-1]):
        lines.pop()
    return len("".join(lines))


def _lines(name: str, ssh: str, indent: int, newline: str) -> str:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.width = False, 10**6
    dumped = io.StringIO()
    yaml.dump({"ssh": ssh}, dumped)
    pad = " " * indent
    return f"{pad}{name}:{newline}{pad}{pad}{dumped.getvalue().strip()}{newline}"


def _cannot_write(path: Path, error: OSError) -> BadInput:
    return BadInput(
        Fault(
            tr("cannot be written: {strerror}", strerror=(error.strerror or type(error).__name__).lower()),
            displayed(path),
        )
    )

"""A role's setting written for one instance in hosts.yml, where nothing of that role is written for it yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gpustrap.errors import BadInput
from gpustrap.inventory.document import displayed, parse, read_text
from gpustrap.inventory.edit import end_of_block, instances_nodes, write_back
from gpustrap.inventory.hosts import HOSTS_FILE

if TYPE_CHECKING:
    from ruamel.yaml.nodes import Node


def write_setting(project: Path, name: str, role: str, key: str, value: str) -> bool:
    """Insert `ROLE: {KEY: VALUE}` as a line of the instance; every other byte stays. `value` is a word of YAML.

    False, and nothing is written, where the role stands there already, or the instance has no lines of its own.
    Raises BadInput for a file that is not in order, OSError for one that cannot be written.
    """
    path = project / HOSTS_FILE
    before, file = read_text(path), displayed(path)
    root = parse(before, file)
    data = root.plain() if root else {}
    own = (data.get("instances") or {}).get(name)
    whole = before if before.endswith("\n") else f"{before}\n"
    block = _block_of(whole, name)
    if not own or role in own or block is None:
        return False
    after = _inserted(whole, block, f"{role}: {{{key}: {value}}}")
    wanted = {**data, "instances": {**data["instances"], name: {**own, role: {key: _plain(value)}}}}
    if not _says(after, file, wanted):
        return False
    write_back(path, after)
    return True


def _block_of(text: str, name: str) -> Node | None:
    """The instance's mapping, where it is a block of lines."""
    found = instances_nodes(text)
    pairs = found[1].value if found else []
    node = next((value for key, value in pairs if key.value == name), None)
    return node if node is not None and node.value and node.flow_style is False else None


def _inserted(text: str, block: Node, line: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = block.start_mark.column
    place = end_of_block(text, block.end_mark.index, indent)
    return f"{text[:place]}{' ' * indent}{line}{newline}{text[place:]}"


def _plain(value: str) -> object:
    return {"true": True, "false": False}.get(value, value)


def _says(text: str, file: str, wanted: object) -> bool:
    try:
        root = parse(text, file)
    except BadInput:
        return False
    return root is not None and root.plain() == wanted

"""What an operation is about to change, in words for `plan` and the progress lines."""

from __future__ import annotations

from typing import Any

from pyinfra import host

_KEY = "gpustrap_details"
_ROLES = "gpustrap_roles"
DIFF = "gpustrap_diff"  # host data: a person wants to see what changes inside of files


def note(text: str) -> None:
    """Add one line to the details of the operation that is being looked at. Never a secret's value."""
    host.connector_data.setdefault(_KEY, {}).setdefault(host.current_op_hash, []).append(text)


def noted(connector_data: dict[str, Any], op_hash: str) -> tuple[str, ...]:
    """The lines noted for one operation, each once: it may have been looked at before it was run."""
    lines: list[str] = connector_data.get(_KEY, {}).get(op_hash, [])
    return tuple(dict.fromkeys(lines))


def forget(connector_data: dict[str, Any]) -> None:
    """Drop all that was noted: it was a rehearsal."""
    connector_data.pop(_KEY, None)


def forget_one(connector_data: dict[str, Any], op_hash: str) -> None:
    """Drop what was noted for one operation: it is looked at again."""
    connector_data.get(_KEY, {}).pop(op_hash, None)


def shows_lines() -> bool:
    """Whether a person wants to see what changes inside of files."""
    return bool(host.connector_data.get(DIFF))


def belongs(connector_data: dict[str, Any], op_hash: str, role: str) -> None:
    """Say whose operation it is."""
    connector_data.setdefault(_ROLES, {})[op_hash] = role


def role_in_turn() -> str:
    """Whose operation is looked at or run; nothing where nobody has said that, as under the stock CLI."""
    return str(host.connector_data.get(_ROLES, {}).get(host.current_op_hash, ""))

"""What an operation is about to change, in words for `plan` and the progress lines."""

from __future__ import annotations

from typing import Any

from pyinfra import host

from gpustrap.resolve.download import Download

_KEY = "gpustrap_details"
_DOWNLOADS = "gpustrap_downloads"
_RESTARTS = "gpustrap_restarts"
_ROLES = "gpustrap_roles"
DIFF = "gpustrap_diff"  # host data: a person wants to see what changes inside of files


def note(text: str) -> None:
    """Add one line to the details of the operation that is being looked at. Never a secret's value."""
    host.connector_data.setdefault(_KEY, {}).setdefault(host.current_op_hash, []).append(text)


def note_download(download: Download) -> None:
    """Say what the operation that is being looked at would fetch from the net."""
    host.connector_data.setdefault(_DOWNLOADS, {}).setdefault(host.current_op_hash, []).append(download)


def downloads_of(connector_data: dict[str, Any], op_hash: str) -> tuple[Download, ...]:
    """What was said of one operation, each once."""
    return tuple(dict.fromkeys(connector_data.get(_DOWNLOADS, {}).get(op_hash, [])))


def note_restart(text: str) -> None:
    """Say why the operation that is looked at would start a service anew, if one before it changes what all read."""
    host.connector_data.setdefault(_RESTARTS, {})[host.current_op_hash] = text


def restart_of(connector_data: dict[str, Any], op_hash: str) -> str:
    """What was said so of one operation; nothing for one that would do nothing then."""
    return str(connector_data.get(_RESTARTS, {}).get(op_hash, ""))


def noted(connector_data: dict[str, Any], op_hash: str) -> tuple[str, ...]:
    """The lines noted for one operation, each once: it may have been looked at before it was run."""
    lines: list[str] = connector_data.get(_KEY, {}).get(op_hash, [])
    return tuple(dict.fromkeys(lines))


def forget(connector_data: dict[str, Any]) -> None:
    """Drop all that was noted: it was a rehearsal."""
    connector_data.pop(_KEY, None)
    connector_data.pop(_DOWNLOADS, None)
    connector_data.pop(_RESTARTS, None)


def forget_one(connector_data: dict[str, Any], op_hash: str) -> None:
    """Drop what was noted for one operation: it is looked at again."""
    connector_data.get(_KEY, {}).pop(op_hash, None)
    connector_data.get(_DOWNLOADS, {}).pop(op_hash, None)
    connector_data.get(_RESTARTS, {}).pop(op_hash, None)


def shows_lines() -> bool:
    """Whether a person wants to see what changes inside of files."""
    return bool(host.connector_data.get(DIFF))


def belongs(connector_data: dict[str, Any], op_hash: str, role: str) -> None:
    """Say whose operation it is."""
    connector_data.setdefault(_ROLES, {})[op_hash] = role


def role_in_turn() -> str:
    """Whose operation is looked at or run; nothing where nobody has said that, as under the stock CLI."""
    return str(host.connector_data.get(_ROLES, {}).get(host.current_op_hash, ""))

"""Secrets read once a run: before anything is touched, so that a missing one is bad input."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel, RootModel, SecretStr

from gpustrap.errors import BadInput, Fault
from gpustrap.inventory.masking import remember
from gpustrap.inventory.secrets import Secret


@cache
def revealed(secret: Secret) -> SecretStr:
    """The secret's value, read at its first use: a command that asks a person asks once. Raises BadInput.

    From then on `masking.masked` knows it.
    """
    value = secret.read()
    remember(value.get_secret_value())
    return value


def unread(value: Any) -> list[tuple[tuple[str | int, ...], Fault]]:
    """Read every secret that a value holds, at any depth: the place in it of each that cannot be read, and why."""
    faults = []
    for path, secret in _secrets(value, ()):
        try:
            revealed(secret)
        except BadInput as bad:
            faults += [(path, fault) for fault in bad.faults]
    return faults


def _secrets(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Secret]]:
    if isinstance(value, Secret):
        yield path, value
    elif isinstance(value, RootModel):
        yield from _secrets(value.root, path)
    elif isinstance(value, BaseModel | dict):
        for key, inner in value.items() if isinstance(value, dict) else value:
            yield from _secrets(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _secrets(inner, (*path, index))

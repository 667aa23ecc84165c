"""Secrets read once a run: before anything is touched, so that a missing one is bad input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel, SecretStr

from gpustrap.errors import BadInput
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


def read_all(values: Iterable[Any]) -> None:
    """Read every secret that settings hold, at any depth. Raises BadInput for the first that cannot be read."""
    for value in values:
        for secret in _secrets(value):
            revealed(secret)


def unreadable(values: Iterable[Any]) -> str:
    """Read every secret that settings hold, for `masked`; why one cannot be read, empty where all can."""
    for secret in (secret for value in values for secret in _secrets(value)):
        try:
            revealed(secret)
        except BadInput as error:
            return error.faults[0].message
    return ""


def _secrets(value: Any) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, BaseModel):
        for _, inner in value:
            yield from _secrets(inner)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _secrets(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _secrets(inner)

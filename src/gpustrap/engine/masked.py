"""A password on its way to paramiko, which takes only text and logs what it got."""

from __future__ import annotations


class Masked(str):
    """A password in pyinfra's host data: paramiko's arguments are logged with `%r`, which shows `***`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

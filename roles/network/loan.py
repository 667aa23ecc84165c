"""The laptop's network as it is lent: to what gpustrap itself runs on the box, while it runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gpustrap.language import tr


@dataclass(frozen=True)
class Loan:
    """`direct` goes past the laptop; `hosts` are lent besides those of the catalog's services."""

    direct: tuple[str, ...]
    hosts: tuple[str, ...]


def loan_of(direct: Iterable[str], hosts: Sequence[str]) -> Loan:
    """What is written as lent goes by the laptop, also where it is a mirror's."""
    return Loan(tuple(host for host in direct if host not in hosts), tuple(hosts))


def reasons_of_loan() -> tuple[str, ...]:
    """No client is told of it by a file: a setting that outlives the run would let downloads hang."""
    return (
        tr("the laptop lends its network while `up` runs, to what that runs itself, by a port on the box's loopback"),
        tr("a long step that it downloads for ends when the laptop goes, and goes on at the next `up`"),
        tr("services and shells do not get it"),
    )

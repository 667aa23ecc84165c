"""The laptop's network as it is lent: to what gpustrap itself runs on the box, while it runs. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gpustrap.language import tr


@dataclass(frozen=True)
class Loan:
    """`direct` goes past the laptop; `hosts` are lent besides those of the catalog's services."""

    direct: tuple[str, ...]
    hosts: tuple[str, ...]


def reasons_of_loan() -> tuple[str, ...]:
    """No client is told of it by a file: a setting that outlives the run would let downloads hang."""
    return (
        tr("the laptop lends its network while `up` runs, to what that runs itself, by a port on the box's loopback"),
        tr("long steps that go on without the laptop (detached), services and shells do not get it"),
    )

"""The laptop's network lent to the commands that change an instance, where hosts.yml asks for that."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from gpustrap.language import tr
from gpustrap.run.steps import changes_or_fails
from gpustrap.run.work import Work

if TYPE_CHECKING:
    from gpustrap.engine.facts.lent import Told
    from gpustrap.laptop.allowed import Allowed


def network_lent(work: Work) -> AbstractContextManager[None]:
    """Lent while anything is to be changed, and gone after that. Raises InstanceFailed on entering."""
    loan = work.loan
    if loan is None or not any(changes_or_fails(work, each) for each in work.session.operations):
        return nullcontext()
    from gpustrap.engine.lent import lent  # few runs lend anything
    from gpustrap.laptop.allowed import Allowed
    from gpustrap.resolve.net.lent import needed

    work.says(tr("the laptop's network is lent to what gpustrap runs there, until this run ends"))

    def allow(told: Told) -> Allowed:
        return Allowed((*needed(), *told.hosts), loan.hosts)

    return lent(work.session.connector, allow, loan.direct, work.says)

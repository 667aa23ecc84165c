"""With `laptop` no client is told of a proxy by a file; what is lent, and past what, is decided."""

from __future__ import annotations

from roles.network import resolve
from roles.network.loan import Loan


def test_the_laptops_network_is_lent_past_domestic_mirrors_and_written_nowhere(
    settings, survey, context, frozen_catalog
) -> None:
    chosen = resolve.choose(settings("network", proxy="laptop", lent_hosts=[".own.lan"]), survey, context)
    assert isinstance(chosen.loan, Loan)
    assert chosen.loan.hosts == (".own.lan",)
    assert {"localhost", "0.0.0.0", "box", "mirrors.aliyun.com"} < set(chosen.loan.direct)
    assert (chosen.proxy, dict(chosen.variables), {file.src for file in chosen.files}) == (None, {}, {None})
    assert "do not get it" in chosen.reasons[1]


def test_nothing_else_is_a_loan(settings, survey, context) -> None:
    assert resolve.choose(settings("network", proxy="http://p:1"), survey, context).loan is None
    assert resolve.choose(settings("network"), survey, context).loan is None

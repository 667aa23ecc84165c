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
    assert "ends when the laptop goes" in chosen.reasons[1]
    assert "do not get it" in chosen.reasons[2]


def test_nothing_else_is_a_loan(settings, survey, context) -> None:
    assert resolve.choose(settings("network", proxy="http://p:1"), survey, context).loan is None
    assert resolve.choose(settings("network"), survey, context).loan is None


def test_a_mirror_that_is_written_as_lent_goes_by_the_laptop(settings, survey, context) -> None:
    lent = settings("network", proxy="laptop", no_proxy=["a.lan", "b.lan"], lent_hosts=["b.lan"])
    loan = resolve.choose(lent, survey, context).loan
    assert loan is not None and "a.lan" in loan.direct and "b.lan" not in loan.direct

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gpustrap.resolve.context import Context

ROLES = ("network", "base", "services")


@pytest.mark.parametrize(
    ("role", "before"), [("network", ()), ("services", ("network", "base")), ("not among them", ROLES)]
)
def test_the_roles_before_one(role, before) -> None:
    assert Context("x", "cn", ROLES).roles_before(role) == before


def test_packages_are_there_for_the_roles_after_base_alone() -> None:
    context = Context("x", "cn", ROLES, decided={"base": SimpleNamespace(names=("git", "tmux"))}.get)
    assert context.packages_before("services") == {"git", "tmux"}
    assert context.packages_before("network") == frozenset()


def test_without_other_roles_nothing_is_decided() -> None:
    assert Context("x", "cn", ROLES).decided("base") is None

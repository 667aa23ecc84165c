"""The role's own proof, run on the answers of a fake instance."""

from __future__ import annotations

import pytest

PACKAGES = ("curl", "git")


@pytest.fixture
def chosen():
    from roles.base.resolve import Packages

    return Packages(PACKAGES)


def dpkg(*installed: str) -> dict[str, str]:
    return {"look curl git": "".join(f"package installed {name}\n" for name in installed)}


def test_what_is_installed_is_proved(proved, chosen) -> None:
    verdict = proved("base", chosen, dpkg("curl", "git"))
    assert (verdict.passed, verdict.broken) == (1, [])


@pytest.mark.parametrize(("there", "missing"), [(("curl",), "git"), ((), "curl git")])
def test_what_is_missing_is_named(broken, chosen, there, missing: str) -> None:
    assert broken("base", chosen, dpkg(*there)) == {"every package is installed": f"not installed: {missing}"}


def test_a_package_that_another_stands_for_is_there(proved, chosen) -> None:
    said = {"look curl git": "package installed curl\nprovides installed git (= 1:2.39), git-core\n"}
    assert proved("base", chosen, said).broken == []

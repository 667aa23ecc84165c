from __future__ import annotations


def test_the_chosen_packages_are_installed_in_one_operation(lined_up) -> None:
    from roles.base.resolve import Packages

    (one,) = lined_up("base", Packages(("curl", "git")))
    assert (one.operation, one.name, one.arguments) == (
        "packages.installed",
        "packages",
        {"packages": ("curl", "git")},
    )

from __future__ import annotations

import pytest

from gpustrap.engine.facts.packages import InstalledPackages


@pytest.mark.parametrize(
    ("output", "installed"),
    [
        # lab boxes debian-12 and debian-11, asked for curl, git, nginx and no-such, 2026-11-24
        (["package installed curl", "package installed git"], {"curl", "git"}),
        # of a package that was removed and kept its configuration, or that a killed dpkg left
        (
            [
                "package config-files nginx",
                "package half-installed tmux",
                "package not-installed vim",
                "package installed git",
            ],
            {"git"},
        ),
        (["hello from .bashrc", "package installed git"], {"git"}),
        # netcat is nobody's own package, two can stand for it; asked on debian-12, 2026-11-25
        (
            ["package installed git", "provides installed netcat, awk (= 1.0)", "provides config-files mail"],
            {"git", "netcat", "awk"},
        ),
        ([], set()),
    ],
)
def test_only_what_is_installed_and_configured_counts(output: list[str], installed: set[str]) -> None:
    assert InstalledPackages().process(output) == installed


def test_a_line_that_was_cut_off_is_no_package() -> None:
    assert InstalledPackages().process(["package installed", "provides installed", "package installed git"]) == {"git"}
    assert InstalledPackages.default() == frozenset()


def test_packages_are_asked_for_as_they_are_named() -> None:
    assert InstalledPackages().command(["a", "b c"]).endswith("\nlook a 'b c'\n")


def test_what_stands_for_others_may_say_so_with_versions_and_gaps() -> None:
    found = InstalledPackages().process(["provides installed a (= 1), , b,", "provides installed c"])
    assert found == frozenset({"a", "b", "c"}) and isinstance(found, frozenset)

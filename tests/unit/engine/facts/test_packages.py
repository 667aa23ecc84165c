from __future__ import annotations

import pytest

from gpustrap.engine.facts.packages import InstalledPackages


@pytest.mark.parametrize(
    ("output", "installed"),
    [
        # lab boxes debian-12 and debian-11, asked for curl, git, nginx and no-such, 2026-11-24
        (["installed curl", "installed git"], {"curl", "git"}),
        # of a package that was removed and kept its configuration, or that a killed dpkg left
        (["config-files nginx", "half-installed tmux", "not-installed vim", "installed git"], {"git"}),
        ([], set()),
    ],
)
def test_only_what_is_installed_and_configured_counts(output: list[str], installed: set[str]) -> None:
    assert InstalledPackages().process(output) == installed

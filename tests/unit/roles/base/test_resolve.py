from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.errors import InstanceFailed
from roles.base import resolve


def test_packages_are_the_defaults_and_the_extra_ones_each_once(settings, survey, context) -> None:
    chosen = resolve.choose(settings("base", extra=["vim", "git", "vim"]), survey, context)
    assert chosen.names == ("ca-certificates", "curl", "git", "iproute2", "tmux", "vim")


def test_packages_replace_the_defaults(settings, survey, context) -> None:
    assert resolve.choose(settings("base", packages=["vim"]), survey, context).names == ("vim",)


def test_a_system_without_apt_is_refused(settings, survey, context) -> None:
    alpine = replace(survey, os_id="alpine", os_version="3.21.0", tools={})
    with pytest.raises(InstanceFailed) as refused:
        resolve.choose(settings("base"), alpine, context)
    assert str(refused.value) == (
        "packages: packages are installed with apt-get, which this alpine 3.21.0 lacks\n"
        "hint: choose a Debian or Ubuntu image, or leave `base` out of roles"
    )


def test_without_more_packages_nothing_is_said_of_them(settings, survey, context) -> None:
    from roles.base.resolve import choose

    reason = "5 packages that the roles and a person at a shell need"
    assert choose(settings("base"), survey, context).reasons == (reason,)

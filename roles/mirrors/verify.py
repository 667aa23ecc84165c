"""What the role `mirrors` promises: the clients themselves say that they ask the chosen place."""

import pytest


def test_apt_lists_the_chosen_mirror(host, chosen):
    for source in chosen.apt_sources:
        if source.url is None:
            pytest.skip("apt keeps the image's own sources")
        asked = host.check_output("apt-get --print-uris update")  # asks nobody, says what it would ask
        assert f"'{source.url}/dists/" in asked


def test_pip_asks_the_chosen_mirror(host, chosen):
    if chosen.pypi is None or not host.exists("pip"):
        pytest.skip("upstream, or no pip here")
    assert host.check_output("pip config get global.index-url") == chosen.pypi


def test_uv_is_pointed_at_the_chosen_mirror(host, chosen):
    if chosen.pypi is None:
        pytest.skip("upstream")
    assert f'url = "{chosen.pypi}"' in host.check_output("cat ~/.config/uv/uv.toml")


def test_conda_asks_the_chosen_mirror(host, chosen, survey):
    if chosen.conda is None or survey.conda is None:
        pytest.skip("upstream, or no conda here")
    assert chosen.conda in host.check_output("%s/bin/conda config --show default_channels", survey.conda)


def test_npm_asks_the_chosen_mirror(host, chosen):
    if chosen.npm is None or not host.exists("npm"):
        pytest.skip("upstream, or no npm here")
    assert host.check_output("npm config get registry").rstrip("/") == chosen.npm


def test_git_fetches_through_the_mirror_and_pushes_directly(host, chosen):
    if chosen.git is None or not host.exists("git"):
        pytest.skip("upstream, or no git here")
    ask = "git ls-remote --get-url https://github.com/a/b"
    assert host.check_output(ask).startswith(chosen.git)


def test_ssh_commands_have_the_variables(host, chosen):
    for name, value in chosen.variables.items():
        assert host.check_output("printenv %s", name) == value


def test_login_shells_have_the_variables(host, chosen):
    for name, value in chosen.variables.items():
        assert host.check_output("env -i HOME=$HOME bash -lc 'printenv %s'" % name) == value

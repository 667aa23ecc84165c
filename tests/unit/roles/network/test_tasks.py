from __future__ import annotations

import pytest
from pydantic import SecretStr

from roles.network.resolve import choose


@pytest.mark.parametrize("written", [{"proxy": "http://10.0.0.1:3128"}, {}])
def test_the_environment_comes_before_the_clients_files(lined_up, settings, survey, context, written) -> None:
    environment, clients = lined_up("network", choose(settings("network", **written), survey, context))
    assert (environment.operation, environment.name) == ("files.managed", "environment")
    assert (clients.operation, clients.name) == ("files.managed", "proxy of apt, git and conda")


def test_with_a_proxy_its_files_are_written_and_secret(lined_up, settings, survey, context) -> None:
    chosen = choose(settings("network", proxy="http://10.0.0.1:3128"), survey, context)
    environment, clients = lined_up("network", chosen)
    contents = {file.dest: file.content for file in environment.arguments["files"]}
    assert isinstance(contents["/etc/profile.d/gpustrap-network.sh"], SecretStr)
    assert "http://10.0.0.1:3128" in contents["/etc/profile.d/gpustrap-network.sh"].get_secret_value()
    files = {file.dest: file for file in clients.arguments["files"]}
    assert isinstance(files["/etc/apt/apt.conf.d/95gpustrap-proxy"].content, SecretStr)
    assert {"/root/.gitconfig", "/root/.config/gpustrap/git-proxy"} & set(files)


def test_without_a_proxy_the_same_places_are_cleared(lined_up, settings, survey, context) -> None:
    with_one = lined_up("network", choose(settings("network", proxy="http://10.0.0.1:3128"), survey, context))
    without = lined_up("network", choose(settings("network"), survey, context))
    for before, after in zip(with_one, without, strict=True):
        emptied = {
            file.dest for file in after.arguments["files"] if not (file.keys if hasattr(file, "keys") else file.content)
        }
        assert {file.dest for file in before.arguments["files"]} <= emptied


def test_the_environment_is_told_everywhere(lined_up, settings, survey, context) -> None:
    environment, _ = lined_up("network", choose(settings("network", proxy="http://10.0.0.1:3128"), survey, context))
    assert "/etc/environment" in {file.dest for file in environment.arguments["files"]}

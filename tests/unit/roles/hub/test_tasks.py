from __future__ import annotations

import pytest
from pydantic import SecretStr

from gpustrap.resolve.box.shells import Shells
from gpustrap.resolve.environment import Environment
from gpustrap.resolve.hub import Client, Store, Wanted

ENVIRONMENT = Environment("uv", "/data/hub", "requirements.txt", "/data/venvs/hub/bin/python", "/data/venvs/hub")
CLIENT = Client(ENVIRONMENT.python, Store("/c", "/r"))
ONE = Wanted("model", "org/name")


@pytest.fixture
def chosen():
    from roles.hub.resolve import Hub

    def of(*wanted: Wanted, token: SecretStr | None = None) -> Hub:
        shells, variables = Shells("/root", (".bashrc",)), {"HF_HOME": "/data/hf"}
        return Hub(ENVIRONMENT, CLIENT, wanted, token, "/root/token", shells, "/data/hub", "/data/jobs", variables)

    return of


def test_the_client_and_its_settings_come_first(lined_up, chosen) -> None:
    from gpustrap.engine.facts.detached import Job
    from gpustrap.engine.python_environment import script_of

    settings, client = lined_up("hub", chosen(token=SecretStr("hf_x")))
    files = {file.dest: file for file in settings.arguments["files"]}
    assert files["/data/hub/requirements.txt"].text.endswith("\nhuggingface_hub==2.4.0\n")
    assert files["/usr/local/bin/hf"].text.endswith('\nexec /data/venvs/hub/bin/hf "$@"\n')
    assert files["/usr/local/bin/hf"].octal == "755" and "/etc/environment" in files
    assert (files["/root/token"].octal, files["/root/token"].text) == ("600", "hf_x\n")
    assert "export HF_HOME=/data/hf\n" in files["/etc/profile.d/gpustrap-hub.sh"].text
    assert (client.operation, client.name) == ("environment.installed", "client")
    job = Job("hub-client", "/data/jobs/hub-client")
    assert client.arguments == {
        "environment": ENVIRONMENT, "script": script_of(ENVIRONMENT, job), "job": job, "digest": "huggingface_hub==2.4.0"
    }  # fmt: skip


def test_then_what_is_wanted_is_fetched(lined_up, chosen) -> None:
    from gpustrap.engine.facts.detached import Job

    *_, one = lined_up("hub", chosen(ONE))
    assert (one.operation, one.name) == ("hub.fetched", "prefetch")
    assert (one.arguments["client"], one.arguments["wanted"]) == (CLIENT, (ONE,))
    assert one.arguments["job"] == Job("hub", "/data/jobs/hub")
    assert one.arguments["script"].dest == "/data/jobs/hub/run"

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.resolve.context import Context
from gpustrap.resolve.environment import Environment
from roles.services.code import Code, project_of

MADE = Environment("uv", "/root/app", "uv.lock", "/data/it's/bin/python")


@pytest.fixture
def found(settings):
    """`found({"cwd": "/x"})`: what a service that is written so has of a project at /root/app."""

    def of(written, environment=None, roles=("project", "services")) -> Code:
        service = settings("services", {"web": {"command": "run", **written}}).root["web"]
        project = SimpleNamespace(dest="/root/app", environment=environment, digest="00ff")
        context = Context("trainer", "global", roles, decided=lambda role: project if role in roles else None)
        return project_of("web", service, context)

    return of


def test_a_service_of_the_project_runs_in_its_folder_with_its_programs(found) -> None:
    assert found({"project": True}) == Code("/root/app", "", "00ff")
    before = """export VIRTUAL_ENV='/data/it'"'"'s' PATH='/data/it'"'"'s/bin':"$PATH"\n"""
    assert found({"project": True}, MADE) == Code("/root/app", before, "00ff")


@pytest.mark.parametrize("cwd", ["/root/app", "/root/app/sub"])
def test_one_that_runs_in_the_folder_anyhow_is_started_again_with_its_files(found, cwd: str) -> None:
    assert found({"cwd": cwd}, MADE) == Code(cwd, "", "00ff")


@pytest.mark.parametrize("written", [{"cwd": "/root/application"}, {"cwd": "/"}, {}])
def test_any_other_has_nothing_of_it(found, written) -> None:
    assert found(written, MADE) == found(written, roles=("services",)) == Code(written.get("cwd", ""))


@pytest.mark.parametrize("roles", [("services",), ("services", "project")])
def test_a_project_has_to_be_there_before(found, roles) -> None:
    with pytest.raises(InstanceFailed) as refused:
        found({"project": True}, roles=roles)
    assert str(refused.value) == (
        "web: 'web' runs in the project's folder, and there is none before it\n"
        "hint: put the role `project` before `services`"
    )

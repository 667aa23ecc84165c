"""The stock pyinfra CLI gets the same instances, and lines up what `up` would."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from gpustrap.engine.facts.survey import SurveyFact
from gpustrap.run.pyinfra_cli import apply_roles, inventory

HOSTS = """\
defaults: {region: cn, roles: [base]}
instances:
  trainer: {ssh: ssh -p 28123 root@box.example}
  other: {ssh: ssh root@other.example, roles: []}
"""


@pytest.fixture
def hosts_py(tmp_path, monkeypatch):
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text(HOSTS)
    return tmp_path / "inventory" / "hosts.py"


def test_every_instance_is_a_host_on_the_replay_connector(hosts_py):
    found = dict(inventory(str(hosts_py)))
    assert list(found) == ["@gpustrap/trainer", "@gpustrap/other"]
    data = found["@gpustrap/trainer"]
    assert (data["ssh_hostname"], data["gpustrap_instance"].name) == ("box.example", "trainer")
    assert data["gpustrap_project"] == str(hosts_py.parents[1])
    assert data["gpustrap_memory"].endswith("facts.json")


def test_each_role_is_decided_from_the_survey_and_lined_up_in_order(role, monkeypatch, survey, tmp_path):
    monkeypatch.setattr(sys, "path", list(sys.path))
    lined_up = []
    for name in ("first", "second"):
        role(
            name,
            resolve=f"def choose(settings, survey, context): return ('{name}', settings, survey.os_id, context.region)",
        )
    monkeypatch.setattr("gpustrap.content.role_tasks", lambda _role: lined_up.append)
    instance = SimpleNamespace(
        name="trainer",
        region="cn",
        roles=("first", "second"),
        settings={"first": 1, "second": 2},
        public_url=None,
        allow_listening=(),
    )
    data = SimpleNamespace(gpustrap_instance=instance, gpustrap_project=str(tmp_path), gpustrap_urls={})
    asked = []
    apply_roles(SimpleNamespace(data=data, get_fact=lambda fact: asked.append(fact) or survey))
    assert lined_up == [("first", 1, "debian", "cn"), ("second", 2, "debian", "cn")]
    assert asked == [SurveyFact]

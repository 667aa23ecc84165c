"""What `inspect` and `torch explain NAME` say is what `up` decides, by the instance's own settings and resolvers."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gpustrap import content
from gpustrap.inventory.hosts import load_hosts
from gpustrap.resolve.box.survey import ImagePython, VisibleCard
from gpustrap.resolve.context import Context
from gpustrap.resolve.torch.answer import Choice, Refusal
from gpustrap.run.decisions import Decisions
from gpustrap.run.torch import explained

HOSTS = """\
instances:
  trainer:
    ssh: ssh root@host
    region: global
    roles: [base, mirrors, python, torch]
    torch: {version: 2.9.1, cuda: "12.6"}
    mirrors: {pypi: "https://pypi.lan/simple"}
  plain:
    ssh: ssh root@other
    region: global
    roles: [base]
"""
OWN_MIRRORS = """
from types import SimpleNamespace
def choose(settings, survey, context):
    return SimpleNamespace(pypi="https://own.lan/simple", python_build=None, hosts=())
"""
OWN_TORCH = """
from types import SimpleNamespace
def choose(settings, survey, context):
    return SimpleNamespace(reasons=("because I say so",))
"""


@pytest.fixture
def project(tmp_path, monkeypatch, frozen_catalog, no_role_loaded) -> Path:
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text(HOSTS)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv("GPUSTRAP_PROJECT", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_resolver(project: Path, role: str, text: str) -> None:
    folder = project / "roles" / role
    folder.mkdir(parents=True)
    (folder / "resolve.py").write_text(text)


@pytest.fixture
def box(survey):
    card = VisibleCard("NVIDIA GeForce RTX 4090", (8, 9), 24564)
    python = ImagePython("/usr/bin/python3", (3, 11, 2), prefix="/usr")
    return replace(survey, driver=(570, 124, 6), gpus=(card,), pythons=(python,))


def test_it_is_what_up_decides(project, box):
    instance = load_hosts(project).instances["trainer"]
    context = Context(instance.name, instance.region, instance.roles, instance.settings)
    told = explained("trainer", box)
    assert told.answer == Decisions(box, context).of("torch").answer
    assert told.answer.requirements[0] == "torch==2.9.1+cu126"
    assert told.answer.sources[-1].url == "https://pypi.lan/simple"
    assert told.notes == ()


def test_a_projects_own_resolver_of_the_mirrors_counts(project, box):
    write_resolver(project, "mirrors", OWN_MIRRORS)
    assert explained("trainer", box).answer.sources[-1].url == "https://own.lan/simple"


def test_a_projects_own_resolver_of_torch_is_told_by_its_reasons(project, box):
    write_resolver(project, "torch", OWN_TORCH)
    told = explained("trainer", box)
    assert (told.answer, told.reasons) == (None, ("because I say so",))


def test_options_replace_what_is_written(project, box):
    assert explained("trainer", box, {"cuda": "12.8"}).answer.requirements[0] == "torch==2.9.1+cu128"
    assert "sjtu" in explained("trainer", box, region="cn").answer.sources[0].url


def test_a_refusal_is_an_answer_with_what_runs_instead(project, box):
    told = explained("trainer", box, {"version": "2.15.0", "cuda": None})
    assert isinstance(told.answer, Refusal)
    assert told.answer.constraint == "driver" and told.answer.alternatives


def test_for_an_instance_without_the_role_it_says_what_the_role_would_do(project, box):
    told = explained("plain", box)
    assert isinstance(told.answer, Choice)
    assert told.notes == (
        "the role torch is not among the roles of plain, so `up` installs none; with it, it would be this",
    )
    assert "the role mirrors is not among this instance's roles, so the Python index is uv's own" in told.answer.reasons


def test_built_in_roles_come_from_the_package(project):
    load_hosts(project)
    assert str(content.builtin_root()) in sys.path

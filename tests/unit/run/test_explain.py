"""`explain` says what is decided and why, for all roles or those asked for, and asks nothing but the survey."""

from __future__ import annotations

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.run.explain import explain
from gpustrap.run.work import Options

WHY = """
from types import SimpleNamespace
def choose(settings, survey, context): return SimpleNamespace(reasons=(f'{survey.os_id} it is',))
"""


@pytest.fixture
def reasoned(world):
    (world.project.parent / "roles" / "beta" / "resolve.py").write_text(WHY)
    return world


@pytest.mark.parametrize(
    ("asked", "reasons"),
    [
        (None, {"alpha": [], "beta": ["debian it is"]}),
        (("beta",), {"beta": ["debian it is"]}),
    ],
)
def test_the_reasons_of_each_role(reasoned, asked, reasons):
    results = reasoned.run(explain, Options(roles=asked), ("alpha", "beta"))
    assert [result.reasons for result in results.values()] == [reasons] * 3
    assert [session.log for session in reasoned.sessions.values()] == [["connect", "survey", "close"]] * 3
    assert reasoned.proved == []


def test_a_role_that_refuses_is_named(world):
    (world.project.parent / "roles" / "beta" / "resolve.py").write_text(
        "def choose(settings, survey, context): return survey.nothing"
    )
    failed = world.run(explain, roles=("beta",))["one"].failed
    assert isinstance(failed, InstanceFailed)
    assert failed.role == "beta" and failed.error.startswith("AttributeError: 'Survey' object has no attribute")

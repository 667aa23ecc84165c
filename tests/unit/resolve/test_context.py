from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gpustrap.engine.decide import decide
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.context import Context
from roles.base.resolve import Packages

CONTEXT = Context("trainer", "cn")
REFUSES = """
from gpustrap.errors import InstanceFailed

def choose(settings, survey, context):
    raise InstanceFailed("no", operation="look", hint="yes")
"""


@pytest.fixture
def role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Add a role of a project's own, which no other test has loaded."""
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "roles"]:
        monkeypatch.delitem(sys.modules, name)

    def add(name: str, **modules: str) -> None:
        folder = tmp_path / "roles" / name
        folder.mkdir(parents=True)
        for module, text in {"tasks": "", **modules}.items():
            (folder / f"{module}.py").write_text(text)

    return add


def test_a_role_without_a_resolver_gets_its_settings(role, survey) -> None:
    role("plain_role")
    assert decide("plain_role", "settings", survey, CONTEXT) == "settings"


def test_a_roles_own_resolver_decides(role, survey) -> None:
    role(
        "own_role",
        resolve="def choose(settings, survey, context): return settings, survey.os_id, context.region",
    )
    assert decide("own_role", "settings", survey, CONTEXT) == ("settings", "debian", "cn")


def test_a_builtin_resolver_decides_for_a_builtin_role(survey) -> None:
    from dataclasses import replace
    from types import SimpleNamespace

    box = replace(survey, tools={"apt-get": "/usr/bin/apt-get"})
    assert decide("base", SimpleNamespace(packages=("git",), extra=()), box, CONTEXT) == Packages(("git",))


def test_a_refusal_names_the_role(role, survey) -> None:
    role("strict_role", resolve=REFUSES)
    with pytest.raises(InstanceFailed) as refused:
        decide("strict_role", None, survey, CONTEXT)
    assert str(refused.value) == "strict_role | look: no\nhint: yes"

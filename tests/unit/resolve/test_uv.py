from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.resolve.context import Context
from gpustrap.resolve.uv import UV, uv_of

BASE = {"base": SimpleNamespace(names=("tmux",))}


def test_the_role_pythons_uv_comes_first(survey) -> None:
    context = Context("one", "global", ("base", "python", "hub"), decided=BASE.get)
    assert uv_of(survey, context, "hub") == UV


def test_without_that_role_it_is_the_images(survey) -> None:
    box = replace(survey, tools={"uv": "/opt/uv", "tmux": "/usr/bin/tmux"})
    assert uv_of(box, Context("one", "global", ("hub",)), "hub") == "/opt/uv"


def test_without_any_it_is_said_which_roles_bring_it(survey) -> None:
    with pytest.raises(InstanceFailed) as failed:
        uv_of(replace(survey, tools={}), Context("one", "global", ("hub", "python")), "hub")
    assert failed.value.error == "this instance has no uv and no tmux, which the role hub needs"
    assert failed.value.hint == "put the roles `base` and `python` before `hub`"

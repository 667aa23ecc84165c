"""What is decided of an environment.yml, and what is refused by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.laptop.tree import Folder, Tree, tree_of
from gpustrap.resolve.context import Context
from gpustrap.resolve.environment import Environment
from roles.project.conda import _asked
from roles.project.python import choose_environment

PREFIX = "/root/app/.conda-env"
MADE = Environment("", "/root/app", "environment.yml", f"{PREFIX}/bin/python", PREFIX)
WHY = f"its environment {PREFIX} is made from environment.yml, by conda"
TORCH = SimpleNamespace(packages={"torch": ("2.9.1+cu128", "2.9.1")})
PLAIN, ASKS = "dependencies: [python=3.11, six]", "dependencies: [pytorch=2.5, pip: [torchvision]]"


@pytest.fixture
def choose(settings, survey, tmp_path: Path):
    """`choose(TEXT, torch=TORCH, python="3.12")`; None for the text: a repository that names the file."""

    def of(
        text, roles=("base", "torch", "project"), torch=None, tools=("tmux",), files=(), brought=(), user="", **keys
    ):
        for name in files:
            (tmp_path / name).touch()
        if text is not None:
            (tmp_path / "environment.yml").write_text(text)
        tree_of.cache_clear()
        source = {"git": "file:///srv/a", "environment": "environment.yml"} if text is None else {"path": tmp_path}
        made = {"torch": torch, "base": SimpleNamespace(names=brought)}
        box = replace(survey, tools=dict.fromkeys(tools, "/usr/bin/x"))
        tree = None if text is None else tree_of(Folder(tmp_path))
        context = Context("trainer", "global", roles, decided=made.get)
        return choose_environment(settings("project", **source, **keys), tree, "/root/app", user, box, context)

    return of


def test_it_is_conda_s_in_a_prefix_of_its_own_and_needs_no_uv(choose) -> None:
    made = choose(PLAIN)
    assert (made.environment, made.reasons, made.jobs) == (MADE, (WHY,), "/root/gpustrap/jobs/project")
    assert choose(PLAIN, torch=TORCH).reasons == (WHY,)
    assert choose(None).environment == MADE
    assert choose(PLAIN, user="ubuntu").environment == replace(MADE, user="ubuntu")


def test_uv_s_files_come_before_it_unless_it_is_named(choose) -> None:
    tools = ("tmux", "uv")
    assert choose(PLAIN, files=["requirements.txt"], tools=tools).environment.file == "requirements.txt"
    assert choose(PLAIN, files=["requirements.txt"], environment="environment.yml").environment == MADE


def test_a_python_of_hosts_yml_does_not_count_and_that_is_said(choose) -> None:
    reasons = choose(PLAIN, python="3.12").reasons
    assert reasons == (WHY, "project.python does not count: environment.yml says which Python")


def test_another_torch_than_the_chosen_one_is_refused_by_name_or_is_condas_own(choose) -> None:
    with pytest.raises(InstanceFailed) as refused:
        choose(ASKS, torch=TORCH)
    assert str(refused.value) == (
        "environment: environment.yml asks for pytorch=2.5, torchvision, and role torch has chosen torch 2.9.1+cu128\n"
        "hint: conda cannot use that one: take torch out of the file or the role out of hosts.yml; or"
        " project.other_torch: override lets conda install its own beside"
    )
    beside = "what it asks of torch is conda's own, beside role torch's"
    assert choose(ASKS, torch=TORCH, other_torch="override").reasons == (WHY, beside)
    assert choose(None, torch=TORCH).reasons == (WHY, beside)
    assert choose(ASKS, roles=("base", "project"), torch=TORCH).reasons == (WHY,)
    assert choose(ASKS, roles=("base", "project", "torch"), torch=TORCH).reasons == (WHY,)


def test_a_file_that_cannot_be_read_is_named_where_it_has_to_be(choose, tmp_path: Path) -> None:
    with pytest.raises(InstanceFailed) as refused:
        choose("name: x", torch=TORCH)
    assert str(refused.value) == (
        f"environment: {tmp_path}/environment.yml cannot be read: expected a list of dependencies"
    )
    (tmp_path / "environment.yml").unlink()
    (tmp_path / "environment.yml").mkdir()
    with pytest.raises(InstanceFailed) as refused:
        _asked(Tree(tmp_path, ()))
    assert str(refused.value).startswith(f"environment: {tmp_path}/environment.yml cannot be read: [Errno 21]")


@pytest.mark.parametrize(("names", "roles"), [((), ("base", "project")), (("tmux",), ("project", "base"))])
def test_without_tmux_it_is_said_which_role_brings_it(choose, names, roles) -> None:
    with pytest.raises(InstanceFailed) as refused:
        choose(PLAIN, tools=(), brought=names, roles=roles)
    assert str(refused.value) == (
        "environment: this instance has no tmux, which making its environment needs\n"
        "hint: put the role `base` before `project`, or set project.environment: none"
    )
    assert choose(PLAIN, tools=(), brought=("tmux",)).environment == MADE

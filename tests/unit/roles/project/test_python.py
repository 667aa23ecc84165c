from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.laptop.tree import Folder, Tree, tree_of
from gpustrap.resolve.context import Context
from gpustrap.resolve.environment import Environment
from roles.project.around import asked_of_torch
from roles.project.python import choose_environment

OWN = Environment(
    uv="/usr/local/bin/uv",
    project="/root/app",
    file="requirements.txt",
    python="/root/app/.venv/bin/python",
    venv="/root/app/.venv",
    cache="/root/gpustrap/uv-cache",
)
TORCH = SimpleNamespace(
    python="/data/venvs/torch/bin/python",
    place="/data",
    packages={"torch": ("2.9.1+cu128", "2.9.1"), "torchvision": ("0.24.1",)},
)


@pytest.fixture
def choose(settings, survey, tmp_path: Path):
    """`choose({"requirements.txt": "six"}, torch=TORCH, python="3.12")`."""

    def of(files, roles=("base", "python", "torch", "project"), box=None, **keys):
        made = {name: keys.pop(name) for name in ("torch", "mirrors") if name in keys}
        for name, text in (files or {}).items():
            (tmp_path / name).write_text(text)
        written = settings("project", **({"path": tmp_path} if files is not None else {"git": "file:///srv/a"}), **keys)
        made["base"] = SimpleNamespace(names=("tmux",))
        context = Context("trainer", "global", roles, decided=made.get)
        tree_of.cache_clear()
        user = "" if box is None or box.user == "root" else box.user
        tree = None if files is None else tree_of(Folder(tmp_path))
        return choose_environment(written, tree, "/root/app", user, box or survey, context)

    return of


def test_it_is_made_in_the_folder_by_the_role_pythons_uv(choose) -> None:
    made = choose({"requirements.txt": "six"})
    assert (made.environment, made.jobs) == (OWN, "/root/gpustrap/jobs/project")
    assert made.reasons == ("its environment /root/app/.venv is made from requirements.txt",)


def test_mirrors_python_and_user_are_told_to_uv(choose, survey) -> None:
    mirrors = SimpleNamespace(pypi="https://m/simple", python_build="https://p")
    box = replace(survey, user="ubuntu")
    made = choose({"requirements.txt": "six"}, box=box, mirrors=mirrors, python="3.12")
    wanted = replace(OWN, pypi="https://m/simple", pythons="https://p", version="3.12", user="ubuntu", cache="")
    assert made.environment == wanted


@pytest.mark.parametrize(
    ("files", "keys", "why"),
    [
        ({"main.py": ""}, {}, "it has none of uv.lock, pyproject.toml, requirements.txt, environment.yml"),
        ({"requirements.txt": ""}, {"environment": "none"}, "hosts.yml says so"),
    ],
)
def test_without_a_file_none_is_made(choose, files, keys, why: str) -> None:
    made = choose(files, **keys)
    assert (made.environment, made.reasons) == (None, (f"no Python environment is made: {why}",))


def test_a_file_can_be_named_and_has_to_be_there(choose, tmp_path: Path) -> None:
    files = {"requirements.txt": "", "pyproject.toml": ""}
    assert choose(files, environment="requirements.txt").environment.file == "requirements.txt"
    with pytest.raises(InstanceFailed) as refused:
        choose(files, environment="uv.lock")
    assert str(refused.value) == (
        f"environment: {tmp_path} has no uv.lock\nhint: write it, or leave project.environment out"
    )


def test_what_asks_for_torch_goes_into_role_torchs_environment_around_it(choose) -> None:
    made = choose({"requirements.txt": "torch>=2.8\nsix"}, torch=TORCH)
    assert made.environment == replace(
        OWN, python=TORCH.python, venv="", pins=("torch==2.9.1", "torchvision==0.24.1"), cache="/data/uv-cache"
    )
    (reason,) = made.reasons
    assert reason == (
        "requirements.txt asks for torch, so it is installed beside role torch's, into /data/venvs/torch/bin/python"
    )


@pytest.mark.parametrize(
    ("text", "roles"),
    [("six", ("base", "python", "torch", "project")), ("torch", ("base", "python", "project", "torch"))],
)
def test_else_its_own_is_made(choose, text: str, roles) -> None:
    assert choose({"requirements.txt": text}, roles=roles, torch=TORCH).environment == OWN


def test_another_torch_is_refused_by_name_or_passed_over_when_that_is_said(choose) -> None:
    files = {"requirements.txt": "torch==2.5.1\ntorchvision<0.21\n"}
    with pytest.raises(InstanceFailed) as refused:
        choose(files, torch=TORCH)
    assert str(refused.value) == (
        "environment: requirements.txt asks for torch==2.5.1, torchvision<0.21, and role torch has chosen"
        " torch 2.9.1+cu128, torchvision 0.24.1\n"
        "hint: set torch.version to what it asks for, or project.other_torch: override, which installs the rest around it"
    )
    made = choose(files, torch=TORCH, other_torch="override")
    assert made.environment.overrides
    assert made.reasons[1:] == (
        "torch==2.5.1 in requirements.txt is passed over: torch 2.9.1+cu128 stays",
        "torchvision<0.21 in requirements.txt is passed over: torchvision 0.24.1 stays",
    )


def test_a_file_that_cannot_be_read_is_named(choose, tmp_path: Path) -> None:
    with pytest.raises(InstanceFailed, match=f"^environment: {tmp_path}/pyproject.toml cannot be read: "):
        choose({"pyproject.toml": "[project"}, torch=TORCH)


def test_a_file_that_is_gone_since_it_was_listed_is_named(tmp_path: Path) -> None:
    with pytest.raises(InstanceFailed) as refused:
        asked_of_torch("requirements.txt", Tree(tmp_path, ()))
    assert str(refused.value).startswith(f"environment: {tmp_path}/requirements.txt cannot be read: [Errno 2] ")


def test_without_uv_or_tmux_it_is_said_which_role_brings_them(choose, survey) -> None:
    with pytest.raises(InstanceFailed) as refused:
        choose({"requirements.txt": ""}, roles=("project", "base", "python"), box=replace(survey, tools={}))
    assert str(refused.value) == (
        "environment: this instance has no uv and no tmux, which making its environment needs\n"
        "hint: put the roles `base` and `python` before `project`, or set project.environment: none"
    )
    box = replace(survey, tools={"uv": "/opt/uv", "tmux": "/usr/bin/tmux"})
    assert choose({"requirements.txt": ""}, roles=("project",), box=box).environment.uv == "/opt/uv"


def test_of_a_repository_the_instance_finds_the_file(choose) -> None:
    assert choose(None).environment == replace(OWN, file="")
    assert choose(None, environment="uv.lock").environment.file == "uv.lock"
    assert choose(None, environment="none").environment is None


@pytest.mark.parametrize(("other", "overrides"), [("refuse", False), ("override", True)])
def test_a_repository_goes_around_role_torchs_choice(choose, other: str, overrides: bool) -> None:
    made = choose(None, torch=TORCH, other_torch=other)
    assert (made.environment.python, made.environment.overrides) == (TORCH.python, overrides)
    assert made.environment.pins == ("torch==2.9.1", "torchvision==0.24.1")
    assert made.reasons == ("what it asks for is installed beside role torch's, into /data/venvs/torch/bin/python",)

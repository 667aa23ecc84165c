"""Which Python environment a project gets: one of its own, or role torch's where it asks for torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.laptop.tree import Tree
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.environment import CONDA, FILES, Environment, file_of
from gpustrap.resolve.torch.last_seen import root_of
from gpustrap.resolve.uv import uv_of
from roles.project.around import around_torch, asked_of_torch, on_torch
from roles.project.conda import by_conda

if TYPE_CHECKING:
    from roles.project.settings import Settings


@dataclass(frozen=True)
class Choice:
    """The environment and where the job that makes it stands, and why; None and "" for no environment."""

    environment: Environment | None
    reasons: tuple[str, ...]
    jobs: str = ""


def choose_environment(
    settings: Settings, tree: Tree | None, dest: str, user: str, survey: Survey, context: Context
) -> Choice:
    """The decision for an instance; of a repository, without a `tree`, the files are not known yet.

    Raises InstanceFailed naming what asks for another torch.
    """
    file = _file(settings, tree)
    if not file and (tree is not None or settings.environment == "none"):
        why = (
            tr("hosts.yml says so")
            if settings.environment == "none"
            else tr("it has none of {files}", files=", ".join((*FILES, CONDA)))
        )
        return Choice(None, (tr("no Python environment is made: {why}", why=why),))
    jobs = f"{root_of(survey)}/jobs/project"
    if file == CONDA:
        return Choice(*by_conda(settings, tree, dest, user, survey, context), jobs)
    base = _base(file, dest, survey, context)
    torch = context.decided("torch") if "torch" in context.roles_before("project") else None
    if torch is not None:
        if tree is None:
            return Choice(*around_torch(base, settings, torch), jobs)
        if asked := asked_of_torch(file, tree):
            return Choice(*on_torch(base, settings, torch, asked), jobs)
    cache = "" if user else f"{root_of(survey)}/uv-cache"
    own = replace(base, venv=f"{dest}/.venv", version=settings.python or "", cache=cache, user=user)
    return Choice(
        own,
        (
            tr(
                "its environment {venv} is made from {file}",
                venv=own.venv,
                file=file or tr("the first of {files} that it has", files=", ".join(FILES)),
            ),
        ),
        jobs,
    )


def _base(file: str, dest: str, survey: Survey, context: Context) -> Environment:
    mirrors = context.decided("mirrors")
    return Environment(
        uv=uv_of(survey, context, "project", _without),
        project=dest,
        file=file,
        python=f"{dest}/.venv/bin/python",
        pypi=getattr(mirrors, "pypi", None) or "",
        pythons=getattr(mirrors, "python_build", None) or "",
    )


def _file(settings: Settings, tree: Tree | None) -> str:
    if tree is None:
        return settings.environment.replace("auto", "").replace("none", "")
    paths = {entry.path for entry in tree.entries}
    if settings.environment == "auto":
        return file_of([*paths])
    if settings.environment == "none":
        return ""
    if settings.environment not in paths:
        raise InstanceFailed(
            tr("{folder} has no {file}", folder=tree.root, file=settings.environment),
            operation="environment",
            hint=tr("write it, or leave project.environment out"),
        )
    return settings.environment


def _without(missing: str) -> InstanceFailed:
    return InstanceFailed(
        tr("this instance has no {missing}, which making its environment needs", missing=missing),
        operation="environment",
        hint=tr("put the roles `base` and `python` before `project`, or set project.environment: none"),
    )

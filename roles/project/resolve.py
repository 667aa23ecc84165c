"""What is sent of a project, where it stands on an instance, whose it is, and what its environment is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpustrap.language import tr
from gpustrap.laptop.tree import Folder, Tree, tree_of
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.environment import Environment
from gpustrap.resolve.project import OnBoxChanges
from roles.project.python import Choice, choose_environment

if TYPE_CHECKING:
    from roles.project.settings import Settings


@dataclass(frozen=True)
class Project:
    """The decision. `user` is whose the files are on the instance, empty for root; `jobs` is the folder of long steps.

    `environment` is None where the project has no file that asks for one.
    """

    tree: Tree
    dest: str
    user: str
    on_box_changes: OnBoxChanges
    environment: Environment | None = None
    jobs: str = ""
    reasons: tuple[str, ...] = ()

    @property
    def environments(self) -> tuple[Environment, ...]:
        """One, or none."""
        return () if self.environment is None else (self.environment,)


def choose(settings: Settings, survey: Survey, context: Context) -> Project:
    """The decision for an instance. The folder is read, once a process.

    Raises InstanceFailed for what cannot be sent, and for another torch than the chosen one.
    """
    tree = tree_of(Folder(settings.path, settings.also, settings.most_mib))
    dest = _dest(settings, survey)
    user = "" if survey.user == "root" else survey.user
    made: Choice = choose_environment(settings, tree, dest, user, survey, context)
    reasons = (*_reasons(settings, dest, user), *made.reasons)
    return Project(tree, dest, user, settings.on_box_changes, made.environment, made.jobs, reasons)


def _dest(settings: Settings, survey: Survey) -> str:
    if settings.dest is None:
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", settings.path.name).strip("-.") or "app"
        return f"{survey.home}/{name}"
    return survey.home + settings.dest.removeprefix("~") if settings.dest.startswith("~") else settings.dest


def _reasons(settings: Settings, dest: str, user: str) -> tuple[str, ...]:
    whose = tr(", as {user}'s", user=user) if user else ""
    what = tr("{path} is sent to {dest}{whose}", path=settings.path, dest=dest, whose=whose)
    if not settings.also:
        return (what, tr("what .gitignore leaves out is not sent"))
    left = tr("what .gitignore leaves out is not sent, but for {also}", also=", ".join(settings.also))
    return (what, left)

"""Where a project's folder stands on an instance, and whose it is. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpustrap.language import tr
from gpustrap.laptop.tree import Folder
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.project import OnBoxChanges

if TYPE_CHECKING:
    from roles.project.settings import Settings


@dataclass(frozen=True)
class Project:
    """The decision. `user` is whose the files are on the instance; empty for root."""

    folder: Folder
    dest: str
    user: str
    on_box_changes: OnBoxChanges
    reasons: tuple[str, ...] = ()


def choose(settings: Settings, survey: Survey, context: Context) -> Project:  # noqa: ARG001 (a resolver's form)
    """The decision for an instance."""
    dest = _dest(settings, survey)
    user = "" if survey.user == "root" else survey.user
    return Project(
        folder=Folder(settings.path, settings.also, settings.most_mib),
        dest=dest,
        user=user,
        on_box_changes=settings.on_box_changes,
        reasons=_reasons(settings, dest, user),
    )


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

"""What is sent or fetched of a project, where it stands on an instance, and what its environment is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpustrap.inventory.reveal import revealed
from gpustrap.language import mark, tr
from gpustrap.laptop.remote import Checkout, checkout_of
from gpustrap.laptop.tree import Folder, tree_of
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.project import folder_name
from roles.project.access import access_of
from roles.project.decision import Project
from roles.project.python import Choice, choose_environment

if TYPE_CHECKING:
    from roles.project.settings import Settings


def choose(settings: Settings, survey: Survey, context: Context) -> Project:
    """The decision for an instance. The folder is read, or the repository is asked, once a process.

    Raises InstanceFailed for what cannot be sent or had, and for another torch than the chosen one.
    """
    key = str((settings.key and settings.key.file) or "")
    tree = tree_of(Folder(settings.path, settings.also, settings.most_mib)) if settings.path else None
    token = revealed(settings.token) if settings.token else None
    checkout = checkout_of(settings.git, settings.ref, key, token) if settings.git else None
    dest = _dest(settings, survey)
    user = "" if survey.user == "root" else survey.user
    made: Choice = choose_environment(settings, tree, dest, user, survey, context)
    what = _sent(settings, dest) if checkout is None else _fetched(checkout, settings, dest)
    whose = (tr("its files are {user}'s", user=user),) if user else ()
    return Project(
        dest,
        user,
        settings.on_box_changes,
        tree,
        checkout,
        access=access_of(settings, survey.home),
        environment=made.environment,
        jobs=made.jobs,
        reasons=(*what, *whose, *made.reasons),
    )


def _dest(settings: Settings, survey: Survey) -> str:
    if settings.dest is None:
        return f"{survey.home}/{folder_name(settings.path, settings.git)}"
    return survey.home + settings.dest.removeprefix("~") if settings.dest.startswith("~") else settings.dest


def _sent(settings: Settings, dest: str) -> tuple[str, ...]:
    what = tr("{path} is sent to {dest}", path=settings.path, dest=dest)
    left = mark("what .gitignore leaves out is not sent, but for {also}")
    none = tr("what .gitignore leaves out is not sent")
    return (what, tr(left, also=", ".join(settings.also)) if settings.also else none)


def _fetched(checkout: Checkout, settings: Settings, dest: str) -> tuple[str, ...]:
    words = {"url": checkout.url, "commit": checkout.commit[:10], "dest": dest}
    if not checkout.ref:
        return (tr("{url} at commit {commit} stands in {dest}", **words),)
    ref = settings.ref or tr("its own branch")
    return (tr("{url} at {ref}, now commit {commit}, stands in {dest}", ref=ref, **words),)

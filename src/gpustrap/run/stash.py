"""`up --stash`: a project's files that were changed on the instance are moved aside this once."""

from __future__ import annotations

from dataclasses import replace

from gpustrap.language import tr
from gpustrap.run.work import Work

ROLE, SETTING = "project", "on_box_changes"


def stash(work: Work) -> None:
    """Let the role project be decided as with `project: {on_box_changes: stash}`, where that is asked for."""
    if not work.options.stash:
        return
    settings = work.instance.settings
    if ROLE not in work.instance.roles or not hasattr(settings[ROLE], SETTING):
        work.says(tr("nothing is moved aside: the role project is not among the roles of this instance"))
        return
    chosen = settings[ROLE].model_copy(update={SETTING: "stash"})
    work.instance = replace(work.instance, settings={**settings, ROLE: chosen})

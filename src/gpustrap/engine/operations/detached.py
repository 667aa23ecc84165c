"""Long steps, detached: a dropped connection does not stop them, and the next run joins the one at work.

A job is a script in a tmux session on a socket of its own. Its log and exit status lie beside the script.
The waiting is done on the instance, and what the job logs is printed as it comes.
"""

from __future__ import annotations

import shlex

from pyinfra.api import StringCommand

from gpustrap.engine.facts.detached import Job, JobState
from gpustrap.engine.facts.tmux import tmux_script
from gpustrap.engine.scripts import text_of
from gpustrap.language import tr

LOG_BYTES = 1_000_000  # a longer log becomes log.1 when the job is started again


def awaited(job: Job, identity: str, state: JobState) -> StringCommand:
    """A command that starts the job, or joins it where it is at work for the same, and ends as it does.

    + job: whose script stands in its directory
    + identity: says what the script is for; a job at work for something else is ended first
    + state: what the fact `DetachedJob` told of it
    """
    mode = "join" if state.runs(identity) else "start"
    runner = f"runner={shlex.quote(text_of('job-run'))}\n"
    told = {"job": job.name, "d": job.directory, "identity": identity, "mode": mode}
    return StringCommand(runner + tmux_script("job-await", "jobs", **told, most=LOG_BYTES))


def was_cut_off(state: JobState) -> list[str]:
    """That the last start ended with the laptop's network, for a person."""
    gone = tr("the laptop's network, by which it was downloaded, went away: it goes on where it was")
    return [gone] if state.cut_off else []

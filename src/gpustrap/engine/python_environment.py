"""The script that makes a project's Python environment."""

from __future__ import annotations

from gpustrap.engine.facts.detached import Job
from gpustrap.engine.facts.environment import environment_script
from gpustrap.engine.operations.files import ManagedFile
from gpustrap.resolve.environment import Environment


def script_of(environment: Environment, job: Job) -> ManagedFile:
    """What the job runs."""
    made = environment_script("make", environment, venv=environment.venv)
    head = f"#!/bin/sh\n# Managed by gpustrap: makes the environment of {environment.project}.\n"
    return ManagedFile(job.script, f"{head}{made}\n", mode="755")

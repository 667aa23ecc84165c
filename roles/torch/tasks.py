"""Role `torch`: the build that fits, in an environment of its own or in the image's Python, and guarded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine import environment
from gpustrap.engine.facts.detached import Job
from gpustrap.engine.operations import torch as operations
from gpustrap.engine.operations.files import managed
from gpustrap.engine.templates import template

if TYPE_CHECKING:
    from roles.torch.resolve import Torch


@deploy("torch")
def torch(chosen: Torch) -> None:
    """Remember the card, install, and keep later installations from replacing it."""
    job, place = Job("torch", f"{chosen.place}/jobs/torch"), chosen.place
    for card in chosen.seen:  # none in no-card mode: then what was written down stays
        file = template("torch/card.json.j2", chosen.memory_file, card=card)
        operations.remembered(name="card", file=file, says=chosen.differences)
    script = template("torch/install.sh.j2", job.script, mode="755", plan=chosen.plan, place=place)
    operations.installed(
        name="torch", python=chosen.python, versions=chosen.versions, script=script, job=job,
        standing=chosen.standing, reasons=chosen.reasons,
    )  # fmt: skip
    managed(name="guard", files=[
        template("torch/constraints.txt.j2", chosen.constraints_file, pins=chosen.constraints),
        *environment.files("torch", chosen.variables, chosen.survey),
    ])  # fmt: skip

"""Role `torch`: the build that fits, in an environment of its own or in the image's Python, and guarded there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine.facts.detached import Job
from gpustrap.engine.operations import torch as operations
from gpustrap.engine.operations.files import ManagedFile, ManagedKeys, managed
from gpustrap.engine.templates import template

if TYPE_CHECKING:
    from roles.torch.resolve import Torch


@deploy("torch")
def torch(chosen: Torch) -> None:
    """Remember the card, install, and keep later installations from replacing it."""
    job = Job("torch", f"{chosen.place}/jobs/torch")
    operations.remembered(name="card", path=chosen.memory_file, card=chosen.card, says=chosen.differences)
    script = template(
        "torch/install.sh.j2", job.script, mode="755", installation=chosen.installation, place=chosen.place
    )
    operations.installed(
        name="torch",
        python=chosen.python,
        versions=chosen.versions,
        script=script,
        job=job,
        standing=chosen.standing,
        reasons=chosen.reasons,
        download=chosen.download,
    )
    managed(
        name="guard",
        files=[
            *[template(file.src, file.dest, block=file.block, guard=chosen.guard) for file in chosen.guard.files],
            ManagedKeys(chosen.guard.pip_conf, "ini", {"install.constraint": chosen.guard.file}, "torch"),
            # Up to version 0.1 the guard counted in every shell.
            ManagedFile("/etc/profile.d/gpustrap-torch.sh", None),
            ManagedFile(f"{chosen.home}/.bashrc", None, block="torch"),
        ],
    )

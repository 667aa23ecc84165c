"""Role `hub`: Hugging Face's client, its token and cache, and models and datasets that are there whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine import environment as shells
from gpustrap.engine import hub_script
from gpustrap.engine.facts.detached import Job
from gpustrap.engine.operations import environment as environments
from gpustrap.engine.operations import hub as operations
from gpustrap.engine.operations.files import ManagedFile, managed
from gpustrap.engine.python_environment import script_of
from gpustrap.engine.templates import template

if TYPE_CHECKING:
    from roles.hub.resolve import Hub


@deploy("hub")
def hub(chosen: Hub) -> None:
    """The client, what shells and services hear of it, then what it has to fetch."""
    environment, folder = chosen.environment, chosen.folder
    job = Job("hub-client", f"{chosen.jobs}/hub-client")
    files = [
        template("hub/requirements.txt.j2", f"{folder}/requirements.txt", hub=chosen),
        template("hub/hf.j2", "/usr/local/bin/hf", mode="755", environment=environment),
        ManagedFile(chosen.token_file, chosen.token),
        *shells.files("hub", chosen.variables, chosen.shells, everywhere=True),
    ]
    managed(name="settings", files=files)
    environments.installed(
        name="client", environment=environment, script=script_of(environment, job), job=job, digest=chosen.requirement
    )
    fetching = Job("hub", f"{chosen.jobs}/hub")
    for client in chosen.clients:
        script = hub_script.script_of(client, chosen.wanted, fetching)
        operations.fetched(name="prefetch", client=client, wanted=chosen.wanted, script=script, job=fetching)

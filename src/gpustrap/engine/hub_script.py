"""The shell commands that look at what a hub's client has, and that fetch the rest."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gpustrap.engine.facts.detached import Job
from gpustrap.engine.hub import arguments, program
from gpustrap.engine.operations.files import ManagedFile
from gpustrap.engine.scripts import clean
from gpustrap.resolve.hub import Client, Wanted

HEAD = "#!/bin/sh\n# Managed by gpustrap: fetches models and datasets. Run again, it goes on where it was.\n"


def hub_script(client: Client, wanted: Sequence[Wanted], name: str) -> str:
    """The command that runs one of the programs as the login's own user; nothing while the client is not there."""
    words = [client.python, "-I", "-W", "ignore", "-c", program(name), arguments(client.store, wanted)]
    line = f"[ ! -x {shlex.quote(client.python)} ] || {shlex.join(['env', *client.variables, *words])}\n"
    text = clean("hub-environment") + line
    return shlex.join(["runuser", "-u", client.user, "--", "/bin/sh", "-c", text]) if client.user else text


def script_of(client: Client, wanted: Sequence[Wanted], job: Job) -> ManagedFile:
    """What the job runs."""
    folders = clean("hub-folders", user=client.user, cache=client.store.cache, records=client.store.records)
    return ManagedFile(job.script, HEAD + folders + hub_script(client, wanted, "fetch"), mode="755")

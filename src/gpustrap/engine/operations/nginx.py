"""The gateway's nginx takes a changed configuration while it runs."""

from __future__ import annotations

from collections.abc import Generator

from pyinfra import host
from pyinfra.api import StringCommand, operation

from gpustrap.engine.by_facts import by_facts
from gpustrap.engine.facts.nginx import LoadedConfiguration
from gpustrap.engine.notes import note
from gpustrap.engine.scripts import clean, script
from gpustrap.language import tr


@operation()
@by_facts
def loaded(configuration: str, identity: str, folder: str, copy: str) -> Generator[StringCommand, None, None]:
    """
    Let nginx load a configuration that has changed, without a restart. One that does not run is none of its business.

    + configuration: the file
    + identity: identifies the file's content, and names the pid file
    + folder: where the pid file is
    + copy: of the configuration, which nginx reads
    """
    seen = host.get_fact(LoadedConfiguration, folder=folder)
    if seen is None:
        host.noop(tr("nginx does not run yet"))
        return
    if seen == identity:
        host.noop(tr("nginx has loaded it"))
        return
    note(tr("nginx reloads: its routes or its token have changed"))
    load = script("gateway-load", configuration=configuration, identity=identity, loaded=copy)
    yield StringCommand(clean("gateway-common", pids=folder) + load)

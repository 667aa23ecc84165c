"""Debian packages, installed only where missing: without network nothing is asked when all are there."""

from __future__ import annotations

import shlex
from collections.abc import Generator, Sequence

from pyinfra import host
from pyinfra.api import StringCommand, operation

from gpustrap.engine.by_facts import by_facts
from gpustrap.engine.facts.files import STATE_DIR
from gpustrap.engine.facts.packages import InstalledPackages
from gpustrap.engine.notes import note, note_download, role_in_turn
from gpustrap.engine.scripts import clean
from gpustrap.language import tr
from gpustrap.resolve.download import Download

# Another apt at work (a provider's start script) holds a lock for a while; it is waited for, bounded.
LOCK_SECONDS = 120


@operation()
@by_facts
def installed(packages: Sequence[str]) -> Generator[StringCommand, None, None]:
    """
    Install the Debian packages that are missing.

    + packages: names as apt knows them

    The package lists are fetched only when installing with those at hand fails. A source that does not
    answer is named, and stops nothing that the others have.
    """
    there = host.get_fact(InstalledPackages, packages=tuple(packages))
    missing = [name for name in packages if name not in there]
    if not missing:
        host.noop(tr("all packages are installed"))
        return
    note(tr("missing: {packages}", packages=" ".join(missing)))
    note_download(Download(None))
    yield StringCommand(installing() + f"install {shlex.join(missing)}\n")


def installing() -> str:
    """What has to stand before a script's `install NAME…`."""
    return clean("packages-install", patience=LOCK_SECONDS, state=STATE_DIR, role=role_in_turn())

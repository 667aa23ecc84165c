"""Debian packages, installed only where missing: without network nothing is asked when all are there."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from pyinfra import host
from pyinfra.api import QuoteString, StringCommand, operation

from gpustrap.engine.facts.packages import InstalledPackages
from gpustrap.engine.notes import note

# Another apt at work (a provider's start script) holds the lock for a while; wait for it, bounded.
_APT = "DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120"
_DPKG = "DEBIAN_FRONTEND=noninteractive dpkg"


@operation()
def installed(packages: Sequence[str]) -> Generator[StringCommand, None, None]:
    """
    Install the Debian packages that are missing.

    + packages: names as apt knows them

    The package lists are fetched only when installing with those at hand fails.
    """
    there = host.get_fact(InstalledPackages, packages=tuple(packages))
    missing = [name for name in packages if name not in there]
    if not missing:
        host.noop("all packages are installed")
        return
    note("missing: " + " ".join(missing))
    install = StringCommand(_APT, "install", "--no-install-recommends", *map(QuoteString, missing))
    # A dpkg that was killed refuses all work until it has configured what it had unpacked.
    yield StringCommand(install, "|| {", _DPKG, "--configure -a;", _APT, "update", "&&", install, "; }")

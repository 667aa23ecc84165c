"""All that the tests in lab containers need on this machine, made ahead: the programs, and the image of each flavour.

`python -m gpustrap.lab.prepare` does so beside other tests. What fails here is tried again by the test that needs it.
"""

from __future__ import annotations

import sys

from gpustrap.errors import InstanceFailed
from gpustrap.lab.engine import find_engine
from gpustrap.lab.flavour import RELEASES, find_flavour, flavour_names
from gpustrap.lab.images import ensure_image
from gpustrap.lab.layers import ensure_flavour
from gpustrap.lab.requirements import install_missing
from gpustrap.lab.state import Say, silent


def prepare(say: Say = silent) -> None:
    """Install what is missing, then build each release's image, and all flavours on the newest release.

    Raises InstanceFailed where something of it cannot be had.
    """
    install_missing(say)
    engine = find_engine()
    for release in RELEASES:
        ensure_image(engine, release, say)
    for name in flavour_names():
        ensure_flavour(engine, RELEASES[0], find_flavour(name), say)


def main() -> int:
    try:
        prepare(lambda line: print(line, flush=True))
    except InstanceFailed as failed:
        print(failed)
        return failed.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`--debug`: what pyinfra and gpustrap log goes to stderr, with secrets masked."""

from __future__ import annotations

import logging
import sys

from gpustrap.cli.output import Formatter


def enable() -> None:
    """Show the engine's log from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    for name in ("pyinfra", "gpustrap"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)

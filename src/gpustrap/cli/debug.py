"""`--debug`: what pyinfra and gpustrap log goes to stderr. Secrets are masked there too."""

from __future__ import annotations

import logging
import sys


def enable() -> None:
    """Show the engine's log from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    for name in ("pyinfra", "gpustrap"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)

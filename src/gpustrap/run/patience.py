"""How long a run has waited for a person: such time is not the work's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Patience:
    """For how many seconds a person was asked; nothing else happens meanwhile, on any instance."""

    seconds: float = 0.0

    @contextmanager
    def counted(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds += time.monotonic() - began

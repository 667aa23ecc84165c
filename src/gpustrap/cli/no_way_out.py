"""`os._exit` in a person's role: an exit as any other, or nothing could be said of its instance, nor of the others."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NoReturn


def guarded() -> Callable[[int], NoReturn]:
    """From here on `os._exit` raises SystemExit in this process; what is forked from it still ends by it.

    Answers with the one that ends the process.
    """
    pid, leave = os.getpid(), os._exit

    def leave_as_sys_does(status: int) -> NoReturn:
        if os.getpid() != pid:
            leave(status)
        raise SystemExit(status)

    os._exit = leave_as_sys_does
    return leave

"""How far a download is, in the lines that gpustrap reads. Runs on the instance."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

EVERY = 5  # seconds
MB = 1_000_000


class Progress:
    """While it is entered: `NAME 512 of 900 MB, 3.1 MB/s` every few seconds; `had` tells the bytes that are there."""

    def __init__(self, name: str, total: int, had: Callable[[], int], every: float = EVERY):
        self.name, self.total, self.had, self.every = name, total, had, every
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.ended.set()
        self.thread.join()

    def _run(self) -> None:
        before = self.had()
        while not self.ended.wait(self.every):
            now = self.had()
            rate = max(now - before, 0) / self.every / MB
            print(f"{self.name} {now // MB} of {-(-self.total // MB)} MB, {rate:.1f} MB/s", flush=True)
            before = now

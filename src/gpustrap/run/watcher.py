"""What a run tells while it works, to whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gpustrap.engine.session import Operation
from gpustrap.errors import InstanceFailed
from gpustrap.run.report import Change


class Watcher(Protocol):
    """Who shows what happens. Called from several greenlets, never at the same time."""

    def says(self, instance: str, text: str) -> None: ...
    def decided(self, instance: str, reasons: Mapping[str, Sequence[str]]) -> None: ...
    def starts(self, instance: str, operation: Operation) -> None: ...
    def changed(self, instance: str, change: Change) -> None: ...
    def prints(self, instance: str, line: str) -> None: ...
    def failed(self, instance: str, failure: InstanceFailed) -> None: ...

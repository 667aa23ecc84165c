"""What a person sees of a run: one line an event, a live line of what is being done, a summary at the end.

Everything goes to stderr; stdout is for data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.status import Status

from gpustrap.engine.report import Change, Result
from gpustrap.engine.session import Operation
from gpustrap.errors import InstanceFailed

DETAILS_SHOWN = 12


class Lines:
    """Shows a run as lines. On a terminal the last line says what each instance is at."""

    def __init__(self, count: int, *, planning: bool = False):
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._width = count
        self._planning = planning
        self._at: dict[str, str] = {}
        self._status: Status | None = None

    def says(self, instance: str, text: str) -> None:
        self._now(instance, text)
        if not self._console.is_terminal and text != "connecting":
            self._console.print(f"{instance}: {text}", markup=False)

    def starts(self, instance: str, operation: Operation) -> None:
        self._now(instance, f"{operation.role} | {operation.name}")

    def changed(self, instance: str, change: Change) -> None:
        sign = "would change" if self._planning else "changed"
        self._console.print(f"[yellow]{sign}[/]  {instance}: {change.role} | {change.operation}")
        for line in change.details[:DETAILS_SHOWN]:
            self._console.print(f"           {line}", markup=False, style="dim")
        if (more := len(change.details) - DETAILS_SHOWN) > 0:
            self._console.print(f"           and {more} more", style="dim")

    def failed(self, instance: str, failure: InstanceFailed) -> None:
        self._console.print(f"[red]failed[/]   {instance}: ", end="")
        self._console.print(str(failure), markup=False)

    def summary(self, results: Mapping[str, Result]) -> None:
        self._stop()
        for name, result in results.items():
            self._console.print(self._line(name, result), markup=False)
            for service, state in result.services.items():
                address = state.url or (f"{state.local_url} on the instance" if state.local_url else "no port")
                self._console.print(f"  {service}: {address}{'' if state.healthy else '  NOT HEALTHY'}", markup=False)

    def _line(self, name: str, result: Result) -> str:
        word = "would change" if self._planning else "changed"
        state = "failed" if result.failed else "ok"
        return (f"{name}: {state}, {len(result.changed)} {word}, {result.unchanged} unchanged"
                f" ({result.execs} execs, {result.uploads} uploads, {result.seconds:.1f} s)")  # fmt: skip

    def _now(self, instance: str, text: str) -> None:
        self._at[instance] = text
        if not self._console.is_terminal:
            return
        line = " · ".join(f"{name}: {doing}" for name, doing in self._at.items())[: self._console.width - 4]
        if self._status is None:
            self._status = self._console.status(line)
            self._status.start()
        else:
            self._status.update(line)

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def confirm(plans: Mapping[str, Sequence[Change]]) -> bool:
    """Show what would change on each instance and ask once. No is the answer of an empty line."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for name, changes in plans.items():
        for change in changes:
            console.print(f"would change  {name}: {change.role} | {change.operation}", markup=False)
    return console.input("Make these changes? [y/N] ").strip().lower() in ("y", "yes")

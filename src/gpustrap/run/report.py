"""What a run did: one result an instance, in the form that `--json` prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gpustrap.errors import InstanceFailed
from gpustrap.resolve.download import Fetch


@dataclass(frozen=True)
class Change:
    """One operation that changed (or, in a plan, would change) something, with what in words.

    `fetches` is what a plan knows of its downloads.
    """

    role: str
    operation: str
    details: tuple[str, ...] = ()
    fetches: tuple[Fetch, ...] = ()


@dataclass(frozen=True)
class ServiceState:
    """A service as seen after the run. `url` reaches it from outside, `local_url` on the instance."""

    url: str | None
    local_url: str | None
    healthy: bool


@dataclass
class Result:
    """One instance's part of the report. `reasons` says why each role was decided so: role → sentences."""

    changed: list[Change] = field(default_factory=list)
    unchanged: int = 0
    execs: int = 0
    uploads: int = 0
    seconds: float = 0.0
    services: dict[str, ServiceState] = field(default_factory=dict)
    reasons: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # where things are, and what is not saved, after a change
    passed: int = 0  # checks
    broken: int = 0
    declined: bool = False  # the person said no: nothing was changed
    failed: InstanceFailed | None = None

    def as_json(self) -> dict[str, Any]:
        """The form that `--json` prints. It is stable: keys are added, and none is renamed or taken away."""
        return {
            "ok": self.failed is None,
            "reasons": self.reasons,
            "changed": [{"role": change.role, "operation": change.operation} for change in self.changed],
            "unchanged": self.unchanged,
            "checks": {"passed": self.passed, "failed": self.broken},
            "execs": self.execs,
            "uploads": self.uploads,
            "seconds": round(self.seconds, 3),
            "services": {
                name: {"url": state.url, "local_url": state.local_url, "healthy": state.healthy}
                for name, state in self.services.items()
            },
            "notes": self.notes,
            "failed": None
            if self.failed is None
            else {
                "role": self.failed.role,
                "operation": self.failed.operation,
                "error": self.failed.error,
            },
        }

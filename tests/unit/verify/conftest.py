"""Instances whose connector is a fake: it answers each command by this machine's own `sh`, or is lost."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from typing import Any

import pytest

from gpustrap.errors import InstanceFailed


@dataclass
class LocalConnector:
    """Stands for a ReplayConnector. `lost`: it cannot be asked."""

    lost: bool = False
    asked: list[tuple[str, ...]] = field(default_factory=list)
    late: tuple[str, ...] = ()  # commands that give no answer in time
    answered: dict[str, Any] = field(default_factory=dict)  # what was asked with the facts
    behind: Any = None

    def forget(self) -> None:
        self.answered = {}

    def checked(self) -> dict[str, Any]:
        return self.answered

    def ask(self, commands: tuple[str, ...]) -> dict[str, Any]:
        from gpustrap.engine.batch import Answer

        self.asked.append(commands)
        if self.lost:
            raise InstanceFailed("the connection was lost")
        answers = {}
        for command in commands:
            done = subprocess.run(["sh", "-c", command], capture_output=True)
            if command not in self.late:
                answers[command] = Answer(done.returncode, done.stdout, done.stderr)
        return answers


@pytest.fixture
def connector() -> LocalConnector:
    return LocalConnector()

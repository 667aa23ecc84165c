"""What is to be verified, and what was found. Imports no pytest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gpustrap.engine.connector import ReplayConnector
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context


@dataclass(frozen=True)
class Subject:
    """One instance to verify: its connection and what was decided for it."""

    name: str
    connector: ReplayConnector
    chosen: Mapping[str, Any]  # role → what was decided
    survey: Survey
    context: Context
    remembered: Path | None  # where the commands of the last verification are kept
    same: bool = True  # the settings are those of that verification, so it asks the same
    says: Callable[[str], None] = lambda _line: None  # hears what is waited for


@dataclass(frozen=True)
class Broken:
    """A promise that does not hold on an instance. `parts`: of what, where it is about several, such as services.

    `by_others`: it is nothing that `up` makes, or can mend.
    """

    role: str
    promise: str
    error: str
    parts: tuple[str, ...] = ()
    by_others: bool = False


@dataclass(frozen=True)
class Skipped:
    """A test that was skipped, or a whole verify.py, and what it says of it."""

    role: str
    promise: str
    why: str


@dataclass
class Verdict:
    """What was checked on one instance. `passed` counts tests; a skipped one promised nothing here."""

    passed: int = 0
    broken: list[Broken] = field(default_factory=list)
    failed: InstanceFailed | None = None  # it could not be asked
    skipped: list[Skipped] = field(default_factory=list)
    held: list[str] = field(default_factory=list)  # of each test that passed: role and promise
    empty: list[str] = field(default_factory=list)  # the roles whose verify.py holds no test

"""What a role's verify.py may do to end pytest itself is a fault of that file, and the other tests still run."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from gpustrap.language import tr


class Ends:
    """Keeps a test or a file from ending the run, and knows what did not run where it was ended all the same."""

    def __init__(self) -> None:
        self.file: Path | None = None  # whose code ran last
        self.stopped = False  # by Ctrl-C
        self._items: list[pytest.Item] = []
        self._done: set[str] = set()

    @property
    def untested(self) -> list[pytest.Item]:
        """What was collected and did not run."""
        return [item for item in self._items if item.nodeid not in self._done]

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        self.file = collector.path
        try:
            return (yield)
        except (SystemExit, pytest.exit.Exception) as ended:
            return pytest.CollectReport(collector.nodeid, "failed", _words(ended), [])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._items = list(session.items)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self.file = item.path
        return (yield from _not_ended())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, Any, Any]:
        return (yield from _not_ended())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, Any, Any]:
        return (yield from _not_ended())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            self._done.add(report.nodeid)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.stopped = excinfo.type is KeyboardInterrupt  # pytest's own ways to stop are kinds of it

    def pytest_internalerror(self) -> bool:
        return True  # it is told in words


def _not_ended() -> Generator[None, Any, Any]:
    try:
        return (yield)
    except (SystemExit, pytest.exit.Exception) as ended:
        raise AssertionError(_words(ended)) from ended


def _words(ended: BaseException) -> str:
    said = str(ended)
    call = "sys.exit" if isinstance(ended, SystemExit) else "pytest.exit"
    return tr("it ends the whole proof, by `{call}`", call=call) + (f": {said}" if said else "")

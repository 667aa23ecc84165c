"""A pytest plugin: which test runs which line, and how long each test takes, as `map.json` in $MUTATION_FOLDER."""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import coverage
import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("src/gpustrap/engine", "src/gpustrap/verify", "roles")
FOLDER = Path(os.environ["MUTATION_FOLDER"])

seconds: dict[str, float] = {}
broken: set[str] = set()
tracers: list[Any] = []
cover = coverage.Coverage(
    data_file=None,
    concurrency=["thread", "gevent"],
    include=[f"{ROOT}/{source}/*" for source in SOURCES],
    config_file=False,
)


def pytest_sessionstart() -> None:
    cover.start()
    tracers.append(sys.gettrace())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    cover.switch_context(item.nodeid)
    sys.settrace(tracers[0])  # a switch of greenlets in the test before may have lost it
    began = perf_counter()
    result = yield
    seconds[item.nodeid] = perf_counter() - began
    cover.switch_context("")
    return result


def pytest_runtest_logreport(report: Any) -> None:
    if report.failed:
        broken.add(report.nodeid)


def pytest_sessionfinish() -> None:
    cover.stop()
    lines: dict[str, dict[int, list[str]]] = defaultdict(dict)
    data = cover.get_data()
    for file in data.measured_files():
        for line, tests in data.contexts_by_lineno(file).items():
            lines[str(Path(file).relative_to(ROOT))][line] = sorted(set(tests) - broken - {""})
    told = {"lines": lines, "seconds": seconds, "broken": sorted(broken)}
    file = FOLDER / "map.json"
    if os.environ.get("MUTATION_BESIDES") and file.exists():
        told = _besides(json.loads(file.read_text()), told)
    file.write_text(json.dumps(told))


def _besides(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What an earlier run told, too; where both tell of a test, the later one counts."""
    lines = {file: {int(line): tests for line, tests in rows.items()} for file, rows in before["lines"].items()}
    for file, rows in now["lines"].items():
        for line, tests in rows.items():
            known = lines.setdefault(file, {}).get(line, [])
            lines[file][line] = sorted({*known, *tests} - set(now["broken"]))
    broken = (set(before["broken"]) - set(now["seconds"])) | set(now["broken"])
    return {"lines": lines, "seconds": before["seconds"] | now["seconds"], "broken": sorted(broken)}

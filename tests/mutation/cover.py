"""A pytest plugin: which test runs which line, and how long each test takes, as `map.json` in $MUTATION_FOLDER."""

from __future__ import annotations

import json
import os
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
cover = coverage.Coverage(
    data_file=None,
    concurrency=["thread", "gevent"],
    include=[f"{ROOT}/{source}/*" for source in SOURCES],
    config_file=False,
)


def pytest_sessionstart() -> None:
    cover.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    cover.switch_context(item.nodeid)
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
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "map.json").write_text(json.dumps({"lines": lines, "seconds": seconds, "broken": sorted(broken)}))

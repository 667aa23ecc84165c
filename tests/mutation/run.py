"""Try mutants of the engine, verify and the roles: `.venv/bin/python tests/mutation/run.py --help`; see README.md."""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from mutants import Mutant, mutants_of
from reasons import REASONS

ROOT = HERE.parents[1]
SOURCES = ("src/gpustrap/engine", "src/gpustrap/verify", "roles")
TESTS = ("engine", "verify", "roles", "run", "cli")
FOLDER = Path(os.environ.get("MUTATION_FOLDER") or Path(tempfile.gettempdir()) / "gpustrap-mutation")
RESULTS = FOLDER / "results.jsonl"
NICE = os.environ.get("MUTATION_NICE", "19")
MOST_SECONDS = 5  # of tests for one mutant, as they took in the coverage run
LEAST_SECONDS = 10  # before any test counts as one that does not end
SEED = 13
OPEN = "open"
# Tests that say how long something takes, or that wait for what others do meanwhile: they fail where the machine is slow.
TIMED = (
    "test_measure.py::test_thirty_places", "test_measure.py::test_an_error_page_is_not_the_fastest",
    "facts/test_doctor.py::test_clients_that_hang", "facts/test_pythons.py::test_pythons_that_hang",
    "scripts/test_cards.py::test_a_nvidia_smi_that_hangs", "scripts/test_probe.py::test_all_are_asked",
    "scripts/test_probe.py::test_thirty_places", "engine/test_service_kills.py", "test_services.py::test_a_hundred_kills",
)  # fmt: skip
DECISION = "test_the_whole_decision_on_a_box_of_others"


def sources() -> list[str]:
    files = [file for source in SOURCES for file in sorted((ROOT / source).rglob("*.py"))]
    return [str(file.relative_to(ROOT)) for file in files]


def all_mutants(parts: list[str]) -> list[Mutant]:
    wanted = [name for name in sources() if not parts or any(part in name for part in parts)]
    return [mutant for name in wanted for mutant in mutants_of(name, (ROOT / name).read_text())]


class Map:
    """Which tests run which line, from the coverage run."""

    def __init__(self, most_seconds: float) -> None:
        self.most_seconds = most_seconds
        said = json.loads((FOLDER / "map.json").read_text())
        self.lines: dict[str, dict[str, list[str]]] = said["lines"]
        self.seconds: dict[str, float] = said["seconds"]
        self.broken = {test for test in self.seconds if any(part in test for part in TIMED)} | set(said["broken"])

    def tests_for(self, mutant: Mutant) -> list[str]:
        """Those that run the changed statement; its own module's and the quick ones first.

        Then all others of its own module: coverage may miss what runs after a switch of greenlets.
        """
        rows = self.lines.get(mutant.file, {})
        first, last = mutant.lines
        found = {test for line in range(first, last + 1) for test in rows.get(str(line), ())}
        if not mutant.function or not found:
            found = {test for tests in rows.values() for test in tests} | set(self._mirrored(mutant))
        order = sorted(
            (found | self._own(mutant.file)) - self.broken,
            key=lambda test: (test not in found, self._cost(mutant, test)),
        )
        return self._within_time(order)

    @cache  # noqa: B019 (one map in a run)
    def _own(self, file: str) -> set[str]:
        return {test for test in self.seconds if test.startswith(_mirror(file))}

    def _cost(self, mutant: Mutant, test: str) -> tuple[int, float]:
        own, seconds = self._is_own(mutant, test), self.seconds.get(test, 1)
        return (0 if own and seconds < 0.1 else 1 if seconds < 0.1 else 2 if own else 3), seconds

    def _within_time(self, tests: list[str]) -> list[str]:
        chosen, spent = [], 0.0
        for test in tests:
            spent += self.seconds.get(test, 1)
            if chosen and spent > self.most_seconds:
                break
            chosen.append(test)
        return chosen

    def _is_own(self, mutant: Mutant, test: str) -> bool:
        """Of its own module; a whole decision is one of its role's, too."""
        role = mutant.file.split("/")[1]
        return test.startswith((_mirror(mutant.file), f"tests/unit/roles/test_decided.py::{DECISION}[{role}"))

    def _mirrored(self, mutant: Mutant) -> list[str]:
        """Those beside its own, and those about all roles."""
        folder = _mirror(mutant.file).rpartition("/")[0]
        places = (f"{folder}/", "tests/unit/roles/test_") if mutant.file.startswith("roles/") else (f"{folder}/",)
        return [test for test in self.seconds if test.startswith(places) and test not in self.broken]

    def task(self, mutant: Mutant, **more: Any) -> dict[str, Any]:
        return {**asdict(mutant), "name": mutant.name, "tests": self.tests_for(mutant)} | more

    def limits(self) -> dict[str, float]:
        """Of each test, what is sure to be too long."""
        return {test: LEAST_SECONDS + 8 * seconds for test, seconds in self.seconds.items()}


@cache
def _mirror(file: str) -> str:
    inner = Path(file.removeprefix("src/gpustrap/"))
    return f"tests/unit/{inner.parent}/test_{inner.stem}"


def cover(tests: list[str]) -> None:
    """Of all tests, or of these besides those of the run before."""
    FOLDER.mkdir(exist_ok=True)
    _pytest("cover", tests or _test_folders(), MUTATION_BESIDES="yes" if tests else "").wait()


def _test_folders() -> list[str]:
    return [*(f"tests/unit/{name}" for name in TESTS), "tests/operations"]


def _pytest(plugin: str, arguments: list[str], **environment: str) -> subprocess.Popen[bytes]:
    options = ["-p", plugin, "-q", "--no-header", "-p", "no:cacheprovider", *arguments]
    variables = {**os.environ, "PYTHONPATH": f"{HERE}:{ROOT / 'src'}", "MUTATION_FOLDER": str(FOLDER), **environment}
    with (FOLDER / f"{plugin}.log").open("a") as log:
        command = ["nice", "-n", NICE, sys.executable, "-m", "pytest", *options]
        return subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=log, preexec_fn=_heed_signals)


def _heed_signals() -> None:
    """As in a terminal, also where all of this was started by nohup: some tests are about signals."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def results() -> dict[str, str]:
    """Mutant → its last outcome."""
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    rows = (row for row in map(json.loads, lines) if row["outcome"] != "could not be tried")
    return {row["name"]: row["outcome"] for row in rows}


def doubted() -> set[str]:
    """Those whose death a slow machine may have caused: they are tried once more on a quiet one."""
    lines = map(json.loads, RESULTS.read_text().splitlines())
    last = {row["name"]: row for row in lines if row["outcome"] != "could not be tried"}
    of_time = ("out of time", "ended")
    return {name for name, row in last.items() if row["outcome"] in of_time or "Time" in row.get("error", "")}


def control(processes: int, seconds: float) -> None:
    """Run the tests of every module on the code as it is, in both ways: what does not survive is no measure."""
    tests, tasks = Map(seconds), []
    for file in sorted(tests.lines):
        for function in ("", "control"):
            mutant = Mutant(file, (0, 0), function, 0, "", "", 0)
            tasks.append(tests.task(mutant, name=f"control:{mutant.name}", at_import=False))
    serve(tasks, processes, tests.limits())
    print(*(f"{name}: {outcome}" for name, outcome in results().items()
            if name.startswith("control:") and outcome != "survived"), sep="\n")  # fmt: skip


def run(chosen: list[Mutant], processes: int, most_seconds: float) -> None:
    tests, names = Map(most_seconds), called_at_import()
    tasks = [tests.task(mutant, at_import=mutant.function in names) for mutant in chosen]
    with RESULTS.open("a") as out:
        for task in tasks:
            if not task["tests"]:
                out.write(json.dumps({"name": task["name"], "outcome": "no test", "seconds": 0}) + "\n")
    tried = [task for task in tasks if task["tests"]]
    print(f"{len(tried)} to try, {len(chosen) - len(tried)} that no test runs", flush=True)
    serve(tried, processes, tests.limits())


def called_at_import() -> set[str]:
    """Names of functions that a module calls while it is imported, as what makes a validator is."""
    trees = [ast.parse((ROOT / name).read_text()) for name in sources()]
    told = [inner for tree in trees for outer in tree.body for inner in _run_at_import(outer)]
    return {call.func.id for call in told if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)}


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what is in it, but for the bodies of functions."""
    yield node
    for field, value in ast.iter_fields(node):
        if not (isinstance(node, ast.FunctionDef) and field == "body"):
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, ast.AST):
                    yield from _run_at_import(each)


def serve(tasks: list[dict[str, Any]], processes: int, limits: dict[str, float]) -> None:
    running = []
    for shard in range(processes):
        file = FOLDER / f"task-{os.getpid()}-{shard}.json"
        told = {"results": str(RESULTS), "limits": limits, "mutants": tasks[shard::processes]}
        file.write_text(json.dumps(told))
        running.append(_pytest("serve", _test_folders(), MUTATION_TASK=str(file)))
    for process in running:
        process.wait()


def report(mutants: list[Mutant]) -> None:
    known = results()
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for mutant in mutants:
        outcome = known.get(mutant.name, "not tried")
        table[mutant.file][outcome if outcome in ("survived", "no test", "not tried") else "killed"] += 1
    total: Counter[str] = Counter()
    for file, counts in table.items():
        total += counts
        print(_row(file, counts))
    print(_row("all", total))


def _row(file: str, counts: Counter[str]) -> str:
    tried = counts.total() - counts["not tried"]
    killed = f"{100 * counts['killed'] / tried:.1f} %" if tried else "-"
    return f"| {file} | {counts.total()} | {tried} | {counts['killed']} | {counts['survived'] + counts['no test']} | {killed} |"


def survivors(mutants: list[Mutant]) -> None:
    known = results()
    for mutant in mutants:
        if known.get(mutant.name) in ("survived", "no test"):
            place = f"{mutant.file}:{mutant.lines[0]} {mutant.function}".strip()
            print(f"- {place} [{mutant.operator}] `{mutant.text}` #{mutant.number}: {reason_of(mutant)}")


def reason_of(mutant: Mutant) -> str:
    said = f"{mutant.file}:{mutant.function} [{mutant.operator}] {mutant.text}"
    return next((reason for part, reason in REASONS if part in said), OPEN)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=["cover", "control", "run", "again", "doubted", "report", "survivors"])
    parser.add_argument("parts", nargs="*", help="only files whose path holds one of these; of cover: tests")
    parser.add_argument("--sample", type=int, help="so many of those not tried yet, the same ones each time")
    parser.add_argument("-n", type=int, default=2, help="processes")
    parser.add_argument("--seconds", type=float, default=MOST_SECONDS, help="of tests for one mutant")
    asked = parser.parse_intermixed_args()
    if asked.verb == "cover":
        cover(asked.parts)
        return
    if asked.verb == "control":
        control(asked.n, asked.seconds)
        return
    mutants = all_mutants(asked.parts)
    known = results()
    if asked.verb == "run":
        new = [mutant for mutant in mutants if mutant.name not in known]
        random.Random(SEED).shuffle(new)
        new.sort(key=lambda mutant: not mutant.function)  # the quick ones first
        run(new[: asked.sample], asked.n, asked.seconds)
    elif asked.verb == "doubted":
        run([mutant for mutant in mutants if mutant.name in doubted()], asked.n, asked.seconds)
    elif asked.verb == "again":
        survived = [mutant for mutant in mutants if known.get(mutant.name) in ("survived", "no test")]
        left = [mutant for mutant in survived if reason_of(mutant) == OPEN]  # the quick ones first
        left.sort(key=lambda mutant: not mutant.function)
        run(left, asked.n, asked.seconds)
    {"survivors": survivors}.get(asked.verb, report)(mutants)


if __name__ == "__main__":
    main()

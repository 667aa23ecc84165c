"""Try mutants of the engine, verify and the roles: `.venv/bin/python tests/mutation/run.py --help`; see README.md."""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import asdict
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
MOST_SECONDS = 5  # of tests for one mutant, as they took in the coverage run
SEED = 13
OPEN = "open"
DECISION = "test_the_whole_decision_on_a_box_of_others"


def all_mutants(parts: list[str]) -> list[Mutant]:
    files = [file for source in SOURCES for file in sorted((ROOT / source).rglob("*.py"))]
    names = [str(file.relative_to(ROOT)) for file in files]
    wanted = [name for name in names if not parts or any(part in name for part in parts)]
    return [mutant for name in wanted for mutant in mutants_of(name, (ROOT / name).read_text())]


class Map:
    """Which tests run which line, from the coverage run."""

    def __init__(self, most_seconds: float) -> None:
        self.most_seconds = most_seconds
        said = json.loads((FOLDER / "map.json").read_text())
        self.lines: dict[str, dict[str, list[str]]] = said["lines"]
        self.seconds: dict[str, float] = said["seconds"]
        self.broken = set(said["broken"])

    def tests_for(self, mutant: Mutant) -> list[str]:
        """Those that run the changed statement; its own module's and the quick ones first."""
        rows = self.lines.get(mutant.file, {})
        first, last = mutant.lines
        found = {test for line in range(first, last + 1) for test in rows.get(str(line), ())}
        if not mutant.function or not found:  # also what ran after a switch of greenlets, which coverage may miss
            found = {test for tests in rows.values() for test in tests} | set(self._mirrored(mutant))
        return self._within_time(sorted(found, key=lambda test: self._cost(mutant, test)))

    def _cost(self, mutant: Mutant, test: str) -> tuple[int, float]:
        own, seconds = self._is_own(mutant, test), self.seconds.get(test, 1)
        return (0 if own and seconds < 1 else 1 if seconds < 0.1 else 2 if own else 3), seconds

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

    def limit(self, tests: list[str]) -> float:
        return 60 + 8 * sum(self.seconds.get(test, 1) for test in tests)


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
    variables = {**os.environ, "PYTHONPATH": str(HERE), "MUTATION_FOLDER": str(FOLDER), **environment}
    with (FOLDER / f"{plugin}.log").open("a") as log:
        command = ["nice", "-n", "19", sys.executable, "-m", "pytest", *options]
        return subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=log)


def results() -> dict[str, str]:
    """Mutant → its last outcome."""
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    rows = (row for row in map(json.loads, lines) if row["outcome"] != "could not be tried")
    return {row["name"]: row["outcome"] for row in rows}


def control(processes: int, seconds: float) -> None:
    """Run the tests of every module on the code as it is, in both ways: what does not survive is no measure."""
    tests, tasks = Map(seconds), []
    for file in sorted(tests.lines):
        for function in ("", "control"):
            mutant = Mutant(file, (0, 0), function, 0, "", "", 0)
            ids = tests.tests_for(mutant)
            tasks.append({**asdict(mutant), "name": f"control:{mutant.name}", "tests": ids, "limit": tests.limit(ids)})
    serve(tasks, processes)
    print(*(f"{name}: {outcome}" for name, outcome in results().items()
            if name.startswith("control:") and outcome != "survived"), sep="\n")  # fmt: skip


def run(chosen: list[Mutant], processes: int, most_seconds: float) -> None:
    tests = Map(most_seconds)
    tasks: list[dict[str, Any]] = []
    with RESULTS.open("a") as out:
        for mutant in chosen:
            ids = tests.tests_for(mutant)
            if ids:
                tasks.append({**asdict(mutant), "name": mutant.name, "tests": ids, "limit": tests.limit(ids)})
            else:
                out.write(json.dumps({"name": mutant.name, "outcome": "no test", "seconds": 0}) + "\n")
    print(f"{len(tasks)} to try, {len(chosen) - len(tasks)} that no test runs", flush=True)
    serve(tasks, processes)


def serve(tasks: list[dict[str, Any]], processes: int) -> None:
    running = []
    for shard in range(processes):
        file = FOLDER / f"task-{os.getpid()}-{shard}.json"
        file.write_text(json.dumps({"results": str(RESULTS), "mutants": tasks[shard::processes]}))
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
    parser.add_argument("verb", choices=["cover", "control", "run", "again", "report", "survivors"])
    parser.add_argument("parts", nargs="*", help="only files whose path holds one of these; of cover: tests")
    parser.add_argument("--sample", type=int, help="so many of those not tried yet, the same ones each time")
    parser.add_argument("-n", type=int, default=2, help="processes")
    parser.add_argument("--seconds", type=float, default=MOST_SECONDS, help="of tests for one mutant")
    asked = parser.parse_args()
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
        run(new[: asked.sample], asked.n, asked.seconds)
    elif asked.verb == "again":
        survived = [mutant for mutant in mutants if known.get(mutant.name) in ("survived", "no test")]
        left = [mutant for mutant in survived if reason_of(mutant) == OPEN]  # the quick ones first
        left.sort(key=lambda mutant: not mutant.function)
        run(left, asked.n, asked.seconds)
    {"survivors": survivors}.get(asked.verb, report)(mutants)


if __name__ == "__main__":
    main()

"""How long the 14-step bootstrap takes, as whole processes over ssh: gpustrap beside what it is measured by.

`python tests/bench/bench.py --rounds 3` prints the tables in Markdown; README.md says what is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from boxes import BoxFailed
from contenders import ANSIBLE, CONTENDERS, NAMES
from rounds import Plan, Row, measure
from table import report, what

from gpustrap.errors import BadInput, InstanceFailed


def main() -> int:
    given = options().parse_args()
    rows: list[Row] = []
    head = machine()
    try:
        with work_folder(given.work) as work:
            folder = Path(tempfile.mkdtemp(prefix="run-", dir=work))
            for row in chain.from_iterable(map(measure, plans(given, work, folder))):
                rows.append(row)
                say(row)
                if given.jsonl:
                    keep(row, given.jsonl)
    except (BoxFailed, BadInput, InstanceFailed) as failed:
        print(failed, file=sys.stderr)
        return 1
    print(f"{head}\n\n{report(rows)}", end="")
    return 1 if any(row.problem for row in rows) else 0


def plans(given: argparse.Namespace, work: Path, folder: Path) -> Iterator[Plan]:
    """What was asked for; `--whole` is all that README.md shows."""
    parts = [(given.contenders, given.hosts, given.rtt, given.rounds)]
    if given.whole:
        parts = [
            (NAMES, [1], [0, 100], given.rounds),
            (("hand", "gpustrap", "pyinfra"), [8], [100], given.rounds),
            (("hand", "gpustrap"), [32], [100], 1),
        ]
    for names, hosts, rtts, rounds in parts:
        chosen = tuple(contender for contender in CONTENDERS if contender.name in names)
        yield Plan(chosen, tuple(hosts), tuple(rtts), rounds, work, folder)


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="gpustrap's `up` beside other ways to do the same job")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (3)")
    parser.add_argument(
        "--contenders", nargs="+", choices=NAMES, default=NAMES, metavar="NAME", help=f"of {', '.join(NAMES)} (all)"
    )
    parser.add_argument("--rtt", nargs="+", type=float, default=[0, 100], metavar="MS", help="round trips (0 100)")
    parser.add_argument("--hosts", nargs="+", type=int, default=[1], metavar="N", help="how many at once (1)")
    parser.add_argument(
        "--whole", action="store_true", help="1 host at 0 and 100 ms, 8 and 32 at 100 ms: all tables of README.md"
    )
    parser.add_argument("--work", type=Path, help="folder to keep environments and logs in (a temporary one)")
    parser.add_argument("--jsonl", type=Path, help="file to append every run to, one JSON object a line")
    return parser


@contextmanager
def work_folder(kept: Path | None) -> Iterator[Path]:
    """Where environments and each call's files go; the folder stays only where it is the person's own."""
    if kept is None:
        with tempfile.TemporaryDirectory(prefix="gpustrap-bench-") as folder:
            yield Path(folder)
        return
    kept.mkdir(parents=True, exist_ok=True)
    yield kept.resolve()


def say(row: Row) -> None:
    text = f"{what(row)}: {row.wall_s:.2f} s, {row.execs} execs"
    print(f"{text}; DISCARDED: {row.problem}" if row.problem else text, file=sys.stderr)


def keep(row: Row, path: Path) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(row)) + "\n")


def machine() -> str:
    """When and on what the figures are taken, and how busy it is already (load average of the last minute)."""
    system = f"{os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), {platform.system()} {platform.machine()}"
    python = f"Python {platform.python_version()}"
    return f"{datetime.now(UTC):%Y-%m-%d}: {system}, {python}, pyinfra {version('pyinfra')}, {ANSIBLE}"


if __name__ == "__main__":
    sys.exit(main())

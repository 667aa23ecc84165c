"""How long deciding takes: `torch explain` as a process, the resolver, the reading of a hosts.yml.

    python tests/bench/decisions.py

Prints a Markdown table of medians of 15. Aims (issue 4): the resolver ≤ 10 ms, the process ≤ 0.5 s.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.mirrors import mirrors_of
from gpustrap.catalog.torch import load_catalog
from gpustrap.inventory.hosts import load_hosts
from gpustrap.resolve.torch.choose import choose_build
from gpustrap.resolve.torch.machine import Machine, Supply, declare
from gpustrap.resolve.torch.request import read_want
from gpustrap.resolve.torch.site import Site

ROUNDS = 15
HOSTS = "instances:\n  a:\n    ssh: ssh -p 28123 root@i-1.gpushare.com\n    roles: [services]\n"


def median_ms(action: Callable[[], object]) -> float:
    """The median of ROUNDS runs after one that is not counted, in milliseconds."""
    action()
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        action()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def explain() -> None:
    words = ["torch", "explain", "--gpu", "4090", "--driver", "570.124.06", "--torch", "2.9.1", "--json"]
    subprocess.run([sys.executable, "-m", "gpustrap", *words], check=True, stdout=subprocess.DEVNULL)


def resolve(driver: tuple[int, ...]) -> Callable[[], object]:
    """The resolver on an RTX 4090 with that driver, tables loaded before."""
    catalog, supply = load_catalog(), Supply(mirrors_of("torch", "cn"), "https://pip.example/simple")
    machine = declare(Machine(driver=driver), "4090", load_cards())
    want = read_want("2.9.1", "12.8", catalog)
    return lambda: choose_build(want, Site(machine, supply, catalog))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "inventory").mkdir()
        (Path(folder) / "inventory" / "hosts.yml").write_text(HOSTS, encoding="utf-8")
        rows = {
            "`torch explain`, a process": median_ms(explain),
            "resolver, a build": median_ms(resolve((570, 124, 6))),
            "resolver, a refusal": median_ms(resolve((470, 82, 1))),
            "reading a small hosts.yml": median_ms(lambda: load_hosts(Path(folder))),
        }
    print("| what | median, ms |\n|---|---|")
    for what, taken in rows.items():
        print(f"| {what} | {taken:.1f} |")


if __name__ == "__main__":
    main()

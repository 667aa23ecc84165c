"""Rows as Markdown: seconds with their ratio to the hand script, then what was opened and used."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from rounds import SCENARIOS, Row

KINDS = ("connections", "execs", "sftp")


def report(rows: Sequence[Row]) -> str:
    """Every table, and the runs that do not count."""
    counting = [row for row in rows if row.problem is None]
    places = dict.fromkeys((row.hosts, row.rtt_ms) for row in rows)
    parts = [
        section(hosts, rtt_ms, [r for r in counting if (r.hosts, r.rtt_ms) == (hosts, rtt_ms)])
        for hosts, rtt_ms in places
    ]
    return "\n\n".join([*parts, discarded(rows)]) + "\n"


def section(hosts: int, rtt_ms: float, rows: Sequence[Row]) -> str:
    title = f"### {hosts} host{'s' if hosts > 1 else ''}, RTT {rtt_ms:g} ms"
    return f"{title}\n\n{seconds(rows)}\n\n{channels(rows)}"


def seconds(rows: Sequence[Row]) -> str:
    """Wall time: median (least–most), and its ratio to the hand script's."""
    head = [cell for scenario in SCENARIOS for cell in (f"{scenario}, s", "× hand")]
    lines = []
    for name in names(rows):
        line = [name]
        for scenario in SCENARIOS:
            line += [spread(walls(rows, name, scenario)), ratio(rows, name, scenario)]
        lines.append(line)
    return table(["contender", *head], lines)


def channels(rows: Sequence[Row]) -> str:
    """What sshd counted and what this machine computed, medians of all hosts together."""
    lines = []
    for name in names(rows):
        for scenario in SCENARIOS:
            if some := chosen(rows, name, scenario):
                counts = [f"{median(getattr(row, kind) for row in some):g}" for kind in KINDS]
                cpu_s = f"{median(row.cpu_s for row in some):.2f}"
                trips = [row.round_trips for row in some if row.round_trips is not None]
                waited = f"{median(trips):.0f}" if trips else "-"
                memory = f"{max(row.memory_mb for row in some):.0f}"
                lines.append([name, scenario, *counts, waited, cpu_s, memory, str(len(some))])
    return table(["contender", "run", *KINDS, "round trips", "local CPU, s", "memory, MB", "runs"], lines)


def discarded(rows: Sequence[Row]) -> str:
    bad = [row for row in rows if row.problem is not None]
    head = f"Runs discarded (failed, or another end state than the hand script's): {len(bad)}"
    return "\n".join([head, *(f"- {what(row)}: {row.problem}" for row in bad)])


def what(row: Row) -> str:
    """Which run a row is."""
    return f"{row.contender}, {row.scenario}, {row.hosts} × RTT {row.rtt_ms:g} ms, round {row.round}"


def names(rows: Sequence[Row]) -> list[str]:
    """In the order of their no-op medians, the fastest first."""

    def no_op(name: str) -> float:
        return median(walls(rows, name, "no-op") or [float("inf")])

    return sorted({row.contender for row in rows}, key=no_op)


def chosen(rows: Sequence[Row], name: str, scenario: str) -> list[Row]:
    return [row for row in rows if (row.contender, row.scenario) == (name, scenario)]


def walls(rows: Sequence[Row], name: str, scenario: str) -> list[float]:
    return [row.wall_s for row in chosen(rows, name, scenario)]


def spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})" if values else "-"


def ratio(rows: Sequence[Row], name: str, scenario: str) -> str:
    own, hand = walls(rows, name, scenario), walls(rows, "hand", scenario)
    return f"{median(own) / median(hand):.1f}" if own and hand else "-"


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rule = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))

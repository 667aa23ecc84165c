"""The measurement: for each count of hosts, each distance and each round, every contender on new boxes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import boxes as lab
from contenders import CONTENDERS, Contender, installed
from timing import Command, timed

SCENARIOS = ("fresh", "no-op", "drift")


@dataclass(frozen=True)
class Row:
    """One run. `round_trips` are those of a connection, by the relay that makes them. `problem` says why it does not count: it failed, or its end state is not the hand script's."""

    contender: str
    scenario: str
    hosts: int
    rtt_ms: float
    round: int
    wall_s: float
    cpu_s: float
    memory_mb: float
    round_trips: float | None
    connections: int
    execs: int
    sftp: int
    problem: str | None


@dataclass(frozen=True)
class Group:
    """What is the same for every run of a round."""

    boxes: tuple[str, ...]
    hosts: tuple[lab.Host, ...]
    rtt_ms: float
    round: int
    reference: str
    folder: Path
    turns: Path


@dataclass(frozen=True)
class Plan:
    """What to measure. `environments` keeps virtual environments, `folder` is new and takes all else."""

    contenders: tuple[Contender, ...]
    host_counts: tuple[int, ...]
    rtts_ms: tuple[float, ...]
    rounds: int
    environments: Path
    folder: Path


def measure(plan: Plan) -> Iterator[Row]:
    """One row a run, as they are done. The order of the contenders is rotated each round."""
    bins = {contender: installed(contender, plan.environments) for contender in plan.contenders}
    for count in plan.host_counts:
        with lab.made_boxes(count) as boxes:
            reference = reference_state(boxes[:1], plan.folder / f"reference-{count}")
            for group in groups(plan, boxes, reference):
                for contender in rotated(plan.contenders, group.round):
                    yield from run_all(contender, bins[contender], group)


def groups(plan: Plan, boxes: tuple[str, ...], reference: str) -> Iterator[Group]:
    """Every round at every distance."""
    for rtt_ms in plan.rtts_ms:
        turns = plan.folder / f"turns-{len(boxes)}-{rtt_ms:g}"
        turns.touch()
        with lab.reached(boxes, rtt_ms, turns) as hosts:
            for number in range(plan.rounds):
                folder = plan.folder / f"{len(boxes)}-{rtt_ms:g}-{number}"
                yield Group(boxes, hosts, rtt_ms, number, reference, folder, turns)


def rotated(contenders: Sequence[Contender], by: int) -> list[Contender]:
    start = by % len(contenders)
    return [*contenders[start:], *contenders[:start]]


def reference_state(boxes: tuple[str, ...], folder: Path) -> str:
    """The end state that counts as right: what the hand script leaves on a new box."""
    lab.renew(boxes)
    with lab.reached(boxes, 0) as hosts:
        command = CONTENDERS[0].start(hosts, made(folder), Path())
        done = timed(command, folder / "log")
    if done.status:
        raise lab.BoxFailed((folder / "log").read_text())
    return lab.state(boxes[0])


def run_all(contender: Contender, bin: Path, group: Group) -> Iterator[Row]:
    """Every scenario in turn, on boxes as new."""
    lab.renew(group.boxes)
    folder = made(group.folder / contender.name)
    command = contender.start(group.hosts, folder, bin)
    for scenario in SCENARIOS:
        if scenario == "drift":
            lab.drift(group.boxes)
        yield run_one(contender, scenario, command, group, folder)
        contender.end_run(folder)


def run_one(contender: Contender, scenario: str, command: Command, group: Group, folder: Path) -> Row:
    log = folder / f"{scenario}.log"
    before, kept = lab.sessions(group.boxes), len(group.turns.read_text().split())
    done = timed(command, log)
    after = lab.sessions(group.boxes)
    return Row(
        contender.name,
        scenario,
        len(group.boxes),
        group.rtt_ms,
        group.round,
        done.wall_s,
        done.cpu_s,
        done.memory_mb,
        round_trips(group, kept, after["connections"] - before["connections"]),
        **{kind: after[kind] - before[kind] for kind in after},
        problem=f"exit status {done.status}, see {log}" if done.status else differing(group),
    )


def round_trips(group: Group, kept: int, connections: int) -> float | None:
    """Of one connection, on average; the relay keeps them as soon as it has seen the end of each."""
    if group.rtt_ms == 0:
        return None
    patience = time.monotonic() + 10
    while len(ended := group.turns.read_text().split()[kept:]) < connections and time.monotonic() < patience:
        time.sleep(0.05)
    return sum(map(int, ended)) / len(ended) if ended else None


def differing(group: Group) -> str | None:
    """The first line by which a box differs from the reference; None when all are equal."""
    states: Mapping[str, str] = {name: lab.state(name) for name in group.boxes}
    for name, state in states.items():
        if state != group.reference:
            lines = [line for line in state.splitlines() if line not in group.reference.splitlines()]
            return f"end state of {name} differs: {lines[0] if lines else 'a line is missing'}"
    return None


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder

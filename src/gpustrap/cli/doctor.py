"""`gpustrap doctor`: which services work from each instance, where the others break, and what mends it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gpustrap.cli.instances import failure_json, selected
from gpustrap.cli.options import Json, Names
from gpustrap.cli.output import note, print_json, say
from gpustrap.language import mark, tr
from gpustrap.ui.table import aligned, wrapped

if TYPE_CHECKING:
    from gpustrap.inventory.instance import Instance
    from gpustrap.resolve.net.judge import Verdict
    from gpustrap.resolve.net.worth import Worth
    from gpustrap.run.doctor import Diagnosis

STATES = (mark("works"), mark("slow"), mark("blocked"))  # as a verdict says them

PARTS = {
    "egress": mark("download, of the fastest package index"),
    "disk": mark("disk, writing into the home"),
    "avx2": mark("processor has AVX2"),
    "cpus": mark("processors it may use"),
    "memory": mark("memory it may use"),
    "shm": "/dev/shm",
    "pids": mark("processes and threads it may have"),
    "idle": mark("nobody else uses it"),
    "clean": mark("uncorrected memory errors"),
    "pcie": mark("PCIe lanes"),
}
GRADES = {True: mark("good"), False: mark("low"), None: mark("not told")}
AskWorth = Annotated[
    bool,
    typer.Option("--worth", help="Also measure whether the box is worth its money: 128 MiB are written and removed."),
]
AskFix = Annotated[
    bool, typer.Option("--fix", help="Mend what is safe: the mode of your key, measured mirrors in hosts.yml.")
]


def doctor(names: Names = None, worth: AskWorth = False, fix: AskFix = False, json: Json = False) -> None:
    """Say which services work, and why others do not. Changes nothing on an instance, and without --fix nothing here.

    Each package manager on the box is asked where it asks; all places are tried at the same time, for 8 s at most.
    First this computer: its key, the ProxyCommand of ssh_config, the proxy that its variables name.
    With --worth also rate of network and disk, processor, limits, and how clean and idle the cards are, each beside
    what is wanted and whence that figure is; what is low there changes no exit code.
    --fix makes your key its owner's alone; where a service is blocked it writes `mirrors: {measure: true}` or the
    provider's own proxy into hosts.yml, unless something of that is written there already.

    Exit code: 0 nothing is blocked · 1 something is blocked, or an instance cannot be reached · 2 bad input.
    """
    found = _found(names or [], worth, fix)
    if json:
        print_json({"instances": {name: as_json(one) for name, one in found.items()}})
    else:
        for rows in (rows_of, worth_rows):
            if told := [row for name, one in found.items() for row in rows(name, one)]:
                say(aligned(told))
        for line in (line for name, one in found.items() for line in mends_of(name, one)):
            say(wrapped(line))
        for one in found.values():
            if one.failed:
                note(one.failed)
    raise typer.Exit(0 if all(one.ok for one in found.values()) else 1)


def _found(names: list[str], worth: bool, fix: bool) -> Mapping[str, Diagnosis]:
    project, instances = selected(names)
    if fix:
        _fix(instances)
    from gpustrap.run.doctor import diagnose
    from gpustrap.ui.ask import at_terminal
    from gpustrap.ui.login import AtTerminal

    asks = AtTerminal() if at_terminal() else None
    found = diagnose(instances, project, asks, lambda name, text: note(f"{name}: {text}"), worth=worth)
    for instance in instances if fix else ():
        _fix_settings(project, instance, found[instance.name])
    return found


def _fix_settings(project: Path, instance: Instance, found: Diagnosis) -> None:
    from gpustrap.run.fix import fix

    for said in fix(project, instance, found.verdicts):
        note(said)


def _fix(instances: Iterable[Instance]) -> None:
    from gpustrap.run import own_side

    for instance in instances:
        if mended := own_side.fix(instance):
            note(f"{tr('this computer')}: {mended}")


def as_json(one: Diagnosis) -> dict[str, Any]:
    """One instance's part of the report."""
    told = {"ok": one.ok, "verdicts": [asdict(each) for each in one.verdicts], "failed": failure_json(one.failed)}
    return {**told, "worth": [asdict(each) for each in one.worth]} if one.worth else told


def rows_of(name: str, one: Diagnosis) -> Iterator[tuple[str, str, str, str]]:
    """A line each: instance, service, state, and host with the cause."""
    for at, each in enumerate(one.verdicts):
        yield name if at == 0 else "", each.title, _state(each), _told(each)


def mends_of(name: str, one: Diagnosis) -> Iterator[str]:
    """What mends what: a command is long, so that it stands below the table, once for all that it mends."""
    mends: dict[str, list[str]] = {}
    for each in one.verdicts:
        if each.mend:
            mends.setdefault(each.mend, []).append(each.title)
    for mend, titles in mends.items():
        yield f"{name}: {tr(', ').join(dict.fromkeys(titles))}"
        yield f"  → {mend}"


def _state(each: Verdict) -> str:
    """What the box has too little of makes nothing slow."""
    return tr(GRADES[False]) if each.subject == "box" and each.state == "slow" else tr(each.state)


def _told(each: Verdict) -> str:
    return f"{each.host}: {each.sentence}" if each.host and each.subject not in ("box", "laptop") else each.sentence


def worth_rows(name: str, one: Diagnosis) -> Iterator[tuple[str, str, str, str]]:
    """A line each: instance, part, grade, and what was found beside what is wanted."""
    for at, each in enumerate(one.worth):
        said = tr("{found}; wanted: {wanted} ({source})", found=each.found, wanted=each.wanted, source=each.source)
        yield name if at == 0 else "", _part(each), tr(GRADES[each.good]), said


def _part(each: Worth) -> str:
    """`card0.pcie` is of the card that nvidia-smi counts as 0."""
    card, _, part = each.part.rpartition(".")
    return f"{card}: {tr(PARTS[part])}" if card else tr(PARTS[part])

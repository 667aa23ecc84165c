"""A plan reads role by role, also in forty columns."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from gpustrap.resolve.download import Fetch
from gpustrap.run.report import Change
from gpustrap.ui.console import Lines
from gpustrap.ui.outline import counted, details_of

CHANGES = [
    Change("torch", "torch", ("torch: none → 2.9.1+cu128", "the card is declared"), (Fetch(4_068_266_676, 9_600_000),)),
    Change("services", "web: files", ("/etc/gpustrap/services/web/run: created",)),
    Change("services", "web: runs and is ready", ("not running",)),
]
REASONS = {
    "mirrors": ["nothing is asked for"],
    "torch": ["RTX 4090 (8.9) runs the wheel's code", "the card is declared"],
}


def drawn(width: int) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=True, color_system=None, _environ={"TERM": "xterm"})
    lines = Lines(planning=True, console=console)
    lines.decided("gpu", REASONS)
    lines.planned("gpu", CHANGES)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


WIDE = """\
nothing to change  gpu: mirrors
  why: nothing is asked for
would change  gpu: torch, about 4.07 GB to download, about 7 min at the rate
              measured there
  why:
    RTX 4090 (8.9) runs the wheel's code
    the card is declared
  - torch
      torch: none → 2.9.1+cu128
would change  gpu: services
  - web: files
      /etc/gpustrap/services/web/run: created
  - web: runs and is ready
      not running"""
NARROW = """\
nothing to change  gpu: mirrors
  why: nothing is asked for
would change  gpu: torch, about 4.07 GB
  to download, about 7 min
  at the rate measured there
  why:
    RTX 4090 (8.9) runs the wheel's
      code
    the card is declared
  - torch
      torch: none → 2.9.1+cu128
would change  gpu: services
  - web: files
      /etc/gpustrap/services/web/run:
        created
  - web: runs and is ready
      not running"""


@pytest.mark.parametrize(("width", "plan"), [(80, WIDE), (40, NARROW)])
def test_it_reads_at_80_and_at_40_columns(width, plan):
    assert drawn(width) == plan


@pytest.mark.parametrize(
    ("most", "shown"), [(None, ["a", "b", "c"]), (3, ["a", "b", "c"]), (2, ["a", "b", "and 1 more"])]
)
def test_of_a_changes_details_the_first_are_shown(most, shown):
    assert details_of(Change("base", "packages", ("a\nb", "c")), most) == shown


@pytest.mark.parametrize(("changes", "said"), [(CHANGES, "3 changes: torch 1, services 2"), (CHANGES[:1], "1 change: torch 1")])  # fmt: skip
def test_changes_are_counted_by_role(changes, said):
    assert counted(changes) == said

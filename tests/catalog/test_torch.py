from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import pytest

from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.mirrors import mirrors_of
from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.torch.answer import Choice
from gpustrap.resolve.torch.choose import choose_build
from gpustrap.resolve.torch.machine import CudaDevice, Machine, Supply
from gpustrap.resolve.torch.request import Want
from gpustrap.resolve.torch.requirements import companions_of
from gpustrap.resolve.torch.rules import runs_code
from gpustrap.resolve.torch.site import Site

CATALOG = load_catalog()
WHEELS = Supply(mirrors_of("torch", "global"))
DRIVERS = sorted({row.driver[:1] for row in CATALOG.toolkits})
# one card for each capability and host: the name decides nothing
KINDS = {(card.compute_capability, card.host_arch or "x86_64"): card for card in load_cards()}


@pytest.mark.parametrize("build", CATALOG.builds, ids=lambda build: f"{build.name}-{build.arch}")
def test_every_build_can_be_judged(build):
    assert build.pythons and all(re.fullmatch(r"3\.\d+t?", tag) for tag in build.pythons)
    assert len(build.torch) == 3
    assert build.cuda is None or build.cuda[0] in {family.major for family in CATALOG.families}
    assert bool(build.sm) == (build.cuda is not None) or not build.is_published
    assert list(build.sm) == sorted(set(build.sm))
    assert build.glibc >= (2, 28) if build.torch >= (2, 7) else build.glibc >= (2, 16)
    assert build.download_bytes is None or 50e6 < build.download_bytes < 6e9
    assert not (build.measured and build.download_bytes is None)
    assert not build.guessed
    assert build.is_published or not build.default


def test_each_build_stands_in_the_table_once():
    twice = Counter((build.name, build.arch) for build in CATALOG.builds)
    assert [name for name, times in twice.items() if times > 1] == []


def test_each_release_has_one_default_wheel_and_a_cpu_build_for_each_architecture():
    defaults = Counter((build.torch, build.arch) for build in CATALOG.builds if build.default)
    cpu = {(build.torch, build.arch) for build in CATALOG.builds if build.cuda is None}
    assert set(defaults) == cpu == {(r, a) for r in CATALOG.releases() for a in ("x86_64", "aarch64")}
    assert set(defaults.values()) == {1}


def test_each_release_has_companions_whose_pins_accept_it():
    assert len(CATALOG.companions) == len(CATALOG.releases())
    one_each = {build.torch: build for build in CATALOG.builds}
    assert [build.name for build in one_each.values() if companions_of(build, CATALOG) is None] == []


def test_each_cuda_of_a_build_has_a_toolkit():
    toolkits = {row.toolkit[:2] for row in CATALOG.toolkits}
    assert [cuda for cuda in CATALOG.cudas() if cuda not in toolkits] == []


def test_a_newer_toolkit_never_came_with_an_older_driver():
    rows = sorted(CATALOG.toolkits, key=lambda row: row.toolkit)
    assert [row.driver for row in rows] == sorted(row.driver for row in rows)
    assert len({row.toolkit for row in rows}) == len(rows)


def test_a_cuda_family_needs_no_newer_driver_than_its_toolkits_came_with():
    for family in CATALOG.families:
        of_family = [row.driver for row in CATALOG.toolkits if row.toolkit[0] == family.major]
        assert family.driver <= max(of_family)


@pytest.mark.parametrize(("capability", "arch"), KINDS, ids=str)
def test_a_newer_driver_never_gives_an_older_torch(capability, arch):
    card = CudaDevice("any", capability)
    answers = [
        choose_build(Want(), Site(Machine(arch, None, (2, 39), driver, (card,)), WHEELS, CATALOG)) for driver in DRIVERS
    ]
    torches = [answer.build.torch if isinstance(answer, Choice) else () for answer in answers]
    assert [pair for pair in pairwise(torches) if pair[0] > pair[1]] == []
    newest = answers[-1]
    runs = any(build.is_published and build.arch == arch and runs_code(build, card) for build in CATALOG.builds)
    assert isinstance(newest, Choice) == runs

"""What holds of every answer, over machines, wishes and supplies that nobody thought of."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.mirrors import mirrors_of
from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.torch.answer import Choice
from gpustrap.resolve.torch.choose import choose_build
from gpustrap.resolve.torch.machine import CudaDevice, Machine, Supply
from gpustrap.resolve.torch.request import read_want
from gpustrap.resolve.torch.site import Site

CATALOG = load_catalog()
CAPABILITIES = sorted({card.compute_capability for card in load_cards()})
RELEASES = [".".join(map(str, release)) for release in CATALOG.releases()]
OLDEST_DRIVER = {11: (450, 80, 2), 12: (525, 60, 13), 13: (580,)}  # NVIDIA, minor-version compatibility
BLACKWELL_DRIVER = (570,)
CN = mirrors_of("torch", "cn")

drivers = st.tuples(st.integers(400, 660), st.integers(0, 200), st.integers(0, 99))
capabilities = st.one_of(st.sampled_from(CAPABILITIES), st.tuples(st.integers(3, 13), st.integers(0, 9)))
cards = st.lists(capabilities.map(lambda capability: CudaDevice("card", capability)), max_size=3).map(tuple)
machines = st.builds(
    Machine,
    arch=st.sampled_from(["x86_64", "x86_64", "aarch64", "riscv64"]),
    python=st.one_of(st.none(), st.tuples(st.just(3), st.integers(7, 16))),
    glibc=st.one_of(st.none(), st.tuples(st.just(2), st.integers(12, 42))),
    driver=st.one_of(st.none(), drivers),
    cards=cards,
    cpu_only=st.booleans(),
    declared=st.booleans(),
)
torches = st.one_of(st.none(), st.sampled_from([*RELEASES, "2", "2.9", ">=2.7,<2.12", "2.16.0", "3.1.0"]))
cudas = st.one_of(st.none(), st.sampled_from(["12.8", "12.8.93", "cu126", "13", "11.8", ">=12.6,<13", "12.5", "cpu"]))
wishes = st.builds(lambda torch, cuda: read_want(torch, cuda, CATALOG), torches, cudas)
supplies = st.sampled_from([Supply(), Supply(CN), Supply(CN[::-1], "https://pip.example/simple")])


def builds_of(answer):
    """Every build that the answer says runs here."""
    chosen = [answer.build] if isinstance(answer, Choice) else []
    return chosen + [alternative.build for alternative in answer.alternatives]


def pins_of(answer):
    chosen = [answer.requirements] if isinstance(answer, Choice) else []
    return chosen + [alternative.requirements for alternative in answer.alternatives]


@given(wishes, machines, supplies)
def test_every_input_gives_a_build_that_was_asked_for_or_a_refusal(wish, machine, supply):
    answer = choose_build(wish, Site(machine, supply, CATALOG))
    if isinstance(answer, Choice):
        assert wish.takes(answer.build)
        assert answer.requirements[0].startswith("torch==")
        assert answer.sources[-1].kind == "default"
        assert answer.reasons
    else:
        assert answer.message


@given(wishes, machines, supplies)
def test_no_wheel_without_code_for_each_card(wish, machine, supply):
    runs = builds_of(choose_build(wish, Site(machine, supply, CATALOG)))
    if not machine.cpu_only and not wish.cpu:
        for build in runs:
            for card in machine.cards:
                major, minor = card.capability
                assert [sm for sm in build.sm if sm[0] == major and sm[1] <= minor], build.name


@given(wishes, machines, supplies)
def test_no_cuda_above_what_the_driver_runs(wish, machine, supply):
    runs = builds_of(choose_build(wish, Site(machine, supply, CATALOG)))
    if machine.driver and not machine.cpu_only and not wish.cpu:
        for build in runs:
            assert machine.driver >= OLDEST_DRIVER[build.cuda[0]], build.name
        if runs and any(card.capability[0] in (10, 12) for card in machine.cards):
            assert machine.driver >= BLACKWELL_DRIVER


@given(wishes, machines, supplies)
def test_no_wheel_for_another_python_glibc_or_architecture(wish, machine, supply):
    for build in builds_of(choose_build(wish, Site(machine, supply, CATALOG))):
        assert build.arch == machine.arch
        assert machine.python is None or f"3.{machine.python[1]}" in build.pythons
        assert machine.glibc is None or machine.glibc >= build.glibc
        assert build.published in ("released", "seen")


@given(wishes, machines, supplies)
def test_no_pair_that_torchvisions_or_torchaudios_own_pins_refuse(wish, machine, supply):
    for pins in pins_of(choose_build(wish, Site(machine, supply, CATALOG))):
        torch, *others = (Requirement(pin) for pin in pins)
        release = str(torch.specifier).removeprefix("==")
        rows = {row.torchvision: row.torchvision_requires for row in CATALOG.companions}
        rows |= {row.torchaudio: row.torchaudio_requires or "" for row in CATALOG.companions}
        for other in others:
            public = str(other.specifier).removeprefix("==").split("+")[0]
            assert SpecifierSet(rows[public]).contains(release), (pins, rows[public])


@given(wishes, machines, supplies)
def test_a_pin_can_be_met_where_it_is_to_be_looked_for(wish, machine, supply):
    """The Python index has no local versions; a wheel index has the build's own, and no other may do."""
    answer = choose_build(wish, Site(machine, supply, CATALOG))
    if not isinstance(answer, Choice):
        return
    torch = Requirement(answer.requirements[0]).specifier
    if len(answer.sources) == 1:
        assert not any("+" in pin for pin in answer.requirements)
        assert torch.contains(answer.build.version)
        assert answer.build.default
    else:
        assert torch.contains(answer.build.name)
        assert not torch.contains(answer.build.version)


@given(wishes, machines, supplies, drivers, drivers)
def test_a_newer_driver_never_gives_an_older_torch(wish, machine, supply, one, other):
    older, newer = sorted((one, other))
    before = choose_build(wish, Site(replace(machine, driver=older), supply, CATALOG))
    after = choose_build(wish, Site(replace(machine, driver=newer), supply, CATALOG))
    if isinstance(before, Choice):
        assert isinstance(after, Choice)
        assert after.build.torch >= before.build.torch


@settings(max_examples=40)
@given(wishes, machines, supplies, st.randoms(use_true_random=False))
def test_the_order_of_the_catalog_means_nothing(wish, machine, supply, random):
    def shuffled(rows):
        return tuple(random.sample(rows, len(rows)))

    mixed = replace(
        CATALOG,
        builds=shuffled(CATALOG.builds),
        companions=shuffled(CATALOG.companions),
        toolkits=shuffled(CATALOG.toolkits),
        families=shuffled(CATALOG.families),
        card_drivers=shuffled(CATALOG.card_drivers),
    )
    assert choose_build(wish, Site(machine, supply, mixed)) == choose_build(wish, Site(machine, supply, CATALOG))

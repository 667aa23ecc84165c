"""A step that fails for the network is told with where that breaks; another failure is left as it is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gpustrap.engine.batch import Answer
from gpustrap.errors import InstanceFailed, LaptopFailed
from gpustrap.run.network_why import with_its_cause

PROBE = "probe\t{}\tcurl\t{}\t{}.lan\thttp\t1.2.3.4 0 0 0 0 0 0 0 0 0 0\t 0\t1.2.3.4\t\t\n"
SAID = (
    "asker\tcurl\n" + PROBE.format("apt.1", 7, "deb") + PROBE.format("pip", 28, "index") + PROBE.format("hf", 7, "hf")
)


@pytest.fixture
def work(survey):
    """`work(said)`: an instance whose box says so, and what it was told."""

    def of(said=SAID, connected=True):
        wire = SimpleNamespace(run=lambda *_, **__: Answer(0, said.encode(), b""))
        connector = SimpleNamespace(connected=connected, wire=wire)
        lines = []
        return SimpleNamespace(
            survey=survey,
            instance=SimpleNamespace(region="global"),
            session=SimpleNamespace(connector=connector),
            says=lines.append,
            lines=lines,
        )

    return of


@pytest.mark.parametrize(
    ("error", "role", "told"),
    [
        ("E: Unable to connect to deb.lan:80", "base", ["deb.lan: the connection is refused at 1.2.3.4"]),
        ("error sending request for url", "python", ["index.lan: no answer within 0 s"]),
        ("curl: (7) Failed to connect", "mine", ["deb.lan", "index.lan", "hf.lan"]),
    ],
)
def test_what_the_role_asks_is_named_with_its_cause_and_what_mends_it(work, error, role, told):
    with pytest.raises(InstanceFailed) as raised, with_its_cause(work()):
        raise InstanceFailed(error, role=role, operation="x", hint=None)
    first, *lines = raised.value.error.splitlines()
    assert (first, len(lines), raised.value.role, raised.value.operation) == (error, len(told), role, "x")
    assert all(part in line for part, line in zip(told, lines, strict=True))
    assert "hosts.yml" in (raised.value.hint or "")


def test_what_the_laptop_could_not_do_is_not_asked_of_the_box(work):
    box = work()
    with pytest.raises(InstanceFailed) as raised, with_its_cause(box):
        try:
            raise LaptopFailed("the laptop cannot download uv: connection refused")
        except LaptopFailed as own:
            raise InstanceFailed(own.error, role="python", operation="uv") from own
    assert (raised.value.error, box.lines) == ("the laptop cannot download uv: connection refused", [])


@pytest.mark.parametrize(
    ("error", "said", "connected"),
    [("no such package", SAID, True), ("connection refused", SAID, False), ("connection refused", "", True)],
)
def test_another_failure_is_left_as_it_is(work, error, said, connected):
    with pytest.raises(InstanceFailed) as raised, with_its_cause(work(said, connected)):
        raise InstanceFailed(error, role="base", hint="h")
    assert (raised.value.error, raised.value.hint) == (error, "h")


def test_what_goes_well_asks_nothing(work):
    one = work()
    with with_its_cause(one):
        pass
    assert one.lines == []

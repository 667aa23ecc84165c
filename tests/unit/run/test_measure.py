"""Mirrors are measured where hosts.yml asks for it, once a day; what is remembered costs no exec."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from gpustrap import content
from gpustrap.engine.batch import Answer
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.net.measured import Measured, Row, read, write
from gpustrap.run.measure import measure, measured_again_if_it_fails
from gpustrap.run.work import Options

PROBE = "asker\tcurl\nprobe\tnpm.0\tcurl\t6\tm.lan\thttps\t- 0 0 0 0 0 0 0 0 0 0\t 0\t\t\t\n"
OLD = Measured(1_000_000, "curl", (Row("npm", None, "works", 0.1, 5),), {"npm": None})


class Wire:
    def __init__(self, said):
        self.said, self.asked = said, []

    def run(self, command, *, stdin=b"", **_limits):
        self.asked.append((command, stdin.decode()))
        return Answer(0, b"" if stdin else self.said.encode(), b"")


@pytest.fixture
def work(survey, monkeypatch):
    """`work(remembered, …)`: an instance whose box says `said`."""
    monkeypatch.syspath_prepend(content.builtin_root())
    settings = content.role_module("mirrors", "settings").Settings
    upstream = dict.fromkeys(("apt", "pypi", "conda", "hf", "python_build"), "upstream")

    def of(remembered=None, *, said=PROBE, again=False, roles=("mirrors",), **written):
        lines: list[str] = []
        return SimpleNamespace(
            survey=replace(survey, measured=remembered and write(remembered)),
            instance=SimpleNamespace(roles=roles, settings={"mirrors": settings(**upstream, **written)}),
            options=Options(measure=again),
            session=SimpleNamespace(connector=SimpleNamespace(wire=Wire(said), execs=1, connected=True)),
            says=lines.append,
            lines=lines,
        )

    return of


def test_one_exec_measures_and_one_remembers(work):
    one = work(measure=True)
    measure(one, keep=True)
    (_, nothing), (command, text) = one.session.connector.wire.asked
    assert (nothing, one.session.connector.execs) == ("", 3)
    assert "/var/lib/gpustrap/mirrors.json" in command
    assert text == one.survey.measured
    known = read(text)
    assert [(row.kind, row.url, row.cause) for row in known.rows] == [("npm", None, "dns_fails")]
    assert abs(known.at - time.time()) < 60
    assert json.loads(text)["chosen"] == {"npm": None}


def test_looking_remembers_nothing(work):
    one = work(measure=True)
    measure(one, keep=False)
    assert len(one.session.connector.wire.asked) == 1


@pytest.mark.parametrize(("again", "age", "execs"), [(False, 60, 1), (True, 60, 3), (False, 90_000, 3)])
def test_what_is_remembered_counts_for_a_day_unless_asked_for_again(work, again, age, execs):
    one = work(replace(OLD, at=int(time.time()) - age), again=again, measure=True)
    measure(one, keep=True)
    assert one.session.connector.execs == execs


@pytest.mark.parametrize("given", [{}, {"measure": True, "roles": ("base",)}])
def test_where_it_is_not_asked_for_nothing_is_measured_and_that_is_said(work, given):
    one = work(again=True, **given)
    measure(one, keep=True)
    assert one.session.connector.wire.asked == []
    assert one.lines == ["nothing is measured: hosts.yml does not say `mirrors: {measure: true}`"]


def test_a_box_that_cannot_ask_keeps_what_there_was(work):
    one = work(OLD, said="asker\tnone\n", measure=True)
    measure(one, keep=True)
    assert read(one.survey.measured) == OLD
    assert one.lines[-1] == "the mirrors could not be measured: the box has neither curl nor python3 nor wget"


@pytest.mark.parametrize(("remembered", "connected", "execs"), [(OLD, True, 1), (None, True, 0), (OLD, False, 0)])
def test_after_a_failure_it_is_measured_again(work, remembered, connected, execs):
    one = work(remembered, measure=True)
    one.session.connector.connected = connected
    with pytest.raises(InstanceFailed, match="no such package"), measured_again_if_it_fails(one):
        raise InstanceFailed("no such package")
    assert [command for command, _ in one.session.connector.wire.asked] == [
        "rm -f /var/lib/gpustrap/mirrors.json"
    ] * execs


def test_after_a_success_it_is_not(work):
    one = work(OLD, measure=True)
    with measured_again_if_it_fails(one):
        pass
    assert one.session.connector.wire.asked == []

"""Mirrors are measured where hosts.yml asks for it, once a day; what is remembered costs no exec."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from gpustrap import content
from gpustrap.catalog.mirrors import Mirror
from gpustrap.engine.batch import Answer
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.net import candidates, signs
from gpustrap.resolve.net.measured import Measured, Row, read, write
from gpustrap.run import measure as measuring
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
            instance=SimpleNamespace(roles=roles, settings={"mirrors": settings(**{**upstream, **written})}),
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


@pytest.mark.parametrize(("written", "asked"), [(None, True), ((), False)])
def test_torchs_wheels_are_measured_where_the_role_is_left_to_choose(work, written, asked):
    one = work(measure=True, roles=("mirrors", "torch"))
    one.instance.settings["torch"] = SimpleNamespace(wheel_mirrors=written)
    measure(one, keep=False)
    ((command, _),) = one.session.connector.wire.asked
    assert ("\ntorch." in command) == asked


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


class Shell:
    """The wire of a box that is this machine, with a PATH of its own."""

    def __init__(self, path):
        self.path = path

    def run(self, command, *, stdin=b"", **_limits):
        done = subprocess.run(
            ["sh", "-c", command], input=stdin, env={"PATH": self.path}, capture_output=True, timeout=30
        )
        return Answer(done.returncode, done.stdout, done.stderr)


def test_a_chosen_mirror_that_dies_leaves_its_place_to_another(work, only, monkeypatch, tmp_path):
    """One `up` chooses it, the next fails by it, the one after takes another, and then nothing changes."""
    file = tmp_path / "mirrors.json"
    monkeypatch.setattr(measuring, "MEASURED", str(file))
    one = work(measure=True, pypi="auto", npm="upstream")
    one.session.connector.wire = Shell(only("curl"))

    def chosen_by_an_up():
        one.survey = replace(one.survey, measured=file.read_text() if file.exists() else None)
        measure(one, keep=True)
        return read(one.survey.measured).chosen["pypi"]

    with serving() as (first, stop), serving() as (second, _):
        rows = [Mirror(kind="pypi", name=url, url=url, **ROW) for url in (first, second)]
        monkeypatch.setattr(candidates, "load_mirrors", lambda: rows)
        monkeypatch.setattr(signs, "public_hosts", candidates.public_hosts.__wrapped__)  # not to be kept for others
        assert [chosen_by_an_up(), chosen_by_an_up()] == [first, first]
        stop()
        with pytest.raises(InstanceFailed), measured_again_if_it_fails(one):
            raise InstanceFailed("error sending request")
        assert [chosen_by_an_up(), chosen_by_an_up()] == [second, second]
        assert {row.url: row.cause for row in read(one.survey.measured).rows} == {first: "tcp_refused", second: "works"}


ROW = {"region": "cn", "form": "pep503", "distro": None, "note": None, "source": "here", "read": "2026-11-26"}


@contextmanager
def serving():
    """A mirror that works, and what ends it."""
    words = [sys.executable, str(Path(__file__).parents[2] / "bad_net.py")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as servers:
        yield json.loads(servers.stdout.readline())["works-large"].removesuffix("/pip/"), servers.kill
        servers.kill()


def test_after_a_success_it_is_not(work):
    one = work(OLD, measure=True)
    with measured_again_if_it_fails(one):
        pass
    assert one.session.connector.wire.asked == []

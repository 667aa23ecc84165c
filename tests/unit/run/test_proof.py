"""What the proof finds goes into the report: what is broken, how services do, how much holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.resolve.service import Service, Services
from gpustrap.run import steps
from gpustrap.run.connection import is_proved
from gpustrap.run.proof import prove
from gpustrap.run.report import ServiceState
from gpustrap.run.work import Options
from gpustrap.verify.proof import Broken, Skipped, Verdict


def proved(world, monkeypatch, verdict, options=Options(), unready=None, others=False, **chosen):  # noqa: B008 (frozen)
    """The work on `one` after a proof that found `verdict`, and what the proof was given."""
    given = []

    def verify(subjects, _project):
        given.extend(subjects)
        return {one.name: verdict for one in subjects}

    monkeypatch.setattr("gpustrap.verify.proof.verify", verify)
    work = world.work(options, roles=("alpha",))
    steps.survey(work)
    steps.decide(work)
    work.chosen = {**work.chosen, **chosen}
    work.unready = unready or {}
    prove(world.project, others=others)([work])
    return work, given


@pytest.mark.parametrize(("passed", "said"), [(1, "1 check passed"), (2, "2 checks passed")])
def test_what_holds_is_counted(world, monkeypatch, passed, said):
    work, _ = proved(world, monkeypatch, Verdict(passed))
    assert (work.result.failed, world.watcher.said["one"][-1]) == (None, said)


def test_each_check_that_holds_is_told_to_who_wants_all(world, monkeypatch):
    proved(world, monkeypatch, Verdict(1, held=["alpha | git is there"]))
    assert ("prints", "one", "alpha | git is there: holds") in world.watcher.events


def test_a_role_whose_checks_are_none_is_said(world, monkeypatch):
    work, _ = proved(world, monkeypatch, Verdict(1, empty=["own"]))
    said = "roles/own/verify.py has no function test_…: it promises nothing"
    assert (work.result.failed, world.watcher.said["one"][-2:]) == (None, [said, "1 check passed"])


def test_what_was_skipped_is_named(world, monkeypatch):
    skipped = [Skipped("alpha", "git is there", "no git is wanted")]
    work, _ = proved(world, monkeypatch, Verdict(2, skipped=skipped))
    assert work.result.failed is None
    assert world.watcher.said["one"][-2:] == ["2 checks passed", "skipped: alpha | git is there: no git is wanted"]


def test_what_is_broken_is_a_failure_that_names_each(world, monkeypatch):
    broken = [Broken("alpha", "git is there", "no git"), Broken("beta", "pip asks it", "asks another\nmore")]
    work, _ = proved(world, monkeypatch, Verdict(5, broken))
    assert str(work.result.failed) == "alpha | git is there: no git\nalso beta | pip asks it: asks another"
    assert world.watcher.events[-1] == ("failed", "one", work.result.failed.error)
    assert "verified" not in str(world.watcher.said)


@pytest.mark.parametrize("others", [True, False])
def test_what_others_do_fails_where_that_is_asked_for_and_is_said_elsewhere(world, monkeypatch, others):
    stranger = Broken("services", "nobody else is open to others", "nc listens", ("0.0.0.0:9",), by_others=True)
    services = Services((Service("web", "serve", 8080),))
    work, _ = proved(world, monkeypatch, Verdict(5, [stranger]), others=others, services=services)
    assert work.result.services["web"].healthy
    if others:
        assert str(work.result.failed) == "services | nobody else is open to others: nc listens"
    else:
        said = "nobody else is open to others: nc listens; `gpustrap verify` fails for it"
        assert (work.result.failed, world.watcher.said["one"][-2:]) == (None, [said, "5 checks passed"])


def test_one_that_cannot_be_asked_has_that_failure(world, monkeypatch):
    lost = InstanceFailed("the connection was lost")
    work, _ = proved(world, monkeypatch, Verdict(0, [Broken("alpha", "git is there", "no git")], lost))
    assert work.result.failed is lost


@pytest.mark.parametrize(
    ("verdict", "healthy"),
    [
        (Verdict(1), True),
        (Verdict(0, [Broken("services", "web: runs", "no")]), False),
        (Verdict(1, [Broken("alpha", "git is there", "no")]), True),
        (Verdict(0, [], InstanceFailed("lost")), False),
    ],
)
def test_services_are_healthy_where_their_own_promises_hold(world, monkeypatch, verdict, healthy):
    monkeypatch.setattr("gpustrap.run.proof.unreached", lambda _services: {})
    services = Services((Service("web", "serve", 8080, url="http://out"),))
    work, _ = proved(world, monkeypatch, verdict, services=services)
    assert work.result.services == {"web": ServiceState("http://out", services.services[0].local_url, healthy)}


def test_one_that_is_broken_leaves_its_neighbour_healthy(world, monkeypatch):
    services = Services((Service("web", "serve", 8080), Service("job", "work")))
    verdict = Verdict(3, [Broken("services", "each is ready", "web: not ready: no", ("web",))])
    work, _ = proved(world, monkeypatch, verdict, services=services)
    assert {name: state.healthy for name, state in work.result.services.items()} == {"web": False, "job": True}


def test_one_that_does_not_answer_from_outside_is_not_healthy_and_only_ready_ones_are_asked(world, monkeypatch):
    asked = {}
    monkeypatch.setattr(
        "gpustrap.run.proof.unreached", lambda services: asked.update(services) or {("one", "web"): "why"}
    )
    services = Services(tuple(Service(name, "serve", 8080, url="http://out") for name in ("web", "api", "job")))
    verdict = Verdict(3, [Broken("services", "each is ready", "api: no", ("api",))])
    work, _ = proved(world, monkeypatch, verdict, unready={"job": "ends"}, services=services)
    assert list(asked) == [("one", "web")]
    assert {name: state.healthy for name, state in work.result.services.items()} == dict.fromkeys(
        ("web", "api", "job"), False
    )
    assert str(work.result.failed).endswith("also services | web: answers from outside: why")


def test_where_it_was_not_sure_to_get_out_that_is_said_and_no_failure(world, monkeypatch):
    monkeypatch.setattr("gpustrap.run.proof.unreached", lambda _services: {("one", "web"): "web: why"})
    services = Services((Service("web", "serve", 8080, url="https://x-8080.proxy.example", sure=False),))
    work, _ = proved(world, monkeypatch, Verdict(3), services=services)
    assert (work.result.failed, work.result.services["web"].healthy) == (None, True)
    assert "web: why" in world.watcher.said["one"]


def test_what_was_found_while_waiting_is_told_once_and_with_each_log(world, monkeypatch):
    monkeypatch.setattr("gpustrap.run.proof.masked", lambda text: text.replace("canary", "***"))
    found = {"web": "web ends\nthe end of the log of web:\n  canary", "job": "job ends\nlog"}
    verdict = Verdict(3, [Broken("services", "each is ready", "web: no; job: no", ("web", "job"))])
    work, _ = proved(world, monkeypatch, verdict, unready=found, services=Services((Service("web", "x"),)))
    assert str(work.result.failed) == (
        "services | web: runs and is ready: web ends\nthe end of the log of web:\n  ***\n"
        "also services | job: runs and is ready: job ends\nlog"
    )
    assert not work.result.services["web"].healthy


def test_the_proof_is_of_what_was_decided(world, monkeypatch):
    work, (subject,) = proved(world, monkeypatch, Verdict(1))
    assert (subject.name, subject.chosen, subject.survey, subject.context, subject.connector) == (
        "one",
        work.chosen,
        work.survey,
        work.context,
        work.session.connector,
    )


@pytest.mark.parametrize("replay", [True, False])
def test_only_a_replaying_run_remembers_what_was_asked(world, monkeypatch, replay):
    memory = world.project / "checks.json"
    places = type("Places", (), {"checks": memory, "proved": world.project / "proved"})
    monkeypatch.setattr("gpustrap.run.proof.places_of", lambda *_: places)
    broken = Verdict(1, [Broken("alpha", "it runs", "no")])
    work, (subject,) = proved(world, monkeypatch, broken, replace(Options(), replay=replay))
    assert subject.remembered == (memory if replay else None)
    assert not is_proved(work.instance, places)
    work, _ = proved(world, monkeypatch, Verdict(1), replace(Options(), replay=replay))
    assert is_proved(work.instance, places) is replay

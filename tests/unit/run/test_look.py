"""Looking changes nothing: each instance is seen as it is, or with the reason why it cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from paramiko import SSHException

from gpustrap.engine.batch import Answer
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.masking import masked
from gpustrap.inventory.reveal import revealed
from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.service import Service, Services
from gpustrap.run import look as looking
from gpustrap.run import service_looks
from gpustrap.run.connection import Reach
from gpustrap.run.look import look


@pytest.fixture(autouse=True)
def typed(monkeypatch):
    monkeypatch.setattr("sys.argv", ["gpustrap", "status"])


@pytest.fixture
def seen(world, monkeypatch):
    """`seen(services=False, roles=())`: a look at the world's instances."""
    memories: list[bool] = []

    def reach(_instance: Any, _project: Any, *, replay: bool, say: Any) -> Reach:
        memories.append(replay)
        return Reach({})

    monkeypatch.setattr(looking, "Session", lambda name, _data: world.sessions[name])
    monkeypatch.setattr(looking, "reach", reach)
    monkeypatch.setattr(looking, "hush", lambda: None)

    def of(*, services=False, roles=()):
        found = look(world.instances(roles), world.project, services=services)
        assert memories == [False] * 3, "what `up` remembers is left alone"
        return found

    return of


def test_each_is_surveyed_and_closed(world, seen):
    found = seen()
    assert [one.survey.hostname for one in found.values()] == ["box"] * 3
    assert [session.log for session in world.sessions.values()] == [["connect", "survey", "close"]] * 3


@pytest.mark.parametrize(("after", "said"), [(0, 3), (60, 0)])
def test_one_that_is_waited_for_is_said_to_be(world, seen, monkeypatch, after, said):
    import gevent

    monkeypatch.setattr(looking, "TELL_SECONDS", after)
    for session in world.sessions.values():
        survey = session.survey
        monkeypatch.setattr(session, "survey", lambda survey=survey: gevent.sleep(0.05) or survey())
    heard: list[str] = []
    found = look(world.instances(()), world.project, services=False, says=lambda _name, text: heard.append(text))
    assert (len(heard), [one.failed for one in found.values()]) == (said, [None] * 3)


@pytest.mark.parametrize("step", ["connect", "survey"])
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (InstanceFailed("it does not answer", operation="connect"), "connect: it does not answer"),
        (EOFError(), "the connection was lost (EOFError)\nhint: run the same command again: it goes on where it was"),
        (
            OSError("reset"),
            "the connection was lost (reset)\nhint: run the same command again: it goes on where it was",
        ),
        (SSHException("x"), "the connection was lost (x)\nhint: run the same command again: it goes on where it was"),
        (
            ValueError("abc"),
            "an answer that gpustrap cannot read (ValueError: abc)\n"
            "hint: `gpustrap --debug status` shows where; please report it",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_one_that_fails_has_its_reason_and_the_others_are_seen(world, seen, step, error, sentence):
    world.sessions["two"].fails[step] = [error]
    found = seen()
    assert (found["two"].survey, str(found["two"].failed)) == (None, sentence)
    assert [found[name].survey is not None for name in ("one", "three")] == [True, True]
    assert [session.log[-1] for session in world.sessions.values()] == ["close"] * 3


@pytest.fixture
def web(world, role, monkeypatch):
    """The role `services`, which decides for one service, `web`; a box's answer about it is `web.answer`."""
    services = Services((Service("web", "serve", 8080, url="http://out"),))
    role("services", resolve="def choose(settings, survey, context): raise AssertionError('replaced')")
    monkeypatch.setattr(service_looks.Decisions, "of", lambda _self, _role: services)

    def answers(answer):
        for session in world.sessions.values():
            session.connector.ask = lambda commands: {commands[0]: answer} if answer else {}

    return answers


def test_a_service_without_a_session_does_not_run(seen, web):
    web(Answer(0, b"", b""))
    service = seen(services=True, roles=("services",))["one"].services["web"]
    assert (service.running, service.ready, service.url) == (False, False, "http://out")


def test_services_that_give_no_answer_are_not_taken_for_dead(seen, web):
    web(None)
    found = seen(services=True, roles=("services",))["one"]
    assert str(found.failed) == "services: the services gave no answer in time"
    assert found.survey is not None and found.services == {}


@pytest.mark.parametrize(("services", "roles"), [(False, ("services",)), (True, ("base",))])
def test_services_are_asked_only_where_there_are_some_and_they_are_wanted(seen, web, services, roles):
    web(None)  # a question would be a failure
    assert seen(services=services, roles=roles)["one"].failed is None


@pytest.mark.parametrize(
    ("value", "log", "hidden"),
    [("canary-71", ("token canary-71",), ""), (None, (), "environment variable CANARY is not set")],
)
def test_a_log_is_shown_only_where_each_secret_can_be_masked_in_it(seen, web, world, monkeypatch, value, log, hidden):
    revealed.cache_clear()
    monkeypatch.setenv("CANARY", value) if value else monkeypatch.delenv("CANARY", raising=False)
    made, settings = world.instances, {"mirrors": {"token": Secret(env="CANARY")}}
    monkeypatch.setattr(world, "instances", lambda roles: [replace(one, settings=settings) for one in made(roles)])
    web(Answer(0, b"service web 1 0 id abc failed 4\nsaid web token canary-71\n", b""))
    service = seen(services=True, roles=("services",))["one"].services["web"]
    assert (service.log, service.log_hidden) == (log, hidden)
    assert masked("canary-71") == "***" or hidden

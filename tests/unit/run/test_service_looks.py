from __future__ import annotations

import pytest

from gpustrap.engine import services
from gpustrap.engine.facts.tmux import Running
from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.service import Service
from gpustrap.run import service_looks
from gpustrap.run.service_looks import STATES, ServiceLook, is_other, state_of


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (Running("id", True), "ready"),
        (Running("id", True, ended=True), "ended"),
        (Running("id", False, trouble="nothing listens on its port"), "not ready"),
        (Running("id", False, stopped=True), "not ready"),
        (Running("id", False, ended=True, trouble="it has ended with 3"), "failed"),
        (Running("", False, refused=True), "failed"),
    ],
)
def test_a_service_is_in_one_state(seen, state):
    assert state_of(seen) == state
    assert state in STATES


@pytest.mark.parametrize(
    ("seen", "running"),
    [
        (Running("id", True), True),
        (Running("id", False, trouble="nothing listens on its port"), True),
        (Running("id", True, ended=True), False),
        (Running("id", False, ended=True, trouble="it was given up"), False),
        (Running("", False, refused=True), False),
    ],
)
def test_what_has_ended_does_not_run(seen, running):
    assert service_looks._look_of(Service("web", "serve", None), seen, None, "").running is running


@pytest.mark.parametrize(
    ("sure", "state", "asked", "ready"),
    [
        (True, "ready", ["web"], False),
        (False, "ready", [], True),
        (True, "ended", [], True),
        (True, "failed", [], True),
    ],
)
def test_one_that_is_sure_to_be_reached_and_is_not_is_not_ready(monkeypatch, sure, state, asked, ready):
    heard = []

    def unreached(services):
        heard.extend(name for _, name in services)
        return dict.fromkeys(services, "web is ready on the instance, and from here no")

    monkeypatch.setattr(service_looks, "unreached", unreached)
    wanted = [Service("web", "serve", 8080, url="http://out", sure=sure)]
    looks = service_looks._from_here("it", wanted, {"web": ServiceLook(True, True, "http://out", None, state=state)})
    assert (heard, looks["web"].ready) == (asked, ready)
    if not ready:
        assert (looks["web"].state, looks["web"].trouble[:12]) == ("not ready", "web is ready")


def test_one_that_runs_as_it_was_before_is_another_than_is_written_and_a_secret_is_not_read_for_that():
    web = Service("web", "serve", 8080, None, "/", {"MODE": "fast"})
    right = services.identity(services.files_of(web))
    assert [is_other(web, Running(identity, True)) for identity in (right, "older", "")] == [False, True, False]
    secret = Service("web", "serve", 8080, None, "/", {"TOKEN": Secret(env="NO_SUCH_VARIABLE")})
    assert not is_other(secret, Running("older", True))

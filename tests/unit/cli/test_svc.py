from __future__ import annotations

import json

import pytest

from gpustrap.cli import exit, svc
from gpustrap.cli.main import app
from gpustrap.engine.facts.service_use import Use
from gpustrap.errors import InstanceFailed
from gpustrap.run.look import InstanceLook
from gpustrap.run.service_looks import ServiceLook

READY = ServiceLook(
    *(True, True, "http://out", "http://127.0.0.1:8080"),
    state="ready",
    port=8080,
    uptime_seconds=93784,
    restarts=2,
    use=Use(3, 3 * 2**29, True, 20480),
)
FAILED = ServiceLook(
    *(True, False, None, None),
    trouble="it has ended with 3",
    log=("boom",),
    state="failed",
    restarts=4,
    use=Use(1, 12 * 2**20, True),
)
STOPPED = ServiceLook(False, False, None, "http://127.0.0.1:9000", port=9000)


@pytest.fixture
def found(monkeypatch):
    """What looking at the instances gives."""
    seen: dict[str, InstanceLook] = {}
    monkeypatch.setattr(svc, "look_at", lambda _names, services: seen if services else None)
    return seen


def test_each_service_is_a_line_and_what_is_wrong_stands_on_stderr(found, capsys):
    found.update(a=InstanceLook(services={"web": READY, "job": FAILED, "lab": STOPPED}))
    assert exit.run(app, ["svc", "ls"]) == 1
    out, err = capsys.readouterr()
    assert [" ".join(line.split()) for line in out.splitlines()] == [
        "service state port address up for restarts memory card",
        "web ready 8080 http://out 1 d 2 h 2 1.5 GiB 20.0 GiB",
        "job failed - - - 4 12 MiB ?",
        "lab stopped 9000 http://127.0.0.1:9000 on the instance - 0 - -",
    ]
    assert err == "a: job: it has ended with 3\nthe end of the log of job:\n  boom\n"


def test_of_several_instances_each_line_begins_with_its_own(found, capsys):
    found.update(a=InstanceLook(services={"web": READY}), b=InstanceLook(failed=InstanceFailed("gone\naway", hint="x")))
    assert exit.run(app, ["svc", "ls"]) == 1
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["instance", "a"]
    assert err == "b: gone away\nb: hint: x\n"


def test_json_is_one_object(found, capsys):
    found.update(a=InstanceLook(services={"web": READY}))
    assert exit.run(app, ["svc", "ls", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["instances"]["a"] == {
        "ok": True,
        "reachable": False,
        "services": {
            "web": {
                "running": True,
                "ready": True,
                "state": "ready",
                "port": 8080,
                "url": "http://out",
                "local_url": "http://127.0.0.1:8080",
                "uptime_seconds": 93784,
                "restarts": 2,
                "processes": 3,
                "memory_bytes": 3 * 2**29,
                "gpu_memory_mib": 20480,
            }
        },
        "failed": None,
    }


@pytest.mark.parametrize("verb", ["stop", "start", "restart"])
def test_a_service_that_is_not_known_is_bad_input_before_anything_is_touched(project, verb, capsys):
    assert exit.run(app, ["svc", verb, "demo", "wbe"]) == 2
    assert capsys.readouterr() == ("", "demo has no service 'wbe'; nearest: 'web'\nhint: services: web\n")

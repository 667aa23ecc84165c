from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gpustrap.cli import exit, status
from gpustrap.cli.main import app
from gpustrap.engine.facts.service_use import Use
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.masking import remember
from gpustrap.resolve.box.survey import VisibleCard
from gpustrap.run.look import InstanceLook
from gpustrap.run.service_looks import ServiceLook
from surveyed import DEBIAN

BOX = replace(
    DEBIAN,
    provider="gpushare",
    provider_reason="/hy-tmp exists",
    driver=(570, 124, 6),
    gpus=(VisibleCard("NVIDIA GeForce RTX 4090", (8, 9), 24564),),
)
READY = ServiceLook(
    True,
    True,
    "http://i-1.gpushare.com:28080",
    "http://127.0.0.1:8080",
    state="ready",
    port=8080,
    uptime_seconds=61,
    restarts=2,
)
STARTING = ServiceLook(True, False, None, "http://127.0.0.1:8888")
ENDED = ServiceLook(False, False, None, None)
DEAD = InstanceLook(failed=InstanceFailed("nothing listens\non its port", operation="connect", hint="is it started?"))
REFUSED = InstanceLook(BOX, failed=InstanceFailed("no preset 'helo'", role="services", operation="web"))


@pytest.mark.parametrize(
    ("seen", "line", "fine"),
    [
        (
            InstanceLook(BOX, {"web": READY}),
            "gpushare container, NVIDIA GeForce RTX 4090 (24 GiB); web ready http://i-1.gpushare.com:28080",
            True,
        ),
        (
            InstanceLook(BOX, {"web": READY, "lab": STARTING, "job": ENDED}),
            "gpushare container, NVIDIA GeForce RTX 4090 (24 GiB); web ready http://i-1.gpushare.com:28080; "
            "lab not ready http://127.0.0.1:8888 on the instance; job not running",
            False,
        ),
        (InstanceLook(BOX), "gpushare container, NVIDIA GeForce RTX 4090 (24 GiB); no services", True),
        (
            InstanceLook(BOX, left_over=["web still runs; the role services is not among the roles"]),
            "gpushare container, NVIDIA GeForce RTX 4090 (24 GiB); "
            "web still runs; the role services is not among the roles",
            True,
        ),
        (
            InstanceLook(
                BOX,
                {
                    "web": replace(READY, use=Use(2, 2**30, True, 20480)),
                    "job": ServiceLook(True, True, None, None, uptime_seconds=5, use=Use(1, 2**23)),
                },
            ),
            "gpushare container, NVIDIA GeForce RTX 4090 (24 GiB); web ready http://i-1.gpushare.com:28080"
            " (up 1 min 1 s, 2 restarts, 1.0 GiB, 20.0 GiB on a card); job ready (up 5 s, 8 MiB)",
            True,
        ),
        (
            InstanceLook(BOX, {"web": replace(READY, other=True)}),
            "gpushare container, NVIDIA GeForce RTX 4090 (24 GiB); web ready "
            "(not as hosts.yml has it: `gpustrap plan` shows what differs) http://i-1.gpushare.com:28080",
            True,
        ),
        (
            InstanceLook(BOX, {"web": replace(READY, unlogged="its log is full")}),
            "gpushare container, NVIDIA GeForce RTX 4090 (24 GiB); web ready (its log is full) http://i-1.gpushare.com:28080",
            True,
        ),
        (DEAD, "cannot be reached: nothing listens on its port", False),
        (
            REFUSED,
            "gpushare container, NVIDIA GeForce RTX 4090 (24 GiB); services: no preset 'helo'",
            False,
        ),
    ],
)
def test_an_instance_is_one_line_and_fine_when_every_service_is_ready(seen, line, fine):
    assert (status.line(seen), status.is_fine(seen)) == (line, fine)


@pytest.fixture
def found(monkeypatch) -> dict[str, InstanceLook]:
    """What looking at the instances gives."""
    seen: dict[str, InstanceLook] = {}
    monkeypatch.setattr(status, "look_at", lambda _names, services: seen if services else None)
    return seen


@pytest.mark.parametrize(
    ("instance", "code"), [(InstanceLook(BOX, {"web": READY}), 0), (InstanceLook(BOX, {"web": ENDED}), 1), (DEAD, 1)]
)
def test_what_is_not_fine_is_exit_code_1(found, instance, code, capsys):
    found.update(a=InstanceLook(BOX), b=instance)
    assert exit.run(app, ["status"]) == code
    assert capsys.readouterr().out == f"a: {status.line(found['a'])}\nb: {status.line(instance)}\n"


def test_what_to_do_stands_on_stderr(found, capsys):
    found.update(a=DEAD)
    exit.run(app, ["status"])
    assert capsys.readouterr().err == "hint: is it started?\n"


def test_of_several_instances_what_to_do_is_said_once_with_their_names(found, capsys):
    found.update(a=DEAD, b=InstanceLook(BOX), c=DEAD)
    exit.run(app, ["status"])
    assert capsys.readouterr().err == "a, c: hint: is it started?\n"


def test_a_log_with_a_secret_that_cannot_be_masked_is_not_shown(found, capsys):
    why = "environment variable TOK is not set"
    found.update(a=InstanceLook(BOX, {"api": replace(ENDED, log_hidden=why)}))
    exit.run(app, ["status"])
    assert capsys.readouterr().err == f"log of api not shown: {why}\n"
    exit.run(app, ["status", "--json"])
    (api,) = json.loads(capsys.readouterr().out)["instances"]["a"]["services"].values()
    assert (api["log"], api["log_hidden"]) == ([], why)


def test_json_is_one_object_also_when_an_instance_failed(found, capsys):
    found.update(a=InstanceLook(BOX, {"web": READY}), b=DEAD)
    assert exit.run(app, ["status", "--json"]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out) == {
        "instances": {
            "a": {
                "ok": True,
                "reachable": True,
                "provider": "gpushare",
                "kind": "container",
                "gpus": [{"name": "NVIDIA GeForce RTX 4090", "vram_mib": 24564}],
                "services": {
                    "web": {
                        "running": True,
                        "ready": True,
                        "state": "ready",
                        "port": 8080,
                        "url": "http://i-1.gpushare.com:28080",
                        "local_url": "http://127.0.0.1:8080",
                        "uptime_seconds": 61,
                        "restarts": 2,
                        "processes": None,
                        "memory_bytes": None,
                        "gpu_memory_mib": None,
                    }
                },
                "failed": None,
            },
            "b": {
                "ok": False,
                "reachable": False,
                "provider": None,
                "kind": None,
                "gpus": None,
                "services": {},
                "failed": {"role": None, "operation": "connect", "error": "nothing listens\non its port"},
            },
        }
    }


def test_a_password_that_cannot_be_read_is_bad_input_before_anything_is_touched(project, monkeypatch, capsys):
    monkeypatch.delenv("NO_SUCH_VARIABLE", raising=False)
    hosts = project / "inventory" / "hosts.yml"
    hosts.write_text(hosts.read_text() + "    password: {env: NO_SUCH_VARIABLE}\n")
    assert exit.run(app, ["status"]) == 2
    assert capsys.readouterr() == (
        "",
        "inventory/hosts.yml:10: instances.trainer.password: environment variable NO_SUCH_VARIABLE is not set\nhint: export NO_SUCH_VARIABLE=…\n",
    )


def test_what_an_instance_says_of_itself_is_not_obeyed_by_the_terminal(found, capsys):
    hostile = VisibleCard("\x1b]0;owned\x07\x1b[2JRTX \u202e0904", (8, 9), 24564)
    remember("canary-11")
    found.update(a=InstanceLook(replace(BOX, gpus=(hostile,), provider="canary-11")))
    assert exit.run(app, ["status"]) == 0
    assert capsys.readouterr().out == "a: *** container, RTX 0904 (24 GiB); no services\n"
    assert exit.run(app, ["status", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)["instances"]["a"]
    assert (report["gpus"][0]["name"], report["provider"]) == (hostile.name, "***")

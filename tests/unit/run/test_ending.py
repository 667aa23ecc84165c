"""What is said at the end of an `up` that changed something."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from gpustrap.resolve.box.survey import Disk
from gpustrap.resolve.service import Service, Services
from gpustrap.run.ending import ending


@pytest.fixture
def told(survey):
    def of(provider, chosen=None, **facts):
        return ending(
            SimpleNamespace(name="box", survey=replace(survey, provider=provider, **facts), chosen=chosen or {})
        )

    return of


def web(port, url=None):
    service = Service(name="web", command="x", port=port, health=None, cwd="/", env={}, restart="always", ready_seconds=1,
                      files={}, url=url, user="")  # fmt: skip
    return {"services": Services((service,), ())}


@pytest.mark.parametrize(
    ("provider", "port", "url", "said"),
    [
        ("gpushare", 8080, None, "shown in the console under 自定义服务"),
        ("gpushare", 9000, None, "web: gpushare (恒源云) leads to port 8080 only, not to 9000"),
        ("autodl", 8080, None, "leads to port 6006 and 6008 only, not to 8080"),
        ("runpod", 8080, None, "proxy.runpod.net"),
        ("plain", 8080, None, "web: `gpustrap tunnel box/web` brings it to this computer; is its port open"),
        ("gpushare", None, None, ""),
        ("gpushare", 8080, "http://h", ""),
    ],
)
def test_where_to_find_a_services_address(told, provider, port, url, said):
    assert (told(provider, web(port, url)) == []) if not said else (said in told(provider, web(port, url))[0])


def test_what_a_stop_wipes_is_said(told):
    disks = (Disk("/", 1, 1), Disk("/hy-tmp", 1, 1, False), Disk("/hy-nas", 1, 1, True))
    assert told("gpushare", disks=disks) == ["not saved: /hy-tmp is wiped by a stop; /hy-nas stays"]
    assert told("gpushare", disks=disks[:1]) == told("lab", disks=disks) == []


@pytest.mark.parametrize(
    ("activation", "said"),
    [
        ("/d/venvs/torch/bin/activate", ["torch: `. /d/venvs/torch/bin/activate` on the instance, or /d/bin/python"]),
        ("", ["torch: /d/bin/python on the instance"]),
    ],
)
def test_how_torch_is_used(told, activation, said):
    torch = SimpleNamespace(guard=SimpleNamespace(activation=activation), python="/d/bin/python")
    assert told("plain", {"torch": torch}) == said
    assert told("plain", {"torch": SimpleNamespace()}) == []

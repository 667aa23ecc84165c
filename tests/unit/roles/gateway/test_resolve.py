from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.resolve.context import Context
from gpustrap.resolve.gateway import Route
from roles.gateway import resolve

ROLES = ("gateway", "services")


@pytest.fixture
def decide(settings, survey):
    def of(roles=ROLES, tools=("apt-get",)):
        beside = {"services": settings("services", {"web": {"command": "x", "port": 8001}})}
        context = Context("trainer", "cn", roles, beside, {8080: "http://h:1"})
        written = {"routes": {"/": "web", "/x/": {"service": "web", "strip": True}}, "token": {"env": "T"}}
        return resolve.choose(settings("gateway", written), replace(survey, tools=dict.fromkeys(tools, "/x")), context)

    return of


def test_each_route_has_its_services_port(decide):
    assert decide().routes == (Route("/", "web", 8001), Route("/x", "web", 8001, strip=True))
    assert decide().reasons == ("asks everybody for the token; log in once by http://h:1/?token=…",)


@pytest.mark.parametrize("roles", [("services", "gateway"), ("gateway",)])
def test_it_comes_before_the_services(decide, roles):
    with pytest.raises(InstanceFailed, match="the gateway is itself a service"):
        decide(roles)


def test_without_apt_there_is_no_nginx(decide):
    with pytest.raises(InstanceFailed, match="nginx is installed with apt-get"):
        decide(tools=())

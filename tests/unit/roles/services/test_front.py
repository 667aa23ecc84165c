from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.gateway import Gateway, OwnCertificate, Route
from gpustrap.resolve.service import Service
from roles.services.front import behind, guarded, own, reason

FRONT = Gateway(8080, (Route("/", "web", 8001), Route("/api", "api", 8002)), url="http://h:1")


@pytest.mark.parametrize(("name", "url"), [("web", "http://h:1"), ("api", "http://h:1/api/"), ("other", None)])
def test_a_services_address_is_the_gateways(name, url):
    found = behind(Service(name, "x", 8001), FRONT)
    assert (found.url, found.behind) == (url, url is not None)


def test_only_behind_the_gateway_one_starts_beside_another():
    web, other = (behind(Service(name, "x 1", 1, beside="x {port}"), FRONT) for name in ("web", "other"))
    assert (web.beside, other.beside) == ("x {port}", "")
    assert behind(Service("web", "x 1", 1, beside="x {port}"), None).beside == ""


@pytest.mark.parametrize(
    ("token", "asks"), [(Secret(env="T"), ", which asks for its token"), (None, ", OPEN TO EVERYBODY")]
)
def test_where_a_service_is_reached_and_who_may_is_one_sentence(token, asks):
    front = replace(FRONT, routes=(*FRONT.routes, Route("/also", "api", 8002)), token=token)
    service = Service("api", "x", 8002)
    assert reason(service, front) == f"api: port 8002, behind the gateway at /api, /also{asks}"


def test_the_gateway_is_a_service_of_its_own():
    assert [(one.name, one.port, one.url) for one in own(FRONT)] == [("gateway", 8080, "http://h:1")]
    (secured,) = own(replace(FRONT, tls=OwnCertificate("one", ("h",))))
    assert secured.scheme == "https"
    assert own(None) == ()


@pytest.mark.parametrize(
    ("written", "is_guarded"),
    [
        ({"token": {"env": "T"}, "routes": {"/": "web"}}, True),
        ({"token": {"env": "T"}, "routes": {"/": {"service": "web"}}}, True),
        ({"token": {"env": "T"}, "routes": {"/": "api"}}, False),
        ({"open": True, "routes": {"/": "web"}}, False),
        (None, False),
    ],
)
def test_only_a_token_in_front_is_a_login(written, is_guarded):
    assert guarded("web", {"gateway": written}) is is_guarded

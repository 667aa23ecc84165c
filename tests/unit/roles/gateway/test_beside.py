from __future__ import annotations

import pytest

from roles.gateway.beside import Clash, clashes

SERVICES = {"web": {"command": "x", "port": 8001}, "hello": {"preset": "hello"}, "job": {"command": "x"}}


@pytest.mark.parametrize(
    ("routes", "found"),
    [
        ({"/": "web"}, []),
        ({"/": "wep"}, [Clash(("routes", "/"), "no service 'wep'; nearest: 'web'")]),
        ({"/": "zzzzzz"}, [Clash(("routes", "/"), "no service 'zzzzzz'")]),
        ({"/": "web", "/X": "web", "/X/X/": "web"}, []),
        ({"/": "job"}, [Clash(("routes", "/"), "the service 'job' has no port")]),
        ({"/": "web", "a.org/": "web", "b.org/": "hello"}, []),
        ({"a.org/": "web", "a.org//": "web"}, [Clash(("routes", "a.org//"), "the same path as 'a.org/'")]),
        ({"/a": "web", "/a/": "web"}, [Clash(("routes", "/a/"), "the same path as '/a'")]),
    ],
)
def test_routes_lead_to_services_that_listen_each_path_once(routes, found):
    assert clashes(80, routes, {"services": SERVICES}) == found


@pytest.mark.parametrize(("port", "owner"), [(8001, "web"), (8080, "hello")])
def test_the_gateway_has_a_port_of_its_own(port, owner):
    text = f"port {port} is also the port of the service '{owner}': give that another"
    assert clashes(port, {"/": "web"}, {"services": SERVICES}) == [Clash(("port",), text)]


def test_without_the_services_nothing_is_said_of_them():
    assert clashes(8080, {"/": "web"}, {}) == []

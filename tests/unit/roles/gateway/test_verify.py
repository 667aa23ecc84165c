"""The role's own proof, by this machine's curl against a real server that stands for nginx."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.gateway import ASK, Gateway, Route

CLOSED, NO_WEBSOCKET = "nobody gets in without the token", "no websocket is opened without the token"
LEADS = "each route leads to its service"
RIGHT = {"without": 401, "websocket": 401, "with": 200}


class Front(BaseHTTPRequestHandler):
    """Answers with the status that its server has for whoever asks: `without` the token, `with` it, by `websocket`."""

    def do_GET(self) -> None:
        knows = self.headers["Authorization"] == "Bearer t0ken"
        asks = "with" if knows else "websocket" if self.headers["Upgrade"] == "websocket" else "without"
        asks = self.headers["Host"] if self.headers["Host"] in self.server.says else asks  # type: ignore[attr-defined]
        status = self.server.says[asks]  # type: ignore[attr-defined]
        self.send_response(404 if self.path == "/api" and status == 200 else status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def front() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Front)
    server.says = dict(RIGHT)  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def found(front, tmp_path, broken, monkeypatch):
    """`found(says, **of the gateway)`: promise → the sentence on it, where the server answers so."""
    monkeypatch.setenv("GATE", "t0ken")
    (tmp_path / "ask").write_text('header = "Authorization: Bearer t0ken"\n')

    def asked(command: str) -> tuple[int, str]:
        command = command.replace(ASK, str(tmp_path / "ask"))
        environment = {"PATH": "/usr/bin:/bin", "http_proxy": "http://127.0.0.1:9"}
        return subprocess.run(["sh", "-c", command], text=True, capture_output=True, env=environment).stdout

    def of(says: dict[str, int], **rest: Any) -> dict[str, str]:
        from gpustrap.engine.gateway import configuration_identity

        front.says |= says
        port = front.server_address[1]
        routes = (Route("/", "web", 8081), Route("/api", "api", 8082, strip=True))
        chosen = Gateway(**{"port": port, "routes": routes, "token": Secret(env="GATE"), **rest})
        # What nginx has loaded is asked by a script, which holds no curl.
        look = {"curl": asked, "nginx -t": "", "loaded": f"loaded {configuration_identity(chosen)}\n"}
        return broken("gateway", chosen, look)

    return of


def test_what_asks_everybody_for_the_token_and_leads_on_is_proved(found) -> None:
    assert found({}) == {}


def test_a_route_of_a_host_is_asked_by_its_name(found) -> None:
    routes = (Route("/", "web", 8081), Route("/", "api", 8082, host="two.org"))
    assert found({"two.org": 200}, routes=routes) == dict.fromkeys((CLOSED, NO_WEBSOCKET), "two.org/: 200")
    assert found({"two.org": 502}, routes=routes, token=None)[LEADS] == "/: 401, two.org/: 502"


@pytest.mark.parametrize("status", [401, 429])
def test_who_came_too_often_is_kept_out_too(found, status: int) -> None:
    assert found({"without": status, "websocket": status}) == {}


@pytest.mark.parametrize(
    ("says", "promise", "error"),
    [
        ({"without": 200}, CLOSED, "/: 200, /api: 404"),
        ({"without": 403}, CLOSED, "/: 403, /api: 403"),
        ({"websocket": 101}, NO_WEBSOCKET, "/: 101, /api: 101"),
        ({"websocket": 200}, NO_WEBSOCKET, "/: 200, /api: 404"),
        ({"with": 401}, LEADS, "/: 401, /api: 401"),
        ({"with": 429}, LEADS, "/: 429, /api: 429"),
        ({"with": 502}, LEADS, "/: 502, /api: 502"),
    ],
)
def test_what_lets_somebody_in_or_leads_nowhere_is_named(found, says, promise: str, error: str) -> None:
    assert found(says) == {promise: error}


def test_where_nobody_listens_each_route_leads_nowhere(found) -> None:
    wrong = found({}, port=1)
    assert wrong == dict.fromkeys((CLOSED, NO_WEBSOCKET, LEADS), "/: 000, /api: 000")


def test_a_route_of_which_no_status_is_told_leads_nowhere(broken) -> None:
    """As where there is no curl."""
    said = broken("gateway", Gateway(8080, (Route("/", "web", 8081), Route("/api", "api", 8082))), {"curl": "/ \n"})
    assert said[LEADS] == "/: -, /api: -"


def test_what_is_open_is_asked_for_no_token(found) -> None:
    everybody = {"without": 200, "websocket": 200, "with": 401}
    assert found(everybody, token=None) == {}
    assert found({"without": 502}, token=None) == {LEADS: "/: 502, /api: 502"}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"nginx -t": (1, "nginx: [emerg] unknown directive\n")}, {"nginx takes its configuration": "nginx: [emerg] unknown directive"}),
        ({"loaded": "loaded 0123\n"}, {"nginx has loaded what up wrote": "it has loaded another configuration, or does not run"}),
        ({"loaded": ""}, {"nginx has loaded what up wrote": "it has loaded another configuration, or does not run"}),
    ],
)  # fmt: skip
def test_an_nginx_that_has_not_taken_what_was_written_is_told(broken, said, wrong) -> None:
    from gpustrap.engine.gateway import configuration_identity

    chosen = Gateway(8080, (Route("/", "web", 8081),))
    right = {"curl": "/ 200\n", "nginx -t": "", "loaded": f"loaded {configuration_identity(chosen)}\n"}
    assert broken("gateway", chosen, right | said) == wrong


def test_nginx_is_asked_about_the_file_that_up_writes(proved) -> None:
    asked: list[str] = []
    proved("gateway", Gateway(8080, (Route("/", "web", 8081),)), {"": lambda command: asked.append(command) or ""})
    assert "nginx -t -q -c /etc/gpustrap/gateway/nginx.conf" in asked

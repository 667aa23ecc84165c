"""Real servers on this computer, in the place of the provider's address."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
from gevent.server import StreamServer

from gpustrap.resolve.service import Service
from gpustrap.run import outside
from gpustrap.run.outside import unreached

WEB = Service("web", "serve", 8080, health="/ok")
HEARD: list[bytes] = []
HTTP = b"HTTP/1.0 %d words\r\n\r\n"


@pytest.fixture
def server() -> Iterator[Callable[[bytes | None], str]]:
    """`server(answer)`: the URL of one that gives this answer to whatever it is asked; None: none at all."""
    started: list[StreamServer] = []

    def serve(answer: bytes | None) -> str:
        def handle(asked: socket.socket, _address: object) -> None:
            HEARD[:] = [asked.recv(1000)]
            if answer is None:
                asked.recv(1000)
            else:
                asked.sendall(answer)

        started.append(StreamServer(("127.0.0.1", 0), handle))
        started[-1].start()
        return f"http://127.0.0.1:{started[-1].server_port}"

    yield serve
    for one in started:
        one.stop(timeout=0)


def of(url: str, **more) -> Service:
    return Service("web", "serve", 8080, url=url, **{"health": "/ok", **more})


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (HTTP % 200, None), (HTTP % 302, None), (HTTP % 399, None), (HTTP % 400, "answers 400"),
        (HTTP % 502, "answers 502"), (b"SSH-2.0-x\r\n", "answers no HTTP"), (b"", "answers no HTTP"),
    ],
)  # fmt: skip
def test_a_health_path_has_to_answer_here_as_on_the_instance(server, answer: bytes, why: str | None) -> None:
    url = server(answer)
    found = unreached({("one", "web"): of(url)})
    assert found == ({} if why is None else {
        ("one", "web"): f"web is ready on the instance, and from this computer {url}/ok {why}: is port 8080 mapped to the "
        "outside, and let through by each firewall on the way?"
    })  # fmt: skip
    assert HEARD[0].startswith(b"GET /ok HTTP/1.0\r\nHost: 127.0.0.1:")


def test_without_a_path_a_connection_is_enough(server) -> None:
    assert unreached({("one", "web"): of(server(None), health=None)}) == {}


def test_a_name_that_leads_nowhere_is_said_so() -> None:
    (why,) = unreached({("one", "web"): of("http://no.such.invalid:8080")}).values()
    assert why == (
        "web is ready on the instance, and this computer finds no address of no.such.invalid: "
        "let that name lead to the address from which port 8080 is reached"
    )


def test_nobody_there_and_no_answer_are_told_apart(server, monkeypatch) -> None:
    monkeypatch.setattr(outside, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    asked = {"gone": of(f"http://127.0.0.1:{port}"), "mute": of(server(None)), "inside": WEB}
    found = {name: why for (_, name), why in unreached({("one", name): one for name, one in asked.items()}).items()}
    assert "cannot be reached (Connection refused)" in found["gone"]
    assert "gives no answer within 0.3 s" in found["mute"]
    assert set(found) == {"gone", "mute"}

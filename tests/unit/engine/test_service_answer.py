"""Whether a service's address answers, asked by what the instance has: a wrapper that prints, or wants a terminal, too."""

import os
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from gpustrap.engine.scripts import script

PRINTS = 'echo "NOTICE: this host is monitored"; exec {real} "$@"'
WANTS_A_TERMINAL = "echo 'stdin is not a terminal' >&2; exit 1"
CANNOT_RUN = "exit 127"


class Found(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/no-http":
            self.wfile.write(b"+OK ready\r\n")
            return
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Found) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def answered(port: int, wrappers: Path, path: str = "/ping", **bodies: str) -> str:
    for name, body in bodies.items():
        real = subprocess.run(["sh", "-c", f"command -v {name}"], capture_output=True, text=True).stdout.strip()
        (wrappers / name).write_text(f"#!/bin/sh\n{body.format(real=real)}\n")
        (wrappers / name).chmod(0o755)
    asks = script("services-judge", folder="/nonexistent", logs="/nonexistent")
    done = subprocess.run(
        ["sh", "-c", f'limit="timeout 10"\n{asks}answer 127.0.0.1 {port} {path}\necho "$answered"'],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": f"{wrappers}:{os.environ['PATH']}"},
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "bodies",
    [
        {},
        {"curl": PRINTS},
        {"curl": WANTS_A_TERMINAL},
        {"curl": CANNOT_RUN},
        {"curl": CANNOT_RUN, "python3": PRINTS},
        {"curl": WANTS_A_TERMINAL, "python3": WANTS_A_TERMINAL, "wget": PRINTS},
    ],
    ids=str,
)
def test_a_client_that_is_a_wrapper_takes_no_services_answer_away(port, tmp_path, bodies) -> None:
    if "wget" in bodies and not any(Path(folder, "wget").exists() for folder in os.get_exec_path()):
        pytest.skip("no wget here")
    assert answered(port, tmp_path, **bodies) == "302"


def test_what_is_no_http_is_said_to_be_none_whoever_asks(port, tmp_path) -> None:
    assert answered(port, tmp_path, "/no-http") == "none"

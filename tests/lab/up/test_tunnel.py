"""A tunnel over the real ssh connection: whole, many at once, both ways, and an end that is said."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gpustrap.lab.box import PREFIX

pytestmark = pytest.mark.one_release
MEGABYTES = 48  # of /big
# Listens on 127.0.0.1 of the box alone. /big is a body of random bytes, /echo is a connection that has been upgraded, as
# a WebSocket is: what comes is sent back at once; the rest answers its path.
SERVER = """
import http.server, os
BIG = os.urandom(1 << 20) * 48
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/echo":
            self.send_response(101)
            self.end_headers()
            while data := self.connection.recv(65536):
                self.connection.sendall(data)
            return
        body = BIG if self.path == "/big" else self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 8188), Handler)
open("/root/digest", "w").write(__import__("hashlib").sha256(BIG).hexdigest())
server.serve_forever()
"""


@pytest.fixture
def tunnel(project, box, ssh):
    """Starts a tunnel to the server, with words of its own; its address is `url`."""
    # As `up` would start it: what is asked of it here is that it is known by its mark.
    runs = "GPUSTRAP_SERVICE=app setsid python3 /root/server.py >/root/log 2>&1 </dev/null &"
    waits = "i=0; until [ -s /root/digest ] || [ $i -gt 100 ]; do i=$((i+1)); sleep 0.1; done"
    ssh(box, f"cat >/root/server.py <<'END'\n{SERVER}\nEND\n{runs}\n{waits}")
    app = {"command": "exec python3 /root/server.py"}
    project.write({box.name: {"lab": box.release, "roles": ["services"], "services": {"app": app}}})
    started = []

    def start(*words, **env):
        process = subprocess.Popen(
            project.command("tunnel", f"{box.name}/app", *words),
            cwd=project.folder,
            env=project.environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        process.url = process.stdout.readline().strip()
        assert process.url.startswith("http://127.0.0.1:"), process.stderr.read()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def ask(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=60) as answer:
        return answer.read()


def resident(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


def test_all_of_it_comes_through_many_at_once_until_it_is_ended(tunnel, project, box, ssh, engine):
    # The browser of this person writes down what it is to show.
    seen, browser = project.folder / "seen", project.folder / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" >{seen}\n')
    browser.chmod(0o755)
    it = tunnel("--open", BROWSER=str(browser))
    before = resident(it.pid)
    # Those who ask and read nothing keep no other from it, and what they leave is held on the instance.
    port = int(it.url.rpartition(":")[2])
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(4)]
    for one in idle:
        one.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
    body = ask(f"{it.url}/big")
    assert (len(body), hashlib.sha256(body).hexdigest()) == (MEGABYTES << 20, ssh(box, "cat /root/digest"))
    assert resident(it.pid) - before < MEGABYTES, "four such bodies are not in memory"
    with ThreadPoolExecutor(40) as pool:
        paths = [f"/{number}" for number in range(120)]
        assert [one.decode() for one in pool.map(lambda path: ask(it.url + path), paths)] == paths

    with socket.create_connection(("127.0.0.1", port), timeout=20) as both:
        both.sendall(b"GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        assert both.recv(65536).startswith(b"HTTP/1.1 101")
        for word in (b"one", b"two"):
            both.sendall(word)
            assert both.recv(65536) == word, "at once, not when there is more"

    other = tunnel()
    assert other.url != it.url
    it.send_signal(signal.SIGINT)
    assert (it.wait(10), seen.read_text()) == (130, it.url)
    assert it.stderr.read().splitlines()[-1] == "the tunnel is closed"

    assert ask(f"{other.url}/still") == b"/still"
    engine.run("exec", PREFIX + box.name, "pkill", "-f", "sshd: root")
    assert other.wait(20) == 1
    assert "the connection was lost" in other.stderr.read()

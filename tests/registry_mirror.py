"""A caching mirror, by plain http, of the registries that this machine's own clients ask: apt's, pip's and npm's.

`/pypi/simple/NAME/`, `/npm/NAME`, `/debian/…`; links in a page are to the mirror itself, by `/away/SCHEME/HOST/PATH`.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from platformdirs import user_cache_path

PIP = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
KEPT = (".whl", ".tgz", ".deb", ".metadata")  # never another file under the same name


@cache
def upstream(client: str) -> str:
    """Where this machine's own client asks, without a slash at the end."""
    if client == "pypi":
        words = [sys.executable, "-c", PIP]
    elif client == "npm":
        words = ["npm", "config", "get", "registry"]
    else:
        words = ["sh", "-c", "apt-get --print-uris update | sed -n \"s,^'\\(http[^']*\\)/dists/.*,\\1,p\" | head -n 1"]
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout.strip().rstrip("/")


def place_of(path: str) -> str:
    """The URL that a path of ours stands for."""
    client, _, rest = path.lstrip("/").partition("/")
    if client == "away":
        scheme, _, there = rest.partition("/")
        return f"{scheme}://{there}"
    return f"{upstream(client)}/{rest.removeprefix('simple/')}"


def fetched(url: str, accept: str) -> tuple[str, bytes]:
    """Its type and content, once a machine where it is a file that does not change."""
    if not url.endswith(KEPT):
        return asked(url, accept)
    kept = user_cache_path("gpustrap", appauthor=False) / "test-mirror" / hashlib.sha256(url.encode()).hexdigest()
    if kept.exists():
        return "application/octet-stream", kept.read_bytes()
    kind, body = asked.__wrapped__(url, accept)
    kept.parent.mkdir(parents=True, exist_ok=True)
    new = kept.with_suffix(f".{threading.get_ident()}")
    new.write_bytes(body)
    new.replace(kept)
    return kind, body


@cache
def asked(url: str, accept: str) -> tuple[str, bytes]:
    """Once a process: where a box asks thirty mirrors at once, this machine's own DNS may be slow for a while."""
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=60) as answer:
        return answer.headers.get("Content-Type", ""), answer.read()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    dead: ClassVar[set[str]] = set()

    def do_GET(self) -> None:
        if self.headers["Host"] in self.dead:
            self.close_connection = True
            return None
        try:
            kind, body = fetched(
                place_of(self.path), "text/html" if "/simple/" in self.path else "application/json, */*"
            )
        except OSError as error:
            return self.send_error(getattr(error, "code", 502))
        if kind.startswith(("text/html", "application/json")):
            here = b"http://%b/away/" % self.headers["Host"].encode()
            body = re.sub(rb"(https?)://(?=[^\s\"']*\.(?:whl|tgz)\b)", lambda found: here + found[1] + b"/", body)
        self.send_response(200)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def mirroring(address: str, port: int = 0, dead: set[str] | None = None) -> Iterator[str]:
    """The mirror's URL. By a name in `dead` it answers nothing, which may change."""
    handler = type("MirrorHandler", (Handler,), {"dead": set() if dead is None else dead})
    with ThreadingHTTPServer((address, port), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield "http://{}:{}".format(*server.server_address)
        server.shutdown()

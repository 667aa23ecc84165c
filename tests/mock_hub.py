"""A mock of Hugging Face's hub: a real HTTP server that speaks of it what its client asks, each fault at will.

Large files are LFS's: a redirect to `/cdn/COMMIT/SHA256`, as there. All that was asked is in `log`.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LFS_BYTES = 1000  # what is larger is LFS's
PIECE = 1 << 16


def git_sha1(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def digest(data: bytes) -> str:
    """What the client calls the blob."""
    return hashlib.sha256(data).hexdigest() if len(data) > LFS_BYTES else git_sha1(data)


@dataclass(frozen=True)
class Request:
    """One that was answered. `sent`: bytes of content."""

    method: str
    path: str
    status: int
    sent: int = 0
    range: str = ""
    token: str = ""


@dataclass
class Hub:
    """`commits`: (repo, commit) → path → content; `branches`: (repo, branch) → commit. A dataset's repo begins with datasets/.

    `faults`: path of a file → its fault, "" for every file: 429, truncates, longer, cuts, other, away,
    gated, hidden, forbidden, 500.
    While `holds` is set, a large file is sent up to this byte only, `held` is set, and the rest comes once `go_on` is.
    """

    commits: dict[tuple[str, str], Mapping[str, bytes]] = field(default_factory=dict)
    branches: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    log: list[Request] = field(default_factory=list)
    url: str = ""
    away: str = ""
    left: int = 1  # how often a 429 is still answered
    token: str = ""  # that a gated repo wants
    cdn: str = ""  # where large files are, empty for here
    holds: int = 0
    held: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def push(self, repo: str, files: Mapping[str, bytes], branch: str = "main") -> str:
        """A new commit of the branch."""
        commit = hashlib.sha1(repr(sorted(files.items())).encode(), usedforsecurity=False).hexdigest()
        self.commits[repo, commit], self.branches[repo, branch] = files, commit
        return commit

    def at(self, repo: str, revision: str) -> tuple[str, Mapping[str, bytes]] | None:
        commit = self.branches.get((repo, revision), revision)
        files = self.commits.get((repo, commit))
        return None if files is None else (commit, files)

    def blob(self, place: str) -> tuple[str, bytes, dict[str, str]]:
        """Path, content and what a mirror says of it: the client asks for it again where a redirect stays on its host."""
        commit, _, name = place.partition("/")
        every = [item for files in self.commits.values() for item in files.items()]
        path, data = next((path, data) for path, data in every if digest(data) == name)
        return path, data, {"X-Repo-Commit": commit, "ETag": f'"{name}"'}

    @property
    def content(self) -> list[Request]:
        """Requests that got content."""
        return [one for one in self.log if one.method == "GET" and one.sent and not one.path.startswith("/api/")]

    @property
    def sent(self) -> int:
        return sum(one.sent for one in self.content)


class Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        """`paths-info`, which mirrors ask."""
        words = unquote(urlsplit(self.path).path).strip("/").split("/")
        asked = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        told = json.loads(asked)["paths"] if asked.startswith("{") else parse_qs(asked)["paths"]
        paths = [told] if isinstance(told, str) else told
        _, files = self.hub.at("/".join(words[2:4]), "/".join(words[5:])) or ("", {})
        self.answer(200, json.dumps(tree({path: files[path] for path in paths if path in files})).encode())

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path).strip("/")
        if path.startswith(("api/models/", "api/datasets/")):
            self.api(path.split("/"))
        elif path.startswith("cdn/"):
            self.content(*self.hub.blob(path.removeprefix("cdn/")))
        elif "/resolve/" not in path:
            self.answer(404, b"")
        else:
            self.resolve(path)

    def api(self, words: list[str]) -> None:
        repo, (action, *rest) = "/".join(words[2:4]), words[4:] or ["revision", "main"]
        revision = "/".join(rest)
        repo = repo if words[1] == "models" else f"{words[1]}/{repo}"
        found = self.hub.at(repo, revision)
        if self.refused("api") or self.unknown(repo, found):
            return
        commit, files = found or ("", {})
        self.answer(200, json.dumps(tree(files) if action == "tree" else about(repo, commit, files)).encode())

    def unknown(self, repo: str, found: Any) -> bool:
        if found is None:
            known = any(name == repo for name, _ in self.hub.commits)
            code = "RevisionNotFound" if known else "RepoNotFound"
            self.answer(404 if known else 401, b"", {"X-Error-Code": code})
        return found is None

    def resolve(self, path: str) -> None:
        repo, _, rest = path.partition("/resolve/")
        revision, _, name = rest.partition("/")
        found = self.hub.at(repo, revision)
        if self.unknown(repo, found) or self.refused(name):
            return
        commit, files = found or ("", {})
        data = files[name]
        told = {"X-Repo-Commit": commit, "ETag": f'"{digest(data)}"'}
        if len(data) > LFS_BYTES:
            told |= {"X-Linked-Size": str(len(data)), "X-Linked-Etag": f'"{digest(data)}"'}
            away = self.fault(name) == "away" and self.command == "GET"
            self.answer(
                302,
                b"",
                told
                | {
                    "Location": f"{self.hub.away if away else self.hub.cdn or self.hub.url}/cdn/{commit}/{digest(data)}"
                },
            )
        else:
            self.content(name, data, told)

    def fault(self, name: str) -> str:
        return self.hub.faults.get(name, self.hub.faults.get("", ""))

    def refused(self, name: str) -> bool:
        """Whether it is answered with an error."""
        fault = self.fault(name) if name != "api" else self.hub.faults.get("api", "")
        told = {
            "gated": (403 if self.headers.get("Authorization") else 401, {"X-Error-Code": "GatedRepo"}),
            "hidden": (401, {"X-Error-Code": "RepoNotFound"}),
            "forbidden": (403, {}),
            "500": (500, {}),
            "429": (429, {"Retry-After": "1"}),
        }.get(fault)
        if told is None or (fault == "gated" and self.headers.get("Authorization") == f"Bearer {self.hub.token}"):
            return False
        if fault == "429":
            self.hub.left -= 1
            if self.hub.left < 0:
                return False
        self.answer(told[0], b"", told[1])
        return True

    def content(self, name: str, data: bytes, told: Mapping[str, str] = {}) -> None:
        fault, asked = self.fault(name), self.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
        body = data[start:]
        if fault == "other":
            body = bytes(len(body))
        if fault == "truncates":
            body = body[: len(body) // 2]
        if fault == "longer":
            body += body
        ranged = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if asked else {}
        cut = len(body) // 2 if fault == "cuts" else 0
        hold = max(self.hub.holds - start, 1) if self.hub.holds and len(data) > PIECE else 0
        self.answer(206 if asked else 200, body, {**told, **ranged, "Accept-Ranges": "bytes"}, cut, hold)

    def answer(self, status: int, body: bytes, told: Mapping[str, str] = {}, cut: int = 0, hold: int = 0) -> None:
        self.send_response(status)
        for key, value in {**told, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        sent = 0
        try:
            if self.command != "HEAD":
                for piece in self.pieces(body, cut, hold):
                    self.wfile.write(piece)
                    sent += len(piece)
        except OSError:  # the client is gone
            self.close_connection = True
        finally:
            token = self.headers.get("Authorization", "")
            self.hub.log.append(Request(self.command, self.path, status, sent, self.headers.get("Range", ""), token))

    def pieces(self, body: bytes, cut: int, hold: int) -> Iterator[bytes]:
        """`cut`: where the connection ends; `hold`: where it waits."""
        for at in range(0, len(body), PIECE):
            if cut and at >= cut:
                self.hub.faults.clear()
                self.close_connection = True
                return
            if hold and at >= hold:
                self.hub.held.set()
                self.hub.go_on.wait(60)
            yield body[at : at + PIECE]

    def log_message(self, *_: Any) -> None:
        pass


def tree(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    return [
        {"type": "file", "path": path, "size": len(data), "oid": git_sha1(data)}
        | ({"lfs": {"oid": digest(data), "size": len(data), "pointerSize": 134}} if len(data) > LFS_BYTES else {})
        for path, data in files.items()
    ]


def about(repo: str, commit: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    return {"id": repo.removeprefix("datasets/"), "sha": commit, "siblings": [{"rfilename": path} for path in files]}


@contextmanager
def serving(address: str = "127.0.0.1") -> Iterator[Hub]:
    handler = type("HubHandler", (Handler,), {})
    with ThreadingHTTPServer((address, 0), handler) as server:
        server.daemon_threads = True
        hub = handler.hub = Hub(url="http://{}:{}".format(*server.server_address))
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield hub
        hub.go_on.set()
        server.shutdown()

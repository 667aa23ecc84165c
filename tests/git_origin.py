"""A git server: git's own http-backend, and Git LFS's beside it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

from lfs_server import BATCH, OBJECTS, LfsAnswers, pointer, stored

LARGE = b"large " * 200_000
ONLY_GIT = "/only-git"  # below it is a mirror that knows nothing of Git LFS


def make(folder: Path) -> None:
    """A repository `a/b.git` with a file of git's and one of LFS's."""
    work = folder / "work"
    work.mkdir(parents=True)
    (work / "small.txt").write_text("small\n")
    (work / "large.bin").write_text(pointer(LARGE))
    (work / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    script = (
        "git init -q -b main && git -c filter.lfs.clean=cat -c filter.lfs.required=false add -A"
        " && git -c user.name=t -c user.email=t@t commit -qm t && git clone -q --bare . ../a/b.git"
    )
    subprocess.run(["sh", "-ec", script], cwd=work, check=True, capture_output=True, timeout=60)


def commit_what_is_missing(folder: Path) -> str:
    """One more commit: of its large file LFS has nothing. Which."""
    (folder / "work" / "large.bin").write_text(pointer(b"gone"))
    script = (
        "git -c filter.lfs.clean=cat -c filter.lfs.required=false -c user.name=t -c user.email=t@t commit -qam t2"
        " && git push -q ../a/b.git main && git rev-parse HEAD"
    )
    done = subprocess.run(["sh", "-ec", script], cwd=folder / "work", check=True, capture_output=True, timeout=60)
    return done.stdout.decode().strip()


class Handler(LfsAnswers):
    folder: Path
    objects = stored([LARGE])

    def do_GET(self) -> None:
        if OBJECTS in self.path:
            super().do_GET()
        else:
            self.by_git()

    def do_POST(self) -> None:
        if not self.path.endswith(BATCH):
            self.by_git(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        elif self.path.startswith(ONLY_GIT):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(404, {}, b"")
        else:
            super().do_POST()

    def by_git(self, body: bytes = b"") -> None:
        path, _, query = self.path.partition("?")
        told = {
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path.replace("/https://github.com", "").removeprefix(ONLY_GIT),
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, env={**os.environ, **told}, capture_output=True, timeout=60
        )
        head, _, answer = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        self.answer(int(headers.pop("Status", "200").split()[0]), headers, answer)


@contextmanager
def hosting(folder: Path, address: str) -> Iterator[str]:
    """The URL below which `a/b.git` is."""
    handler = type("GitHandler", (Handler,), {"folder": folder})
    with ThreadingHTTPServer((address, 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield "http://{}:{}".format(*server.server_address)
        server.shutdown()

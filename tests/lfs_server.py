"""A Git LFS server: its batch API with the transfer `basic`, and objects by their digest, whole or from a byte on.

Its paths stand below those of any repository, so a git server answers them too: `class Handler(LfsAnswers, …)`.
Written after git-lfs' docs/api/batch.md and docs/api/basic-transfers.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any

BATCH, OBJECTS = "/info/lfs/objects/batch", "/lfs-objects/"
KIND = "application/vnd.git-lfs+json"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


def pointer(data: bytes) -> str:
    """What stands in git for the object."""
    return POINTER.format(hashlib.sha256(data).hexdigest(), len(data))


def stored(objects: Iterable[bytes]) -> dict[str, bytes]:
    """Digest → object."""
    return {hashlib.sha256(data).hexdigest(): data for data in objects}


class LfsAnswers(BaseHTTPRequestHandler):
    """`objects`: digest → object."""

    objects: Mapping[str, bytes] = {}
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """An object; the client goes on with one that broke off by asking for the rest."""
        data = self.objects.get(self.path.rpartition(OBJECTS)[2])
        if OBJECTS not in self.path or data is None:
            return self.refuse(404, "Object does not exist")
        asked = self.headers.get("Range", "").removeprefix("bytes=").partition("-")[0]
        start = int(asked or 0)
        told = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if asked else {}
        self.answer(206 if asked else 200, {"Content-Type": "application/octet-stream", **told}, data[start:])

    def do_POST(self) -> None:
        """Where each object is, or that there is none."""
        asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.path.endswith(BATCH):
            return self.refuse(404, "Not found")
        told = json.loads(asked)
        if told["operation"] != "download" or told.get("hash_algo", "sha256") != "sha256":
            return self.refuse(422, "Only downloads by SHA-256 are served")
        objects = [{**one, **self.place_of(one)} for one in told["objects"]]
        self.answer(200, {"Content-Type": KIND}, json.dumps({"transfer": "basic", "objects": objects}).encode())

    def place_of(self, one: Mapping[str, Any]) -> dict[str, Any]:
        if len(self.objects.get(one["oid"], b"")) != one["size"]:
            return {"error": {"code": 404, "message": "Object does not exist"}}
        return {"actions": {"download": {"href": f"http://{self.headers['Host']}{OBJECTS}{one['oid']}"}}}

    def refuse(self, status: int, message: str) -> None:
        self.answer(status, {"Content-Type": KIND}, json.dumps({"message": message}).encode())

    def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass

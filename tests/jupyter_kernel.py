"""What a browser does to run a cell in Jupyter: a kernel by the REST interface, then its messages over a WebSocket."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Mapping
from typing import Any

from web_socket import WebSocket


def printed_by(url: str, headers: Mapping[str, str], code: str) -> str:
    """What a new kernel of the server at `url` prints for `code`; the kernel ends then."""
    kernel = asked("POST", f"{url}/api/kernels", headers, {"name": "python3"})["id"]
    try:
        with WebSocket(f"{url}/api/kernels/{kernel}/channels?session_id=test", headers) as channels:
            return _run(channels, code)
    finally:
        asked("DELETE", f"{url}/api/kernels/{kernel}", headers)


def asked(method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, dict(headers), method=method)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


def _run(channels: WebSocket, code: str) -> str:
    message = uuid.uuid4().hex
    header = {"msg_id": message, "msg_type": "execute_request", "session": "test", "username": "", "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
    rest = {"parent_header": {}, "metadata": {}, "buffers": [], "channel": "shell"}
    channels.send(json.dumps({"header": header, "content": content, **rest}))
    text = ""
    while True:
        came = json.loads(channels.receive())
        if came["parent_header"].get("msg_id") != message:
            continue
        if came["msg_type"] in ("stream", "error"):
            text += came["content"].get("text", str(came["content"]))
        if came["msg_type"] == "status" and came["content"]["execution_state"] == "idle":
            return text

"""A page in the real Chromium, without a screen, driven by its DevTools protocol. Debian's package `chromium` has it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_kernel import asked
from web_socket import WebSocket

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--remote-debugging-port=0",
)


class Page:
    """The first page of a browser that has started."""

    def __init__(self, tools: WebSocket):
        self._tools, self._asked = tools, 0

    def opens(self, url: str) -> None:
        self.asks("Page.navigate", url=url)

    def says(self, expression: str) -> Any:
        """What an expression of JavaScript is on the page; None for what has no value there, or throws."""
        return self.asks("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def awaits(self, expression: str, seconds: float = 60) -> Any:
        """Its first value that is true."""
        end = time.monotonic() + seconds
        while not (value := self.says(expression)):
            assert time.monotonic() < end, f"{expression}\n{self.says('document.body.innerText')}"
            time.sleep(0.2)
        return value

    def presses(self, key: str, code: int, modifiers: int = 0) -> None:
        """`modifiers`: 8 for Shift. `code`: Windows' number of the key."""
        words = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.asks("Input.dispatchKeyEvent", type="rawKeyDown", **words)
        self.asks("Input.dispatchKeyEvent", type="keyUp", **words)

    def asks(self, method: str, **parameters: Any) -> Any:
        self._asked += 1
        self._tools.send(json.dumps({"id": self._asked, "method": method, "params": parameters}))
        while (came := json.loads(self._tools.receive())).get("id") != self._asked:
            pass  # events, which nobody asked for
        assert "error" not in came, came
        return came["result"]


@contextmanager
def chromium(folder: Path) -> Iterator[Page]:
    """Its profile is in `folder`; it ends with the block."""
    with subprocess.Popen(
        ["chromium", *FLAGS, f"--user-data-dir={folder}", "about:blank"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as browser:
        try:
            with WebSocket(_page(folder / "DevToolsActivePort"), {}) as tools:
                yield Page(tools)
        finally:
            browser.terminate()


def _page(told: Path) -> str:
    """The address of its page, once it has said at which port it listens."""
    end = time.monotonic() + 60
    while not (told.is_file() and (lines := told.read_text().splitlines())):
        assert time.monotonic() < end, "the browser does not start"
        time.sleep(0.1)
    pages = asked("GET", f"http://127.0.0.1:{lines[0]}/json/list", {})
    return str(next(one["webSocketDebuggerUrl"] for one in pages if one["type"] == "page"))

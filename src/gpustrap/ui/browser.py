"""The person's browser, where there is one that has a window of its own."""

from __future__ import annotations

import os
import webbrowser


def has_browser() -> bool:
    """Whether one can be opened beside this terminal: what Python finds without a desktop takes the terminal itself."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return False
    return "BROWSER" in os.environ or type(found) is not webbrowser.GenericBrowser


def show(url: str) -> bool:
    """Whether the browser was started. One that does not come back at once is waited for."""
    try:
        return webbrowser.open(url)
    except (OSError, webbrowser.Error):
        return False

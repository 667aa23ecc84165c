"""The proxy that this computer's variables name, and whether it answers."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

PROXIES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY")
TRY_SECONDS = 1


def dead_proxy(environment: Mapping[str, str]) -> tuple[str, str] | None:
    """Name of the first variable that is set and `HOST:PORT` of its proxy, where nobody answers there.

    User and password are left out. None where it answers, and for what is no URL of a proxy.
    """
    name = next((name for name in PROXIES if environment.get(name)), None)
    place = None if name is None else _place(environment[name])
    if name is None or place is None or _answers(place):
        return None
    return name, f"{place[0]}:{place[1]}"


def _place(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        return (parts.hostname, parts.port or 1080) if parts.hostname else None  # 1080: curl's for a proxy
    except ValueError:
        return None


def _answers(place: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(place, timeout=TRY_SECONDS):
            return True
    except (OSError, UnicodeError):
        return False

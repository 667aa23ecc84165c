"""An address as a QR code in a terminal, for the person's telephone."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from rich.console import Console

BORDER = 2  # modules of white around it
# Two rows of modules in one line. The light ones are drawn, since most terminals are dark, and every camera reads what
# is dark on light.
HALVES = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}


def qr(text: str, columns: int) -> list[str]:
    """Its lines; none where they are wider than `columns`."""
    import segno

    rows = [list(row) for row in segno.make(text, error="l", micro=False).matrix_iter(border=BORDER)]
    if len(rows[0]) > columns:
        return []
    rows += [[1] * len(rows[0])] * (len(rows) % 2)
    return ["".join(HALVES[both] for both in zip(*rows[at : at + 2], strict=True)) for at in range(0, len(rows), 2)]


def draw(console: Console, url: str | None) -> None:
    """An address for a telephone's camera, where there is one, a person sees this and there is room."""
    if url and is_for_others(url) and console.is_terminal and console.encoding.startswith("utf"):
        for line in qr(url, console.width - 2):
            console.print(f"  {line}", highlight=False, markup=False)


def is_for_others(url: str) -> bool:
    """Whether more than this computer reaches it."""
    host = urlsplit(url).hostname or "localhost"
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"

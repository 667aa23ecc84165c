"""README.md's table of providers, from the catalog; all else in it is written by hand."""

from __future__ import annotations

import re

from gpustrap.catalog.providers import Provider, load_providers
from gpustrap.reference.markdown import code, codes, table

HEADS = ("provider", "reached by", "ports that get out", "survives a stop or reset")
NOT_RENTED = ("lab", "plain")
TABLE = re.compile(r"^\| provider +\|.*\n(?:\|.*\n)*", re.MULTILINE)


def readme(text: str) -> str:
    """`text` with its table of providers as the catalog says; where it has none, as it was."""
    rows = [_row(provider) for provider in load_providers() if provider.name not in NOT_RENTED]
    return TABLE.sub(lambda _old: f"{table(HEADS, rows)}\n", text)


def _row(provider: Provider) -> tuple[str, ...]:
    ports = ", ".join(map(str, provider.ports)) or "as rented"
    return provider.title, code(provider.ssh_example), ports, codes(provider.survives)

"""The table of providers in README.md and README.zh-CN.md, from the catalog; all else is written by hand."""

from __future__ import annotations

import re

from gpustrap.catalog.providers import Provider, load_providers
from gpustrap.reference.markdown import code, codes, table

# For each language the head line, and what stands for ports that the person chooses. The first head tells the table.
LANGUAGES = (
    (("provider", "reached by", "ports that get out", "survives a stop or reset"), "as rented"),
    (("平台", "登录方式", "能出去的端口", "停机或重置后保留"), "租用时声明"),
)
NOT_RENTED = ("lab", "plain")


def readme(text: str) -> str:
    """`text` with its table of providers as the catalog says; where it has none, as it was."""
    for heads, any_port in LANGUAGES:
        rows = [_row(provider, any_port) for provider in load_providers() if provider.name not in NOT_RENTED]
        made = f"{table(heads, rows)}\n".replace("\\", r"\\")  # a template for re.sub
        text = re.sub(rf"^\| {heads[0]} +\|.*\n(?:\|.*\n)*", made, text, flags=re.MULTILINE)
    return text


def _row(provider: Provider, any_port: str) -> tuple[str, ...]:
    ports = ", ".join(map(str, provider.ports)) or any_port
    return provider.title, code(provider.ssh_example), ports, codes(provider.survives)

from __future__ import annotations

import re

import pytest

from gpustrap.catalog.listeners import load_listeners
from gpustrap.catalog.providers import load_providers


@pytest.mark.parametrize("row", load_listeners(), ids=lambda row: f"{row.provider}-{row.name}-{row.protocol}")
def test_a_row_is_told_by_more_than_its_port(row):
    assert (row.program, row.command) != (".*", ".*")
    assert re.compile(row.program) and re.compile(row.command)
    assert row.provider is None or row.provider in {provider.name for provider in load_providers()}
    assert all(0 < port < 65536 for port in row.ports)


def test_only_what_every_system_has_is_known_everywhere():
    assert [row.name for row in load_listeners() if row.provider is None] == ["sshd", "DHCP client", "clock"]

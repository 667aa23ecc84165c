"""The real servers of tests/bad_net.py, for a module."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVERS = Path(__file__).parents[3] / "bad_net.py"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a client has to trust."""
    return tmp_path_factory.mktemp("net") / "trusted.pem"


@pytest.fixture(scope="module")
def faults(trusted: Path) -> Iterator[dict[str, str]]:
    """Fault → its URL."""
    words = [sys.executable, str(SERVERS), str(trusted.parent)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as servers:
        assert servers.stdout and servers.stdin
        yield json.loads(servers.stdout.readline())
        servers.stdin.close()

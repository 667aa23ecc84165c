"""The laptop's network, lent: what is said where this computer cannot."""

from __future__ import annotations

import sys

import pytest

from gpustrap.engine import lent
from gpustrap.errors import LaptopFailed
from gpustrap.laptop import forwarding
from gpustrap.laptop.allowed import Allowed


def test_where_its_process_does_not_start_the_failure_is_this_computers_with_what_to_do(monkeypatch):
    monkeypatch.setattr(forwarding, "WORDS", (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"))
    with pytest.raises(LaptopFailed) as failed, lent._started(Allowed((), ()), "t"):
        pass
    assert str(failed.value) == (
        "proxy: the laptop's network cannot be lent: the process that serves it does not start here: it ends at once, "
        "by signal 9\n"
        "hint: memory and processes of this computer may be at their end: the same command tries again; "
        "`network: {proxy: http://HOST:PORT}` in hosts.yml is another way"
    )

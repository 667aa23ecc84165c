from __future__ import annotations

import subprocess
import sys

import pytest

FAILS = """
import gevent
from gpustrap.engine import greenlets
{hush}
failing = gevent.spawn(lambda: {{}}["missing"])
try:
    gevent.joinall([failing], raise_error=True)
except KeyError as error:
    print("raised", error)
"""


@pytest.mark.parametrize(("hush", "silent"), [("greenlets.hush()", True), ("", False)])
def test_what_a_greenlet_raises_is_raised_where_it_is_awaited_and_not_printed(hush: str, silent: bool) -> None:
    done = subprocess.run([sys.executable, "-c", FAILS.format(hush=hush)], capture_output=True, text=True)
    assert done.stdout == "raised 'missing'\n"
    assert (done.stderr == "") is silent

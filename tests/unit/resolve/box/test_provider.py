from __future__ import annotations

import pytest

from gpustrap.catalog.providers import load_providers
from gpustrap.resolve.box.provider import Recognised, Traces, recognise

pytestmark = pytest.mark.usefixtures("small_catalog")


def told(files: str = "", commands: str = "", env: str = "", hostname: str = "box") -> Recognised:
    sets = (frozenset(text.split()) for text in (files, commands, env))
    return recognise(load_providers(), Traces(*sets, hostname))


@pytest.mark.parametrize(
    ("traces", "name", "reason"),
    [
        ({}, "plain", "no trace of a known provider"),
        ({"env": "RUNPOD_POD_ID"}, "runpod", "variable RUNPOD_POD_ID is set"),
        ({"files": "/hy-tmp"}, "gpushare", "/hy-tmp exists"),
        ({"commands": "oss"}, "gpushare", "command oss is there"),
        ({"hostname": "I0abcdef1"}, "gpushare", "the host name is I0abcdef1"),
        ({"hostname": "I0abcdef1.example"}, "plain", "no trace of a known provider"),
        # a variable tells more than a path, a path more than a name
        (
            {"env": "AutoDLRegion", "files": "/etc/autodl-motd", "hostname": "autodl-container-1"},
            "autodl",
            "variable AutoDLRegion is set",
        ),
        ({"files": "/etc/autodl-motd", "hostname": "autodl-container-1"}, "autodl", "/etc/autodl-motd exists"),
        # of several providers' traces the catalog's order decides
        (
            {"files": "/etc/gpustrap-lab /hy-tmp", "env": "RUNPOD_POD_ID"},
            "lab",
            "/etc/gpustrap-lab exists; it looks like gpushare: /hy-tmp exists",
        ),
        ({"env": "SOMETHING_ELSE", "files": "/root"}, "plain", "no trace of a known provider"),
    ],
)
def test_a_provider_is_told_by_its_traces(traces: dict[str, str], name: str, reason: str) -> None:
    found = told(**traces)
    assert (found.name, found.reason) == (name, reason)


def test_what_survives_comes_with_the_provider() -> None:
    assert (told(files="/hy-tmp").survives, told(files="/hy-tmp").wiped) == (("/hy-nas",), ("/hy-tmp",))
    assert (told().survives, told().wiped) == ((), ())

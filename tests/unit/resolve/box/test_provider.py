from __future__ import annotations

import pytest

from gpustrap.catalog.providers import load_providers
from gpustrap.resolve.box.provider import Recognised, Traces, recognise


def told(files: str = "", commands: str = "", env: str = "", hostname: str = "box") -> Recognised:
    sets = (frozenset(text.split()) for text in (files, commands, env))
    return recognise(load_providers(), Traces(*sets, hostname))


@pytest.mark.parametrize(
    ("found", "name", "reason"),
    [
        (told(), "plain", "no trace of a known provider"),
        (told(env="RUNPOD_POD_ID"), "runpod", "variable RUNPOD_POD_ID is set"),
        (told(files="/hy-tmp"), "gpushare", "/hy-tmp exists"),
        (told(hostname="I0abcdef1"), "gpushare", "the host name is I0abcdef1"),
        (told(hostname="I0abcdef1.example"), "plain", "no trace of a known provider"),
        # a variable tells more than a path, a path more than a name
        (
            told(env="AutoDLRegion", files="/etc/autodl-motd", hostname="autodl-container-1"),
            "autodl",
            "variable AutoDLRegion is set",
        ),
        (told(files="/etc/autodl-motd", hostname="autodl-container-1"), "autodl", "/etc/autodl-motd exists"),
        # of several providers' traces the catalog's order decides
        (told(files="/etc/gpustrap-lab /hy-tmp", env="RUNPOD_POD_ID"), "lab", "/etc/gpustrap-lab exists"),
        (told(env="SOMETHING_ELSE", files="/root"), "plain", "no trace of a known provider"),
    ],
)
def test_a_provider_is_told_by_its_traces(found: Recognised, name: str, reason: str) -> None:
    assert (found.name, found.reason) == (name, reason)


def test_what_survives_comes_with_the_provider() -> None:
    assert (told(files="/hy-tmp").survives, told(files="/hy-tmp").wiped) == (("/hy-nas",), ("/hy-tmp",))
    assert (told().survives, told().wiped) == ((), ())

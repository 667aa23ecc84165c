from __future__ import annotations

import pytest

from gpustrap.engine.hub_seen import Snapshot
from gpustrap.engine.operations.hub import _download
from gpustrap.resolve.download import Download
from gpustrap.resolve.hub import Client, Store


@pytest.mark.parametrize(
    ("variables", "sizes", "download"),
    [
        (("X=1", "HF_ENDPOINT=https://m.lan/a?b=c"), (3, 4), Download(7, "hf", "https://m.lan/a?b=c")),
        (("HF_HOME=/x",), (3,), Download(3, "hf", None)),
        ((), (3, 0), Download(None, "hf", None)),
    ],
)
def test_a_download_is_as_large_as_the_hub_says_of_all_and_comes_from_the_endpoint(variables, sizes, download) -> None:
    client = Client("/python", Store("/c", "/r"), variables)
    assert _download(client, [Snapshot("lacking", bytes=size) for size in sizes]) == download

from __future__ import annotations

import pytest

from gpustrap.catalog.providers import provider_of_host


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("i-1.gpushare.com", "gpushare"),
        ("I-2.GPUShare.com", "gpushare"),
        ("connect.westb.seetacloud.com", "autodl"),
        ("ssh.runpod.io", "runpod"),
        ("gpushare.com.example.org", "plain"),
        ("203.0.113.10", "plain"),
    ],
)
def test_a_provider_is_told_by_its_ssh_gateway(small_catalog: None, host: str, name: str) -> None:
    assert provider_of_host(host).name == name

"""What an accelerator is: the catalog's or the box's own, and what goes past it."""

from __future__ import annotations

import pytest

SCRIPT = {
    "http_proxy": "http://10.0.0.9:1",
    "https_proxy": "http://10.0.0.9:2",
    "no_proxy": "localhost,modelscope.com,a b",
    "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt",
    "REQUESTS_CA_BUNDLE": "/etc/$(x)",
}


@pytest.mark.parametrize("provider", ["autodl", "lab"])
def test_autodls_is_what_its_script_says(decide, provider: str) -> None:
    chosen = decide("provider", provider=provider, accelerator=SCRIPT)
    assert chosen.proxy.get_secret_value() == "http://10.0.0.9:2"
    assert chosen.variables["SSL_CERT_FILE"] == SCRIPT["SSL_CERT_FILE"]
    assert "REQUESTS_CA_BUNDLE" not in chosen.variables
    assert "modelscope.com" in chosen.no_proxy and "a b" not in chosen.no_proxy


def test_a_script_that_names_a_proxy_for_http_alone_is_heard(decide) -> None:
    chosen = decide("provider", provider="autodl", accelerator={"http_proxy": SCRIPT["http_proxy"]})
    assert chosen.proxy.get_secret_value() == "http://10.0.0.9:1"


def test_apt_and_domestic_mirrors_go_past_an_accelerator(decide) -> None:
    chosen = decide("auto", provider="gpushare")
    assert chosen.apt.get_secret_value() == "DIRECT"
    assert {"mirrors.aliyun.com", "hf-mirror.com"} < set(chosen.no_proxy)
    assert "ghfast.top" not in chosen.no_proxy

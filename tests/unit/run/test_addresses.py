from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from gpustrap.run.addresses import context_of, public_urls

URL = "http://203.0.113.9:28080"


def instance(*ports, **keys):
    root = {f"s{number}": SimpleNamespace(listens_on=port) for number, port in enumerate(ports)}
    known = {"name": "it", "region": "cn", "roles": ("services",), "public_url": URL, "allow_listening": (7,)}
    return SimpleNamespace(**{**known, "settings": {"services": SimpleNamespace(root=root)}, **keys})


@pytest.mark.parametrize(
    ("provider", "ports", "main"),
    [
        ("gpushare", (6006, 8080), 8080),
        ("gpushare", (7860,), 7860),
        ("gpushare", (), 8080),
        ("plain", (None, 7860, 8080), 7860),
        ("plain", (), None),
    ],
)
def test_an_address_is_that_of_the_providers_port_else_of_the_first_service(survey, provider, ports, main):
    urls = public_urls(instance(*ports), replace(survey, provider=provider), {})
    assert dict(urls) == ({main: URL} if main else {})


def test_resolvers_get_it_with_the_rest(survey):
    context = context_of(instance(8080), replace(survey, provider="plain"), {})
    assert (context.instance, context.region, context.allow_listening) == ("it", "cn", (7,))
    assert context.public_urls.get(8080) == URL

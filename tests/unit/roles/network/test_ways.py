"""Where the proxy comes from: hosts.yml, the provider, or nowhere; each with its reason."""

from __future__ import annotations

import pytest

from gpustrap.errors import InstanceFailed


@pytest.mark.parametrize("way", ["auto", "provider"])
def test_gpushares_accelerator_is_the_catalogs(decide, way: str) -> None:
    chosen = decide(way, provider="gpushare")
    assert chosen.proxy.get_secret_value() == "http://turbo.gpushare.com:30000"
    assert chosen.reasons[:2] == (
        "git, conda, shells and services use the provider's accelerator, http://turbo.gpushare.com:30000",
        "it covers .github.com, .githubusercontent.com, .githubassets.com, .huggingface.co, .pytorch.org, "
        ".kaggle.com; apt and the catalog's domestic mirrors go past it",
    )


@pytest.mark.parametrize(
    ("box", "why"),
    [
        ({"provider": "plain"}, "no accelerator is known of this provider (plain)"),
        ({"provider": "autodl"}, "/etc/network_turbo of this box names no proxy, as in some regions"),
        (
            {"provider": "autodl", "accelerator": {"https_proxy": "junk"}},
            "/etc/network_turbo of this box names no proxy, as in some regions",
        ),
        (
            {"provider": "gpushare", "accelerator": {"https_proxy": "junk"}},
            "no accelerator is known of this provider (gpushare)",
        ),
        (
            {"provider": "autodl", "accelerator": {"http_proxy": "http://me:canary@p:1"}},
            "/etc/network_turbo of this box names no proxy, as in some regions",
        ),
    ],
)
def test_where_there_is_none_auto_does_without_and_provider_fails(decide, box, why: str) -> None:
    assert decide("auto", **box).reasons == (f"{why}, so no client is told of a proxy",)
    with pytest.raises(InstanceFailed) as failed:
        decide("provider", **box)
    assert str(failed.value) == f"proxy: {why}\nhint: network: {{proxy: auto}} does without it"


def test_none_is_as_nothing_written(decide) -> None:
    assert decide("none", provider="gpushare").reasons == ("hosts.yml names no proxy, so no client is told of one",)

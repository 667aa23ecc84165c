"""What a person reads who wrote a bad value for the role `network`, and what stands where nothing is written."""

from __future__ import annotations

import pytest

NAME = "expected text of the form ^[a-z0-9][a-z0-9-]{0,30}$"
PROXY = "expected a proxy such as http://HOST:PORT"
DIRECT = "expected a host, an address or a .domain, without * (clients differ on it)"
COMMITS = "a password in hosts.yml ends up in backups and commits"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{proxy: 5}", '4: network.proxy: expected text, got 5; write it in quotes: "5"'),
        ("{proxy: {env: A B}}", "4: network.proxy.env: expected the name of an environment variable, such as HF_TOKEN"),
        ("{proxy: 'proxy:3128'}", f"4: network.proxy: {PROXY}"),
        ("{proxy: provder}", f"4: network.proxy: {PROXY}, or none, auto, provider, laptop"),
        ("{proxy: 'http://p:0'}", f"4: network.proxy: {PROXY}"),
        ("{proxy: 'http://[::1'}", f"4: network.proxy: {PROXY}"),
        ("{proxy: 'http://me:canary@p:1'}", f"4: network.proxy: {COMMITS}; write proxy: {{env: NAME}}"),
        (
            "{no_proxy: ['*.lan', '', 'a,b', 10.0.0.0/8]}",
            "\n".join(f"4: network.no_proxy.{n}: {DIRECT}" for n in range(4)),
        ),
    ],
)
def test_a_bad_value_is_named_by_line_and_key(refusal, text: str, message: str) -> None:
    assert refusal("network", text) == message.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "{proxy: 'socks5h://[fd00::1]:1080', no_proxy: [.lan, host, 10.0.0.7, 'fd00::1']}",
        "{proxy: {env: MY_PROXY}}",
        "{proxy: null}",
        "{proxy: none}",
        "{proxy: provider}",
        "{proxy: auto}",
        "{proxy: laptop, lent_hosts: [.example]}",
    ],
)
def test_good_values_are_taken(load, text: str) -> None:
    assert load("network", text)


def test_nothing_written_is_no_proxy(load) -> None:
    settings = load("network", "{}")
    assert (settings.proxy, settings.no_proxy) == (None, ())


@pytest.mark.parametrize("text", ["http://me:canary@a", "http://me:canary@a b"])
def test_no_message_repeats_a_password(refusal, text: str) -> None:
    assert "canary" not in str(refusal("network", f"{{proxy: '{text}'}}"))

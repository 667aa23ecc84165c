"""A proxy that variables name and that does not answer is found, without its password."""

from __future__ import annotations

import socket

import pytest

from gpustrap.laptop.own_proxy import dead_proxy


def test_one_at_which_nobody_listens_is_dead() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        assert dead_proxy({"http_proxy": f"me:canary@{place}"}) == ("http_proxy", place)


@pytest.mark.parametrize("url", ["http://[::1", "http://p:99999", "http://", ""])
def test_what_is_no_proxy_is_passed_over(url: str) -> None:
    assert dead_proxy({"http_proxy": url}) is None


def test_one_that_listens_is_not_dead() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert dead_proxy({"all_proxy": f"socks5h://127.0.0.1:{server.getsockname()[1]}"}) is None

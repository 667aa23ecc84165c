from __future__ import annotations

import pytest

from gpustrap.catalog.providers import load_providers
from gpustrap.resolve.public import PublicUrls

RUNPOD = {"RUNPOD_PUBLIC_IP": "203.0.113.7", "RUNPOD_TCP_PORT_22": "10022", "RUNPOD_TCP_PORT_8080": "10080"}
VAST = {"PUBLIC_IPADDR": "203.0.113.8", "VAST_TCP_PORT_22": "40022", "VAST_TCP_PORT_6006": "40606"}
AUTODL = {"AutoDLService6006URL": "https://u1-ab.westb.seetacloud.com:8443"}


@pytest.mark.parametrize(
    ("env", "port", "url", "sure"),
    [
        (RUNPOD, 8080, "http://203.0.113.7:10080", True),
        (RUNPOD, 9000, None, False),
        (RUNPOD | {"RUNPOD_POD_ID": "abc"}, 8080, "http://203.0.113.7:10080", True),
        (RUNPOD | {"RUNPOD_POD_ID": "abc"}, 9000, "https://abc-9000.proxy.runpod.net", False),
        (VAST, 6006, "http://203.0.113.8:40606", True),
        (VAST, 8080, None, False),
        (VAST | {"VAST_TCP_PORT_6006": "7'; rm -rf"}, 6006, None, False),
        (VAST | {"PUBLIC_IPADDR": "u:p@203.0.113.8"}, 6006, None, False),
        (VAST | {"PUBLIC_IPADDR": "\x1b[31m"}, 6006, None, False),
        (AUTODL, 6006, "https://u1-ab.westb.seetacloud.com:8443", False),
        (AUTODL, 6008, None, False),
        ({}, 8080, None, False),
    ],
)
def test_the_variables_of_the_box_tell_where_a_port_is_reached(env, port, url, sure):
    urls = PublicUrls(env=env)
    assert (urls.get(port), urls.is_sure(port)) == (url, sure)


@pytest.mark.parametrize(
    ("written", "main", "found"),
    [
        ("http://i-1.gpushare.com:28080", 8080, {8080: "http://i-1.gpushare.com:28080", 6006: None}),
        ("https://x-{port}.example", None, {8080: "https://x-8080.example", 6006: "https://x-6006.example"}),
        (None, 8080, {8080: "http://127.0.0.1:24000", 6006: None}),
    ],
)
def test_what_is_written_comes_before_what_the_lab_and_the_box_say(written, main, found):
    env = {"PUBLIC_IPADDR": "203.0.113.8", "VAST_TCP_PORT_8080": "1"}
    urls = PublicUrls({8080: "http://127.0.0.1:24000"}, env, written, main)
    assert {port: urls.get(port) for port in found} == found
    assert urls.is_sure(8080)


def test_those_that_are_known_can_be_listed():
    assert dict(PublicUrls(env=RUNPOD)) == {8080: "http://203.0.113.7:10080"}
    assert dict(PublicUrls(env=AUTODL)) == {6006: AUTODL["AutoDLService6006URL"]}
    assert dict(PublicUrls({8080: "http://a"}, VAST, "http://b", 7000)) == {
        6006: "http://203.0.113.8:40606",
        7000: "http://b",
        8080: "http://a",
    }


def test_no_variable_that_is_asked_for_may_hold_a_secret():
    names = [name for row in load_providers() for one in row.public for name in one.variables]
    assert names and not [name for name in names if any(word in name for word in ("KEY", "TOKEN", "SECRET"))]

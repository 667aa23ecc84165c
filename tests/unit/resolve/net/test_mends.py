"""What is said to mend a cause can be written as it stands."""

from __future__ import annotations

import re
from itertools import product

import pytest
from ruamel.yaml import YAML

from gpustrap.catalog.providers import load_providers
from gpustrap.resolve.net.causes import CAUSES
from gpustrap.resolve.net.mends import Place, mend_of
from gpustrap.resolve.net.probe import Probe
from gpustrap.resolve.net.seen import Seen

CN = Place("cn", "debian")
RENTED = {row.name: Place(row.region or "global", "ubuntu", row) for row in load_providers()}
SERVICES = ("apt.1", "pip", "npm", "conda", "github", "hf", "hf-files", "torch", "python-build", "odd")


@pytest.mark.parametrize(
    ("service", "host", "place", "says"),
    [
        ("pip", "index.lan", CN, "`mirrors: {pypi: TUNA}`"),
        ("pip", "pypi.tuna.tsinghua.edu.cn", CN, "`mirrors: {pypi: USTC}`"),
        ("pip", "pypi.tuna.tsinghua.edu.cn", Place(), "`mirrors: {pypi: upstream}`"),
        ("apt.1", "archive.lan", CN, "`mirrors: {apt: TUNA}`"),
        ("github", "github.com", CN, "`mirrors: {git: ghfast}`"),
        ("hf", "hf-mirror.com", CN, "`network: {proxy: http://HOST:PORT}`"),
        ("torch", "download.pytorch.org", CN, "`torch: {wheel_mirrors: [{kind: index, url: 'https://mirror.sjtu.edu.cn/"),
        ("github", "github.com", RENTED["gpushare"], "`network: {proxy: provider}`"),
        ("hf", "huggingface.co", RENTED["autodl"], "`network: {proxy: provider}`"),
        ("npm", "registry.lan", CN, "`mirrors: {npm: npmmirror}`"),
    ],
)  # fmt: skip
def test_another_place_is_named(service, host, place, says):
    assert says in mend_of("black_hole", Probe(service, host), Seen(), place)


def test_what_does_not_work_has_a_mend_and_every_setting_of_one_is_yaml():
    seen = Seen(proxies=(("http_proxy", "http://x"),))
    settings = set()
    for cause, place, service in product(CAUSES, [CN, Place(), *RENTED.values()], SERVICES):
        said = mend_of(cause.word, Probe(service, "some.host"), seen, place)
        assert bool(said) == (cause.word != "works")
        settings |= set(re.findall(r"`([a-z]+: [{][^`]*[}])`", said))
    yaml = YAML(typ="safe")
    assert len(settings) > 8
    assert all(isinstance(yaml.load(setting), dict) for setting in settings)


def test_a_resolver_that_finds_other_hosts_stays():
    """It may know the provider's own names too; then another place is the way."""
    lost = Probe("hf", "huggingface.co", code=6)
    found = Probe("apt.1", "apt.lan", names=("10.0.0.1",))
    alone = mend_of("dns_fails", lost, Seen(probes=(lost,)), CN)
    beside = mend_of("dns_fails", lost, Seen(probes=(lost, found)), CN)
    assert "nameserver 223.5.5.5" in alone
    assert "nameserver" not in beside and beside == mend_of("black_hole", lost, Seen(), CN)

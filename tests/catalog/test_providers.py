from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest

from gpustrap.catalog.providers import load_providers, provider_of_host
from gpustrap.inventory.ssh import parse_ssh
from gpustrap.reference.catalog import catalog_page
from gpustrap.reference.readme import NOT_RENTED, readme
from gpustrap.resolve.box.provider import Traces, recognise

PROVIDERS = load_providers()
PAGE = catalog_page()
SECRET = re.compile("KEY|TOKEN|SECRET|PASSW|CREDENTIAL")

every_provider = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda row: row.name)


@every_provider
def test_a_provider_can_be_told_and_its_example_is_an_ssh_command(provider):
    traces = provider.detect
    assert any((traces.env, traces.files, traces.hostname, traces.commands)) == (provider.name != "plain")
    assert parse_ssh(provider.ssh_example)
    assert all(path.startswith("/") for path in (*provider.survives, *provider.wiped, *traces.files))
    assert all(0 < port < 65536 for port in provider.ports)


@every_provider
def test_each_trace_of_a_provider_tells_it_and_no_other(provider):
    found = [
        *(Traces(frozenset({path}), frozenset(), frozenset(), "box") for path in provider.detect.files),
        *(Traces(frozenset(), frozenset({name}), frozenset(), "box") for name in provider.detect.commands),
        *(Traces(frozenset(), frozenset(), frozenset({name}), "box") for name in provider.detect.env),
    ]
    assert {recognise(PROVIDERS, traces).name for traces in found} <= {provider.name}


@every_provider
def test_no_variable_that_is_asked_for_holds_a_secret(provider):
    """The survey keeps the values of these."""
    assert [name for name in provider.detect.env if SECRET.search(name)] == []


@every_provider
def test_a_gateway_of_a_provider_is_its_own(provider):
    hosts = [pattern.replace("*", "x1") for pattern in provider.ssh_hosts]
    assert [provider_of_host(host) for host in hosts] == [provider] * len(hosts)
    assert not any(fnmatchcase("203.0.113.10", pattern) for pattern in provider.ssh_hosts)


@every_provider
def test_a_provider_has_a_section_on_the_page_and_a_row_in_the_readme(provider):
    section = PAGE.partition(f"\n### {provider.name}: ")[2].partition("\n##")[0]
    assert f"- source: {provider.source} (read {provider.read})" in section.replace("\\", "")
    [row] = [line for line in PAGE.splitlines() if line.startswith(f"| [{provider.name}](")]
    assert all(f"`{path}`" in row for path in provider.survives)
    shown = readme("| provider |\n").splitlines()
    assert any(line.startswith(f"| {provider.title} ") for line in shown) == (provider.name not in NOT_RENTED)


def test_provider_names_are_unique_and_plain_comes_last():
    names = [provider.name for provider in PROVIDERS]
    assert len(set(names)) == len(names)
    assert names[0] == "lab" and names[-1] == "plain"

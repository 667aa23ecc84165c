"""What holds for every row of every table, so that a new row is tested unasked."""

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest

from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.mirrors import load_mirrors, mirrors_of
from gpustrap.catalog.providers import load_providers, provider_of_host
from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.box.cards import find_card
from gpustrap.resolve.torch.requirements import companions_of

CATALOG = load_catalog()
FORMS = {
    "pypi": {"pep503"},
    "apt": {"apt"},
    "conda": {"conda"},
    "npm": {"npm"},
    "git": {"prefix"},
    "hf": {"hf"},
    "torch": {"pep503", "flat"},
    "python-build": {"uv"},
}


def ids(rows):
    return [getattr(row, "name", None) or "row" for row in rows]


@pytest.mark.parametrize("build", CATALOG.builds, ids=ids(CATALOG.builds))
def test_every_build_can_be_judged(build):
    assert build.pythons and all(re.fullmatch(r"3\.\d+t?", tag) for tag in build.pythons)
    assert len(build.torch) == 3
    assert build.cuda is None or build.cuda[0] in {family.major for family in CATALOG.families}
    assert bool(build.sm) == (build.cuda is not None) or not build.is_published
    assert list(build.sm) == sorted(set(build.sm))
    assert build.glibc >= (2, 28) if build.torch >= (2, 7) else build.glibc >= (2, 16)
    assert build.download_bytes is None or 50e6 < build.download_bytes < 6e9
    assert not (build.measured and build.download_bytes is None)
    assert not build.guessed
    assert build.is_published or not build.default


def test_each_build_stands_in_the_table_once():
    twice = Counter((build.name, build.arch) for build in CATALOG.builds)
    assert [name for name, times in twice.items() if times > 1] == []


def test_each_release_has_one_default_wheel_and_a_cpu_build_for_each_architecture():
    defaults = Counter((build.torch, build.arch) for build in CATALOG.builds if build.default)
    cpu = {(build.torch, build.arch) for build in CATALOG.builds if build.cuda is None}
    assert set(defaults) == cpu == {(r, a) for r in CATALOG.releases() for a in ("x86_64", "aarch64")}
    assert set(defaults.values()) == {1}


def test_each_release_has_companions_whose_pins_accept_it():
    assert len(CATALOG.companions) == len(CATALOG.releases())
    one_each = {build.torch: build for build in CATALOG.builds}
    assert [build.name for build in one_each.values() if companions_of(build, CATALOG) is None] == []


def test_a_newer_toolkit_never_came_with_an_older_driver():
    rows = sorted(CATALOG.toolkits, key=lambda row: row.toolkit)
    assert [row.driver for row in rows] == sorted(row.driver for row in rows)
    assert len({row.toolkit for row in rows}) == len(rows)


def test_the_newest_torch_of_each_cuda_is_as_the_facts_say():
    newest = {}
    for build in CATALOG.builds:
        if build.is_published and build.cuda and build.arch == "x86_64":
            newest[build.tag] = max(build.torch, newest.get(build.tag, (0,)))
    told = {"cu118": (2, 7, 1), "cu124": (2, 6, 0), "cu126": (2, 14, 1), "cu128": (2, 11, 0)}
    told |= {"cu129": (2, 13, 0), "cu130": (2, 14, 1), "cu132": (2, 15, 0)}
    assert {tag: newest[tag] for tag in told} == told


@pytest.mark.parametrize("card", load_cards(), ids=ids(load_cards()))
def test_every_card_is_found_by_its_own_names(card):
    assert find_card(card.name, load_cards()) is card
    assert all(find_card(alias, load_cards()) is card for alias in card.aliases)
    assert card.vram_gib and min(card.vram_gib) >= 8
    assert 200 < card.bandwidth_gb_s < 10_000
    assert (6, 0) <= card.compute_capability <= (12, 1)


@pytest.mark.parametrize("mirror", load_mirrors(), ids=[f"{m.kind} {m.name} {m.distro}" for m in load_mirrors()])
def test_every_mirror_is_of_the_form_its_kind_has(mirror):
    url = urlsplit(mirror.url)
    assert url.scheme == "https" and url.hostname and not url.query
    assert mirror.form in FORMS[mirror.kind]
    assert ("{tag}" in mirror.url) == (mirror.kind == "torch")
    assert (mirror.distro is not None) == (mirror.kind == "apt")
    assert mirror.url.endswith("/") or mirror.form not in {"flat", "prefix"}


def test_each_kind_of_mirror_is_there_for_cn_and_no_address_twice():
    assert [kind for kind in FORMS if not mirrors_of(kind, "cn")] == []
    assert len({mirror.url for mirror in load_mirrors()}) == len(load_mirrors())


@pytest.mark.parametrize("provider", load_providers(), ids=ids(load_providers()))
def test_every_provider_can_be_told_and_its_example_is_an_ssh_command(provider):
    traces = provider.detect
    assert any((traces.env, traces.files, traces.hostname, traces.commands)) == (provider.name != "plain")
    assert re.compile(traces.hostname or "")
    assert provider.ssh_example.startswith("ssh ")
    assert all(path.startswith("/") for path in (*provider.survives, *provider.wiped, *traces.files))
    assert all(0 < port < 65536 for port in provider.ports)


def test_provider_names_are_unique_and_plain_comes_last():
    names = [provider.name for provider in load_providers()]
    assert len(set(names)) == len(names)
    assert names[0] == "lab" and names[-1] == "plain"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("i-1.gpushare.com", "gpushare"),
        ("I-2.GPUShare.com", "gpushare"),
        ("connect.westb.seetacloud.com", "autodl"),
        ("ssh.runpod.io", "runpod"),
        ("ssh5.vast.ai", "vast"),
        ("workspace.featurize.cn", "featurize"),
        ("hz.matpool.com", "matpool"),
        ("gpushare.com.example.org", "plain"),
        ("203.0.113.10", "plain"),
    ],
)
def test_a_provider_is_told_by_its_ssh_gateway(host, name):
    assert provider_of_host(host).name == name

"""What was measured comes before the catalog's order, where hosts.yml asks for it and for what is `auto`."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gpustrap.catalog.mirrors import mirrors_of
from gpustrap.resolve.context import Context
from gpustrap.resolve.net.measured import Measured, Row, write
from roles.mirrors import resolve

AUTO = Context("trainer", "auto")
FIRST, SECOND = (row.url for row in mirrors_of("pypi", "cn")[:2])
APT = "https://mirrors.ustc.edu.cn/debian"
ROWS = (
    Row("pypi", None, "black_hole"),
    Row("pypi", FIRST, "http_403_agent"),
    Row("pypi", SECOND, "works", 0.1, 40_000_000),
    Row("apt", None, "slow", 3.5, 20_000),
    Row("apt", APT, "works", 0.1, 9_000_000),
)
SEEN = write(Measured(1_800_000_000, "curl", ROWS, {"pypi": SECOND, "apt": APT, "npm": None}))


def chosen(settings, survey, measured, **written):
    survey = replace(
        survey, measured=measured, apt_texts={"/etc/apt/sources.list": "deb http://a.lan/debian bookworm main\n"}
    )
    return resolve.choose(settings("mirrors", **written), survey, AUTO)


def test_the_measured_place_is_asked_and_the_reason_has_the_numbers(settings, survey):
    made = chosen(settings, survey, SEEN, measure=True)
    assert made.pypi == SECOND
    assert made.apt.url == APT.replace("https", "http")
    assert (
        f"pip and uv ask USTC ({SECOND}): measured: upstream black hole, TUNA http 403 agent, USTC 40.0 MB/s"
        in made.reasons
    )
    assert any("measured: upstream 0.0 MB/s, USTC 9.0 MB/s" in reason for reason in made.reasons)


@pytest.mark.parametrize("written", [{}, {"measure": False}])
def test_without_the_setting_nothing_measured_counts(settings, survey, written):
    assert chosen(settings, survey, SEEN, **written) == chosen(settings, survey, None, **written)


def test_what_is_written_counts_before_what_was_measured(settings, survey):
    made = chosen(settings, survey, SEEN, measure=True, pypi="TUNA", apt="upstream")
    assert (made.pypi, made.apt.url) == (FIRST, None)


@pytest.mark.parametrize("text", [None, "", "{", json.dumps({"at": 1})])
def test_what_cannot_be_read_leaves_the_catalogs_order(settings, survey, text):
    assert chosen(settings, survey, text, measure=True).pypi == chosen(settings, survey, None).pypi


@pytest.mark.parametrize("place", ["https://evil", APT])
def test_a_place_that_the_catalog_does_not_have_of_this_kind_is_not_asked(settings, survey, place):
    evil = write(Measured(1, "curl", (Row("pypi", place, "works"),), {"pypi": place}))
    assert chosen(settings, survey, evil, measure=True).pypi is None


def test_a_place_of_another_distribution_is_not_asked(settings, survey):
    ubuntu = APT.replace("debian", "ubuntu")
    other = write(Measured(1, "curl", (Row("apt", ubuntu, "works"),), {"apt": ubuntu}))
    assert chosen(settings, survey, other, measure=True).apt.url is None


def test_upstream_counts_where_it_was_measured_to_be_best_and_what_was_not_measured_goes_by_region(settings, survey):
    """The place of a kind is known without the slash that the catalog writes at its end."""
    builds = "https://registry.npmmirror.com/-/binary/python-build-standalone"
    git = next(row.url for row in mirrors_of("git", "cn") if row.name == "ghfast")
    rows = (Row("python-build", builds, "works", 0.1), Row("git", git, "works", 0.2))
    known = Measured(1, "curl", rows, {"pypi": None, "python-build": builds, "git": git})
    box = replace(survey, measured=write(known))
    made = resolve.choose(settings("mirrors", measure=True, git="auto"), box, Context("trainer", "cn"))
    assert f"uv fetches Pythons from npmmirror ({builds}): measured: npmmirror 100 ms" in made.reasons
    assert f"git fetches GitHub's repositories from ghfast ({git}): measured: ghfast 200 ms" in made.reasons
    assert (made.pypi, made.python_build, made.conda) == (None, builds, "https://mirrors.bfsu.edu.cn/anaconda")
    assert "conda asks BFSU (https://mirrors.bfsu.edu.cn/anaconda): hosts.yml says region: cn" in made.reasons

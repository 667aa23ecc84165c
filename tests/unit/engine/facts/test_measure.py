"""Each place is judged by content first, by the rate of its files then: real servers, the real script, one exec."""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace

import pytest

from gpustrap.engine.facts import measure
from gpustrap.resolve.net.candidates import FILES, Candidate
from gpustrap.resolve.net.measured import choose


def places(urls):
    return [Candidate("pypi", url, url.removesuffix("/pip/"), FILES["pypi"]) for url in urls]


def run(found, path, **more):
    began = time.monotonic()
    done = subprocess.run(
        ["sh"],
        input=measure.command(found),
        env={"PATH": path, "HOME": "/root", **more},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    return measure.read_rows(done.stdout, found), measure.asker(done.stdout), time.monotonic() - began


NAMES = ("error_page", "http_403_agent", "works-slow-files", "works-large", "works-no-files", "truncated", "http_429")


@pytest.mark.parametrize("program", ["curl", "python3"])
def test_an_error_page_is_not_the_fastest_and_slow_files_are_seen(faults, program, only):
    found = places([faults[name] for name in NAMES])
    rows, asker, seconds = run(found, only(program))
    assert asker == program
    assert [row.cause.partition("_agent")[0] for row in rows] == [
        "error_page", "http_403", "works", "works", "no_files" if program == "curl" else "works", "truncated", "http_429",
    ]  # fmt: skip
    if program == "curl":
        rates = dict(zip(NAMES, (row.rate for row in rows), strict=True))
        assert rates["works-large"] > 20 * rates["works-slow-files"] > 0
        assert [rates[name] for name in NAMES if not name.startswith("works") or name == "works-no-files"] == [0] * 5
        assert choose(rows, {}) == {"pypi": faults["works-large"]}
    assert seconds < 8


def test_a_file_that_is_not_the_one_of_its_index_is_not_chosen(faults, only):
    rows, *_ = run(places([faults["works-other-file"], faults["works-slow-files"]]), only("curl"))
    assert [row.cause for row in rows] == ["wrong_digest", "works"]
    assert choose(rows, {}) == {"pypi": faults["works-slow-files"]}


def test_where_no_place_gives_files_the_one_whose_index_answers_is_left(faults, only):
    rows, *_ = run(places([faults["http_429"], faults["works-no-files"]]), only("curl"))
    assert choose(rows, {}) == {"pypi": faults["works-no-files"]}


def test_a_place_works_where_all_of_its_parts_do(faults, only):
    """Two channels at the same mirror, one of which it does not have."""
    found = [replace(each, url="m") for each in places([faults["works-large"], faults["http_404"]])]
    rows, *_ = run([*found, *places([faults["works-slow-files"]])], only("curl"))
    assert [(row.url, row.cause) for row in rows] == [("m", "http_404"), (faults["works-slow-files"], "works")]


def test_thirty_places_twenty_of_which_are_black_holes_take_less_than_eight_seconds(faults, only):
    urls = [faults["black_hole"]] * 20 + [faults["works-slow-files"]] * 5 + [faults["works-large"]] * 5
    found = [replace(each, url=f"{each.url}{at}") for at, each in enumerate(places(urls))]
    rows, _, seconds = run(found, only("curl"))
    assert [row.cause for row in rows] == ["black_hole"] * 20 + ["works"] * 10
    assert seconds < 8


def test_an_index_that_apt_would_refuse_is_not_chosen(faults, only, survey):
    files = replace(FILES["pypi"], service="apt", small="/dists/x/InRelease", large="/dists/x/main/Packages.xz")
    url = faults["stale"].removesuffix("/pip/")
    rows, *_ = run([Candidate("apt", url, url, files)], only("curl"))
    assert [(row.cause, choose(rows, {})) for row in rows] == [("stale", {"apt": None})]


@pytest.mark.parametrize(
    ("settings", "variable", "asked"),
    [
        ("channels:\n  - pytorch\n  - defaults\n", "", True),
        ("channels:\n- 'pytorch'  # mine\n", "", True),
        ("channels: [defaults, pytorch]\n", "", True),
        ("", "conda-forge,pytorch", True),
        # What the role mirrors writes says where a channel would be, and not that it is used.
        ("custom_channels:\n  pytorch: http://mirror.lan/cloud\n", "", False),
        ("channels:\n  - pytorch-nightly\n", "", False),
        ("# - pytorch\n", "", False),
        ("", "", False),
    ],
)
def test_a_channel_of_condas_is_asked_where_the_boxs_settings_use_it(faults, only, tmp_path, settings, variable, asked):
    (tmp_path / ".condarc").write_text(settings)
    found = [replace(each, files=replace(each.files, service="conda.pytorch")) for each in places([faults["works"]])]
    for program in ("curl", "python3"):
        rows, *_ = run(found, only(program), HOME=str(tmp_path), CONDA_CHANNELS=variable)
        assert len(rows) == asked


def test_upstream_is_what_the_client_says(faults, only, tmp_path):
    (tmp_path / "python3").write_text(f"#!/bin/sh\necho {faults['works'].removesuffix('/pip/')}\n")
    (tmp_path / "python3").chmod(0o755)
    own = Candidate("pypi", None, "upstream", FILES["pypi"])
    rows, *_ = run([own], f"{tmp_path}:{only('curl')}")
    assert [(row.url, row.cause) for row in rows] == [(None, "works")]


def test_a_box_that_cannot_ask_measures_nothing(faults, only):
    assert run(places([faults["works"]]), only())[:2] == ([], "none")


@pytest.mark.parametrize("text", ["", "probe\tpip.x\t\n", "rate\tpip.0\t200 1 nan\n", "rate\tpip.99\t200 1 5\n"])
def test_whatever_it_prints_is_read(text):
    assert measure.read_rows(text, places(["http://a/pip/"])) == []

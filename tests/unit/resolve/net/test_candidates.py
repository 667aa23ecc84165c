from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.resolve.net.candidates import BUILD, BUILDS, FILES, candidates

KINDS = ("apt", *FILES)
MORE = re.compile("/(conda-forge|pytorch)/")  # conda's channels besides the first


def test_upstream_is_first_and_every_mirror_of_the_catalog_follows(survey):
    survey = replace(
        survey, apt_texts={"/etc/apt/sources.list": "deb [arch=amd64] http://a.lan/debian bookworm main\n"}
    )
    for kind in KINDS:
        asked = candidates([kind], survey, "debian")
        found = [each for each in asked if each.kind == kind and not MORE.search(each.files.small)]
        rows = [row.url for row in load_mirrors() if row.kind == kind and row.distro in (None, "debian")]
        assert found[0].url is None
        assert [each.url and each.url.rstrip("/") for each in found[1:]] == [url.rstrip("/") for url in rows]


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("deb http://a.lan/debian bookworm main\n", "http://a.lan/debian"),
        ("Types: deb\nURIs: https://a.lan/debian/\n", "https://a.lan/debian"),
        ("deb https://download.docker.lan/linux bookworm main\n", None),
    ],
)
def test_apts_upstream_is_what_the_image_asks(survey, text, base):
    found = candidates(["apt"], replace(survey, apt_texts={"/etc/apt/sources.list": text}), "debian")
    assert next((each.base for each in found if each.url is None), None) == base
    assert all(each.base.startswith("http://") for each in found if each.url)


def test_every_mirror_of_conda_is_asked_for_its_channels_and_xet_goes_with_hugging_face(survey):
    conda = candidates(["conda"], survey, "debian")
    urls = [row.url for row in load_mirrors() if row.kind == "conda"]
    assert [each.url for each in conda] == [None, *urls] * 3
    for name, at in {"pkgs/main": 0, "conda-forge": 1, "pytorch": 2}.items():
        part = conda[at * len(conda) // 3 : (at + 1) * len(conda) // 3]
        assert all(each.files.small.endswith(f"/{name}/noarch/repodata.json") for each in part)
        assert {each.files.service for each in part} == {"conda.pytorch" if name == "pytorch" else "conda"}
    assert [each.url for each in candidates(["hf"], survey, "debian") if each.kind == "xet"] == [None]


def test_every_mirror_of_torchs_wheels_is_asked_for_the_smallest_builds(survey):
    found = candidates(["torch"], survey, "debian")
    assert [each.url for each in found] == [row.url for row in load_mirrors() if row.kind == "torch"]
    assert all("{tag}" not in each.base and each.base.endswith("/cpu") for each in found)


def test_no_field_of_a_line_is_empty(survey):
    assert all(all(each.line(0).split("\t")) for each in candidates(KINDS, survey, "debian"))


def test_a_line_has_six_fields(survey):
    for number, each in enumerate(candidates(KINDS, survey, "debian")):
        assert each.line(number).count("\t") == 5


def test_the_build_of_python_is_one_that_the_catalogs_uv_fetches_from_there():
    uv = Path(sys.executable).with_name("uv")
    words = [uv, "python", "list", "--only-downloads", "--show-urls", "--all-arches", "--no-config", "3.12"]
    told = subprocess.run(words, capture_output=True, text=True, timeout=60, env={"HOME": "/nonexistent"}).stdout
    assert f"{BUILDS}{BUILD}" in told

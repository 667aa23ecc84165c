from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.resolve.net.candidates import BUILD, BUILDS, FILES, candidates

KINDS = ("apt", *FILES)


def test_upstream_is_first_and_every_mirror_of_the_catalog_follows(survey):
    survey = replace(
        survey, apt_texts={"/etc/apt/sources.list": "deb [arch=amd64] http://a.lan/debian bookworm main\n"}
    )
    for kind in KINDS:
        found = candidates([kind], survey, "debian")
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


def test_a_line_has_five_fields(survey):
    for number, each in enumerate(candidates(KINDS, survey, "debian")):
        assert each.line(number).count("\t") == 4


def test_the_build_of_python_is_one_that_the_catalogs_uv_fetches_from_there():
    uv = Path(sys.executable).with_name("uv")
    words = [uv, "python", "list", "--only-downloads", "--show-urls", "--all-arches", "--no-config", "3.12"]
    told = subprocess.run(words, capture_output=True, text=True, timeout=60, env={"HOME": "/nonexistent"}).stdout
    assert f"{BUILDS}{BUILD}" in told

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from gpustrap.catalog.mirrors import load_mirrors, mirrors_of
from gpustrap.reference.catalog import catalog_page

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
PAGE = catalog_page()


@pytest.mark.parametrize("mirror", load_mirrors(), ids=lambda row: f"{row.kind} {row.name} {row.distro}")
def test_every_mirror_is_of_the_form_its_kind_has(mirror):
    url = urlsplit(mirror.url)
    assert url.scheme == "https" and url.hostname and not url.query
    assert mirror.form in FORMS[mirror.kind]
    assert ("{tag}" in mirror.url) == (mirror.kind == "torch")
    assert (mirror.distro is not None) == (mirror.kind == "apt")
    assert mirror.url.endswith("/") or mirror.form not in {"flat", "prefix"}


@pytest.mark.parametrize("mirror", load_mirrors(), ids=lambda row: f"{row.kind} {row.name} {row.distro}")
def test_every_mirror_stands_once_on_the_page_in_the_table_of_its_kind_and_region(mirror):
    section = PAGE.partition(f"\n### {mirror.kind}, region {mirror.region}\n")[2].partition("\n##")[0]
    assert section.count(f"`{mirror.url}`") == 1


def test_each_kind_of_mirror_is_there_for_cn_and_no_address_twice():
    assert [kind for kind in FORMS if not mirrors_of(kind, "cn")] == []
    assert len({mirror.url for mirror in load_mirrors()}) == len(load_mirrors())

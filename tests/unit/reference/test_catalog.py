from __future__ import annotations

import re
from functools import cache

import pytest

from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.catalog.presets import load_presets
from gpustrap.catalog.providers import load_providers
from gpustrap.reference.catalog import catalog_page

page = cache(catalog_page)


@pytest.mark.parametrize("provider", load_providers(), ids=lambda provider: provider.name)
def test_each_provider_has_a_section_that_says_what_survives_and_where_that_is_from(provider):
    section = page().partition(f"\n### {provider.name}: ")[2].partition("\n##")[0]
    assert f"- source: {provider.source} (read {provider.read})" in section.replace("\\", "")
    [row] = [line for line in page().splitlines() if line.startswith(f"| [{provider.name}](")]
    assert all(f"`{path}`" in row for path in provider.survives)


def test_each_mirror_stands_once_in_the_table_of_its_kind_and_region():
    for mirror in load_mirrors():
        section = page().partition(f"\n### {mirror.kind}, region {mirror.region}\n")[2].partition("\n##")[0]
        assert section.count(f"`{mirror.url}`") == 1, mirror


@pytest.mark.parametrize("preset", load_presets())
def test_each_preset_is_there(preset):
    assert f"| `{preset}` " in page()


def test_each_link_leads_to_a_heading():
    from gpustrap.reference.markdown import anchor

    headings = {anchor(heading) for heading in re.findall("^#+ (.*)$", page(), re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]*)\)", page())) - headings == set()

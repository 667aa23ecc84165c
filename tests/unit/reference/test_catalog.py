from __future__ import annotations

import re

import pytest

from gpustrap.reference.catalog import catalog_page
from gpustrap.reference.markdown import anchor

pytestmark = pytest.mark.usefixtures("small_catalog")


def section(heading: str) -> str:
    return catalog_page().partition(f"\n### {heading}")[2].partition("\n##")[0]


def test_a_provider_has_a_section_with_all_that_is_known_of_it():
    lines = section("runpod: RunPod\n").splitlines()
    assert "- ssh: `ssh -p 28123 root@203.0.113.10`" in lines
    assert any(line.startswith("- recognised by: variable `RUNPOD_POD_ID`") for line in lines)
    assert lines[-1].startswith("- source: ")


def test_mirrors_stand_in_order_of_preference_with_their_sources():
    text = section("pypi, region cn\n")
    assert text.index("TUNA") < text.index("USTC") < text.index("- source: ")


def test_presets_and_figures_are_there():
    assert "| `hello` | `exec python3 hello.py {port}` | 8080 | `/ping` | `hello.py` | `python3` |" in catalog_page()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in catalog_page().splitlines()]
    assert ["torch releases", "2", "2.7.1", "2.15.0"] in rows
    assert ["cards, by compute capability", "35", "6.1", "12.1"] in rows


def test_each_link_leads_to_a_heading():
    headings = {anchor(heading) for heading in re.findall("^#+ (.*)$", catalog_page(), re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]*)\)", catalog_page())) - headings == set()

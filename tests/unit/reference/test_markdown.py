from __future__ import annotations

import pytest

from gpustrap.reference import markdown


def test_the_columns_of_a_table_are_aligned_but_the_last_and_wide_letters_count_twice():
    shown = markdown.table(("name", "note"), [("恒源云", "a"), ("x", "a long note")])
    assert shown == "| name   | note |\n| ------ | ---- |\n| 恒源云 | a |\n| x      | a long note |"


def test_a_cell_cannot_end_before_its_end():
    assert markdown.table(("form",), [("`{env|file}`",)]).splitlines()[-1] == r"| `{env\|file}` |"


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("TCP_PORT_<n> of <host>", r"TCP_PORT_\<n> of \<host>"),
        ("'>=2.8,<2.10'", "'>=2.8,<2.10'"),
        ("without * and _this_", r"without \* and \_this_"),
        ("`<n> and *` stays, <n> does not", r"`<n> and *` stays, \<n> does not"),
    ],
)
def test_plain_words_are_no_markup(words, written):
    assert markdown.text(words) == written


@pytest.mark.parametrize(("value", "written"), [("-p `id`", "`` -p `id` ``"), ("/data", "`/data`")])
def test_code_is_as_it_is_typed(value, written):
    assert markdown.code(value) == written


def test_paragraphs_are_wrapped_each_by_itself():
    long = " ".join(["word"] * 30)
    assert markdown.paragraphs(f"{long}\n\nshort") == f"{long[:119]}\n{long[120:]}\n\nshort"


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("services: Service", "services-service"),
        ("vast: Vast.ai", "vast-vastai"),
        ("gpustrap lab up", "gpustrap-lab-up"),
    ],
)
def test_a_heading_is_reached_by_the_name_that_viewers_give_it(heading, name):
    assert markdown.anchor(heading) == name

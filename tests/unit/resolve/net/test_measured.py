"""The choice is by what was measured, stays where nothing much faster is there, and is upstream where nothing works."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.resolve.net.causes import CAUSES
from gpustrap.resolve.net.measured import BETTER, ENOUGH, Measured, Row, choose, is_fresh, ranked, read, said, write

MB = 1_000_000


def row(url, rate, cause="works", first=0.1):
    return Row("pypi", url and f"https://{url}/simple", cause, first, rate)


@pytest.mark.parametrize(
    ("rows", "before", "chosen"),
    [
        ([row("a", 2 * MB), row("b", 9 * MB)], None, "b"),
        ([row("a", 2 * MB), row("b", 9 * MB)], "a", "b"),
        ([row("a", 7 * MB), row("b", 9 * MB)], "a", "a"),
        ([row("a", 40 * MB), row("b", 900 * MB)], "a", "a"),
        ([row("a", 40 * MB), row("b", 900 * MB)], None, "a"),
        ([row(None, 8 * MB), row("b", 9 * MB)], None, None),
        ([row(None, 8 * MB), row("b", 9 * MB)], "b", "b"),
        ([row(None, 0, "black_hole"), row("b", 9 * MB), row("a", 90 * MB, "error_page")], None, "b"),
        ([row("a", 0, "http_403"), row("b", 0, "black_hole")], "a", None),
        ([row("a", 5 * MB, "http_403"), row("b", 100_000)], "a", "b"),
        ([row("a", 0, first=0.01), row("b", 200_000, first=2.9)], None, "b"),
        ([row("a", 0, first=0.9), row("b", 0, first=0.1)], None, "b"),
    ],
)
def test_what_works_and_is_fast_is_chosen(rows, before, chosen):
    urls = {"pypi": f"https://{before}/simple"} if before else {}
    assert choose(rows, urls) == {"pypi": f"https://{chosen}/simple" if chosen else None}


PLACES = st.sampled_from([None, "https://a", "https://b", "https://c"])
WORDS = st.sampled_from([cause.word for cause in CAUSES])
ROWS = st.lists(
    st.builds(Row, st.sampled_from(["apt", "npm"]), PLACES, WORDS, st.floats(0, 9), st.integers(0, 9**9)),
    max_size=9,
    unique_by=lambda one: (one.kind, one.url),
)


@given(ROWS, st.dictionaries(st.sampled_from(["apt", "npm"]), PLACES))
def test_a_choice_works_is_not_much_slower_than_any_and_is_made_again_by_the_same_numbers(rows, before):
    chosen = choose(rows, before)
    assert choose(rows, chosen) == chosen
    for kind, url in chosen.items():
        good = [one for one in rows if one.kind == kind and one.cause in ("works", "slow")]
        taken = [one for one in good if one.url == url]
        assert taken or (url is None and not good)
        for one in taken:
            assert one.rate == 0 or min(ENOUGH, max(each.rate for each in good)) <= one.rate * BETTER + 1


@given(ROWS, st.integers(0, 2**40))
def test_what_is_remembered_is_read_as_it_was(rows, at):
    known = Measured(at, "curl", tuple(rows), choose(rows, {}))
    assert read(write(known)) == known
    assert "\n" not in write(known).rstrip("\n")


@given(
    st.text()
    | st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)).map(
        json.dumps
    )
)
def test_whatever_the_box_has_there_is_read_or_none(text):
    assert read(text) is None


@pytest.mark.parametrize("url", ["file:///etc/passwd", "-o/x", 5])
def test_what_is_no_url_is_not_taken(url):
    assert (
        read(json.dumps({"at": 1, "by": "curl", "rows": [["npm", url, "works", 1, 1]], "chosen": {"npm": url}})) is None
    )


def test_a_choice_that_was_not_measured_is_not_taken():
    told = read(json.dumps({"at": 1, "by": "curl", "rows": [], "chosen": {"npm": "https://evil"}}))
    assert told == Measured(1)


@pytest.mark.parametrize(("age", "fresh"), [(0, True), (86_399, True), (86_400, False), (-1, False)])
def test_a_measurement_counts_for_a_day(age, fresh):
    assert is_fresh(Measured(1_000_000), 1_000_000 + age) is fresh
    assert is_fresh(None, 0) is False


def test_the_reason_has_every_places_number_or_fault():
    rows = (row(None, 0, "black_hole"), row("a", 12_300_000), row("b", 0, first=0.25), row("c", 0, "http_403"))
    known = Measured(1, "curl", rows, {"pypi": "https://a/simple"})
    assert said(known, "pypi", {"https://a/simple": "TUNA"}) == (
        "measured: upstream black hole, TUNA 12.3 MB/s, https://b/simple 250 ms, https://c/simple http 403"
    )
    dead = Measured(1, "curl", (row("c", 0, "http_403"),), {"pypi": None})
    assert said(dead, "pypi", {}) == "measured, and none of these works: https://c/simple http 403"


def test_the_chosen_place_is_first_of_those_that_work_then_the_fastest():
    rows = (row("a", 5 * MB), row("b", 9 * MB), row("c", 0, "no_files"), row(None, 8 * MB), row("d", 7 * MB))
    kind, a, b, d = rows[0].kind, rows[0].url, rows[1].url, rows[4].url
    assert ranked(Measured(1, "curl", rows, {kind: a}), kind) == [a, b, d]
    assert ranked(Measured(1), kind) == []

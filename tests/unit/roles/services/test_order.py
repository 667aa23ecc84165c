from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from roles.services.order import in_order, wrong

NAMES = st.sampled_from("abcdef")
NEEDS = st.dictionaries(NAMES, st.lists(NAMES, unique=True, max_size=3), max_size=6)


def test_who_waits_comes_after_those_it_waits_for_and_else_as_written():
    assert in_order({"web": ["api"], "job": [], "api": ["db"], "db": []}) == ["db", "api", "web", "job"]


@given(NEEDS)
def test_what_is_not_wrong_has_an_order_and_what_has_none_is_wrong(needs):
    """Each is after those that it depends on; what is called a circle is one, by the lines that are written."""
    faults = dict(wrong(needs))
    if not faults:
        order = in_order(needs)
        assert sorted(order) == sorted(needs)
        assert all(order.index(other) < order.index(name) for name in needs for other in needs[name])
    for text in faults.values():
        if text.startswith("they wait for each other: "):
            steps = text.removeprefix("they wait for each other: ").split(" → ")
            assert steps[0] == steps[-1] and all(after in needs[name] for name, after in pairwise(steps))

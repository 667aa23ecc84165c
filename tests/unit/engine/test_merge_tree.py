from __future__ import annotations

import pytest

from gpustrap.engine.merge_toml import Toml
from gpustrap.engine.merge_tree import flags, is_tables
from gpustrap.engine.merge_yaml import Yaml

DOCUMENTS = [pytest.param(Toml, id="toml"), pytest.param(Yaml, id="yaml")]


@pytest.mark.parametrize(
    ("value", "tables"),
    [
        ([{}], True),
        (({"a": 1}, {}), True),
        ([], False),
        ([{}, 1], False),
        ({"a": 1}, False),
        ("ab", False),
        (None, False),
    ],
)
def test_a_list_of_tables_has_tables_alone(value, tables) -> None:
    assert is_tables(value) is tables


def test_flags_are_the_names_of_what_is_true() -> None:
    assert flags({"default": True, "explicit": False, "one": 1, "word": "true"}) == {"default"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_dotted_key_is_a_way_through_the_tree(document) -> None:
    one = document("")
    assert (one.get("a.b.c"), one.has_above("a.b.c"), one.has_above("a")) == (None, False, True)
    one.set("a.b.c", 1)
    one.set("a.b.d", [1, "x"])
    assert (one.get("a.b.c"), one.get("a.b.d"), one.has_above("a.b.c")) == (1, [1, "x"], True)
    assert (one.has("a.b.c", 1), one.has("a.b.c", 2), one.get("a.b.c.d")) == (True, False, None)
    assert document(one.text()).data() == {"a": {"b": {"c": 1, "d": [1, "x"]}}}


@pytest.mark.parametrize(("keep", "rest"), [(False, {"x": 1}), (True, {"x": 1, "a": {"b": {}}})])
@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_is_empty_after_a_key_has_gone_goes_too_unless_it_is_kept(document, keep, rest) -> None:
    one = document("")
    one.set("x", 1)
    one.set("a.b.c", 1)
    one.remove("a.b.c", keep=keep)
    one.remove("no.such.key")
    assert one.data() == rest


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_table_of_a_list_takes_the_place_of_the_one_with_its_flags(document) -> None:
    one = document("")
    one.set("index", [{"url": "mine"}, {"url": "old", "name": "n", "default": True}])
    one.set("index", [{"url": "new", "default": True}])
    assert one.get("index") == [{"url": "mine"}, {"url": "new", "default": True}]
    assert one.get("index", [{"default": True}]) == [{"url": "new", "default": True}]
    assert one.has("index", [{"url": "new", "default": True}])
    assert one.get("index", [{"explicit": True}]) is None
    one.remove("index", [{"url": "any", "default": True}])
    assert one.get("index") == [{"url": "mine"}]
    one.remove("index", [{"url": "any"}])
    assert one.data() == {}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_several_tables_are_set_and_removed_in_one_go(document) -> None:
    one = document("")
    one.set(
        "index",
        [{"url": "a"}, {"url": "b", "default": True}, {"url": "c", "default": True}, {"url": "d", "explicit": True}],
    )
    one.set("index", [{"url": "e", "one": True}, {"url": "B", "default": True}])
    assert [table["url"] for table in one.get("index")] == ["a", "B", "c", "d", "e"]
    one.remove("index", [{"url": "x", "default": True}, {"url": "y", "explicit": True}])
    assert [table["url"] for table in one.get("index")] == ["a", "e"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_word_where_tables_are_meant_is_one_value(document) -> None:
    one = document("")
    one.set("index", "word")
    assert one.get("index", [{"url": "a"}]) == "word"
    one.set("index", ["a", "b"])
    assert one.get("index", [{"url": "a"}]) == ["a", "b"]
    one.remove("index", [{"url": "a"}])
    assert one.data() == {"index": ["a", "b"]}  # of others: no table of ours is among them


@pytest.mark.parametrize("document", DOCUMENTS)
def test_tables_go_as_a_whole_where_a_plain_key_is_taken_away(document) -> None:
    one = document("")
    one.set("index", [{"url": "a"}])
    one.remove("index", "any")
    assert one.data() == {}


def test_dates_and_other_values_stay_what_they_are() -> None:
    import datetime

    assert Toml("a = 2026-11-25\n").data() == {"a": datetime.date(2026, 11, 25)}
    assert Yaml("a: 2026-11-25\nb: 1.5\nc: yes\nd: true\n").data() == {
        "a": datetime.date(2026, 11, 25), "b": 1.5, "c": "yes", "d": True
    }  # fmt: skip


def test_a_list_of_tables_in_yaml_is_made_of_mappings() -> None:
    one = Yaml("index:\n- url: a\n  default: true\n")
    one.set("index", [{"url": "b"}])
    assert one.text() == "index:\n- url: a\n  default: true\n- url: b\n"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_table_of_ours_does_not_have_goes_and_what_it_has_stays(document) -> None:
    one = document("")
    one.set("index", [{"url": "old", "name": "n", "cache": "c", "default": True}])
    one.set("index", [{"url": "new", "cache": "c", "default": True}])
    assert one.get("index") == [{"url": "new", "cache": "c", "default": True}]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_word_takes_the_place_of_tables(document) -> None:
    one = document("")
    one.set("index", [{"url": "a"}])
    one.set("index", "word")
    assert one.get("index") == "word"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_is_not_there_cannot_be_taken_away(document) -> None:
    one = document("")
    one.set("a.b", 1)
    one.remove("a.c")
    one.remove("c")
    assert one.data() == {"a": {"b": 1}}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_is_told_is_plain_data(document) -> None:
    one = document(document("").text())
    for value in (True, 1, 1.5, "x"):
        one.set("a", value)
        read = document(one.text())
        assert (type(read.get("a")), type(read.data()["a"])) == (type(value), type(value))


def test_a_value_of_a_table_that_stays_keeps_its_words() -> None:
    one = Toml('[[index]]\nurl = "a" # why\nname = "n"\ndefault = true\n')
    one.set("index", [{"url": "a", "default": True}])
    assert one.text() == '[[index]]\nurl = "a" # why\ndefault = true\n'

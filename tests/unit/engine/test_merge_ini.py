from __future__ import annotations

import pytest

from gpustrap.engine.merge_forms import Unreadable
from gpustrap.engine.merge_ini import Ini


@pytest.mark.parametrize("name", ["index-url", "index_url", "Index-URL"])
def test_a_key_is_found_in_each_spelling_that_pip_takes(name) -> None:
    document = Ini(f"[global]\n{name} = a\n")
    assert (document.get("global.index-url"), document.has("global.index-url", "a")) == ("a", True)
    document.set("global.index-url", "b")
    assert document.text() == f"[global]\n{name} = b\n"
    document.remove("global.index-url")
    assert document.text() == ""


def test_of_a_key_that_stands_twice_the_last_counts_and_all_are_set_and_removed() -> None:
    document = Ini("[a]\nx_y = 1\nx-y = 2\n")
    assert document.get("a.x-y") == "2"
    document.set("a.x-y", 3)
    assert document.text() == "[a]\nx_y = 3\nx-y = 3\n"
    document.remove("a.x-y", keep=True)
    assert document.text() == "[a]\n"


@pytest.mark.parametrize("text", ["x = 1\nx = 2\n", "x = 3\ny = 0\nx = 3\n", "x = 1\n# why\nx = 2\nx = 3\n"])
def test_a_key_that_stands_twice_in_one_spelling_stands_once_for_pip_reads_no_other(text) -> None:
    document = Ini(f"[a]\n{text}")
    if not document.has("a.x", 3):
        document.set("a.x", 3)
    assert document.text().count("x = ") == 1
    assert document.has("a.x", 3)
    assert ("y = 0" in document.text()) == ("y = 0" in text) and ("# why" in document.text()) == ("# why" in text)


@pytest.mark.parametrize(
    ("value", "line"), [(True, "k = true"), (60, "k = 60"), (["a", "b"], "k =\n    a\n    b"), ("%(x)s", "k = %(x)s")]
)
def test_a_value_is_written_as_pip_reads_it(value, line) -> None:
    document = Ini("")
    document.set("a.k", value)
    assert document.text().strip() == f"[a]\n{line}"
    assert document.has("a.k", value)


def test_what_is_not_there_is_none_and_its_section_is_known() -> None:
    document = Ini("[a]\nx = 1\n")
    assert [document.get(key) for key in ("a.y", "b.x", "x")] == [None, None, None]
    assert [document.has_above(key) for key in ("a.y", "b.x")] == [True, False]


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("[a]\nx = 1\n[b]\n[a]\n", "a.x", 4),
        ("[a]\n = y\n", "a.x", 2),
        ("x = 1\n", "a.y", None),
    ],
)
def test_what_pip_itself_would_refuse_is_unreadable(text, key, line) -> None:
    with pytest.raises(Unreadable) as raised:
        Ini(text).set(key, 1)
    assert raised.value.line == line


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("[a]\nx = 1\n = y\nz\n= 2\n", "a line that is neither KEY = VALUE nor [SECTION]", 5),
        ("[a]\nx = 1\n[b]\n[a]\ny = 2\n", "the section [a] stands twice", 4),
        ("[a]\n[a]\n[a]\n", "the section [a] stands twice", 3),
    ],
)
def test_what_is_wrong_is_told_with_its_last_line(text: str, words: str, line: int) -> None:
    with pytest.raises(Unreadable) as raised:
        Ini(text)
    assert (raised.value.words, raised.value.line) == (words, line)


@pytest.mark.parametrize(
    ("text", "after"),
    [("", "k = v\n"), ("  \n", None), ("a=1\n", "a=1\nk=v\n"), ("# w\n", "# w\nk=v\n"), ("[s]\n", None)],
)
def test_spaces_stand_around_the_sign_in_files_of_sections_alone(text: str, after: str | None) -> None:
    document = Ini(text)
    document.set("s.k" if after is None else "k", "v")
    assert ("k = v" in document.text()) is (after is None or "=v" not in after)


def test_what_it_says_is_told_by_section() -> None:
    assert Ini("[a]\n x = 1 \n[b]\ny=2\n").data() == {"gpustrap-top-of-the-file": [], "a": ["x = 1"], "b": ["y=2"]}


def test_a_setting_above_all_sections_is_told_in_words() -> None:
    with pytest.raises(Unreadable) as raised:
        Ini("x = 1\n").set("a.y", 1)
    assert raised.value.words == "a setting that stands above the first [SECTION]"


def test_a_key_above_all_sections_comes_back_to_its_place() -> None:
    document = Ini("registry = x\n[s]\na = 1\n")
    document.remove("registry")
    document.remove("no.such")
    assert document.text() == "[s]\na = 1\n"
    document.set("registry", "y")
    assert document.text() == "registry = y\n[s]\na = 1\n"


def test_a_key_is_found_however_it_is_asked_for() -> None:
    assert Ini("[global]\nindex-url = a\n").get("global.Index_URL") == "a"

from __future__ import annotations

import pytest

from gpustrap.engine.merge_forms import Unreadable
from gpustrap.engine.merge_yaml import Yaml


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", "k: v\n"),
        ("# words", "# words\nk: v\n"),
        ("a: 'q' # c\nb:\n  - x\n", "a: 'q' # c\nb:\n  - x\nk: v\n"),
        ("b:\n- x\n", "b:\n- x\nk: v\n"),
        ("a: " + "word " * 60 + "end\n", "a: " + "word " * 60 + "end\nk: v\n"),
    ],
)
def test_comments_quotes_and_long_lines_stay(text, after) -> None:
    document = Yaml(text)
    document.set("k", "v")
    assert document.text() == after


def test_a_file_of_words_alone_comes_back_when_the_key_goes() -> None:
    document = Yaml("# words\n")
    document.set("k", "v")
    document.remove("k")
    assert document.text() == "# words\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("- a\n", 1, "it holds no keys"),
        ("word\n", 1, "it holds no keys"),
        ("a: [1\n", 2, None),
        ("a: 1\na: 2\n", 2, None),
    ],
)
def test_what_cannot_be_read_names_its_line(text, line, words) -> None:
    with pytest.raises(Unreadable) as raised:
        Yaml(text)
    assert raised.value.line == line
    assert raised.value.words == words or words is None


@pytest.mark.parametrize("text", ["a: \x00\n", "a: \x1b[2J\n"])
def test_what_is_no_text_of_this_form_is_told_in_one_line(text: str) -> None:
    with pytest.raises(Unreadable) as raised:
        Yaml(text)
    assert raised.value.words and "\n" not in raised.value.words


@pytest.mark.parametrize(
    "text",
    ["a:\n  - x\n  - y\n", "a:\n- x\n- y\n", "a:\n  b:\n    - x\n", "a:\n  - x: 1\n    y: 2\n", "a:\n- x\nb:\n  - y\n"],
)
def test_lists_stay_where_they_are_set_in(text: str) -> None:
    document = Yaml(text)
    document.set("k", "v")
    if "- x\nb:" not in text:
        assert document.text() == f"{text}k: v\n"
    else:
        assert document.text() == "a:\n- x\nb:\n- y\nk: v\n"  # of two ways one


def test_two_comments_and_a_key_are_three_lines() -> None:
    for text in ("# one\n# two", "# one\n# two\n"):
        document = Yaml(text)
        document.set("k", "v")
        assert document.text() == "# one\n# two\nk: v\n"


def test_an_error_without_a_problem_is_told_by_where_it_was() -> None:
    with pytest.raises(Unreadable) as raised:
        Yaml("a: 'open\n")
    assert raised.value.words


def test_a_list_is_set_in_where_the_others_are() -> None:
    for text, after in (("a: 1\n", "k:\n- v\n"), ("a:\n- b\n", "k:\n- v\n"), ("a:\n  - b\n", "k:\n  - v\n")):
        document = Yaml(text)
        document.set("k", ["v"])
        assert document.text() == text + after
        document.set("k", {"x": ["v"]})
        assert Yaml(document.text()).data()["k"] == {"x": ["v"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: \x00\n", "unacceptable character #x0000: special characters are not allowed"),
        ("a: 'open\n", "found unexpected end of stream"),
        ("a: [1\n", "expected ',' or ']', but got '<stream end>'"),
    ],
)
def test_what_is_wrong_is_told_in_the_readers_own_words(text: str, words: str) -> None:
    with pytest.raises(Unreadable) as raised:
        Yaml(text)
    assert raised.value.words == words

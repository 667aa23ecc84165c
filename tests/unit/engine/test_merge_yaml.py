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

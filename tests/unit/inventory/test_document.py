from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.errors import BadInput
from gpustrap.inventory.document import Written, merge, parse, read_text


def read(text: str) -> Written:
    written = parse(text, "f.yml")
    assert written is not None
    return written


def refusal(text: str) -> str:
    with pytest.raises(BadInput) as refused:
        parse(text, "f.yml")
    return str(refused.value)


def test_every_value_knows_its_line_and_dotted_key() -> None:
    written = read("a:\n  b: [x,\n      y]\n  c: {d: 2.10}\n")
    a = written.data["a"]
    b, d = a.data["b"], a.data["c"].data["d"]
    assert [(one.line, one.key, one.text) for one in (a, b, *b.data, d)] == [
        (1, "a", ""),
        (2, "a.b", ""),
        (2, "a.b.0", "x"),
        (3, "a.b.1", "y"),
        (4, "a.c.d", "2.10"),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: yes\nb: on", {"a": "yes", "b": "on"}),
        ("a: true\nb: ~\nc:", {"a": True, "b": None, "c": None}),
        ("a: 0o17\nb: 1.5\nc: '1.5'", {"a": 15, "b": 1.5, "c": "1.5"}),
        ("1: a\ntrue: b", {"1": "a", "true": "b"}),
        ("- a\n- [b]", ["a", ["b"]]),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1, c: 2}\nd:\n  c: 3\n  <<: *x", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("- &x {a: 1}\n- &y {a: 2, b: 2}\n- {<<: [*x, *y]}", [{"a": 1}, {"a": 2, "b": 2}, {"a": 1, "b": 2}]),
    ],
)
def test_yaml_is_read_as_1_2_with_anchors_and_merge_keys(text: str, value: object) -> None:
    assert read(text).plain() == value


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_a_file_without_a_value_is_nothing_or_null(text: str) -> None:
    written = parse(text, "f.yml")
    assert written is None or written.data is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n  b: c: d\n", "f.yml:2: not YAML: column 7: mapping values are not allowed here"),
        (
            "a: [1\nb: 2\n",
            "f.yml:2: not YAML: column 2: while parsing a flow sequence, expected ',' or ']', but got ':'",
        ),
        (
            "a:\n\tb: 1\n",
            "f.yml:2: not YAML: column 1: while scanning for the next token, "
            "found character '\\t' that cannot start any token\nhint: YAML indents with spaces, not tabs",
        ),
        (
            "a: 'x\n",
            "f.yml:2: not YAML: column 1: while scanning a quoted scalar, found unexpected end of stream",
        ),
        (
            "a: {b: run {port}, c: 1}\n",
            "f.yml:1: not YAML: column 12: while parsing a flow mapping, expected ',' or '}', but got '{'\n"
            "hint: a value that holds a brace stands in quotes, or in a line of its own",
        ),
        ("a: *x\n", "f.yml:1: not YAML: column 4: found undefined alias 'x'"),
        (
            "a: 1\n---\nb: 2\n",
            "f.yml:2: not YAML: column 1: expected a single document in the stream, but found another document",
        ),
        ("a: 1\nb: \x01\n", "f.yml:2: character U+0001 is not allowed"),
        ("a: " + "[" * 5000, "f.yml: nested too deep"),
    ],
)
def test_text_that_is_no_yaml_is_refused_with_the_parsers_words(text: str, message: str) -> None:
    assert refusal(text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yml:3: a: written twice, first in line 1"),
        ("a:\n  b: {c: 1, c: 2}\n", "f.yml:2: a.b.c: written twice, first in line 2"),
        ("a: !token x\n", "f.yml:1: a: unknown tag !token"),
        ("a: !token {b: 1}\n", "f.yml:1: a: unknown tag !token"),
        ("a: !!bool x\n", "f.yml:1: a: 'x' cannot be read"),
        ("a: 2026-13-45\n", "f.yml:1: a: '2026-13-45' cannot be read"),
        ("a: &x [1, *x]\n", "f.yml:1: a.1: the value holds itself"),
        ("a: {{ name }}\n", "f.yml:1: a: a key must be a word"),
        ("a: {<<: 5}\n", "f.yml:1: a: << takes a mapping"),
        ("a: 1\na: 2\nb: !x y\n", "f.yml:2: a: written twice, first in line 1\nf.yml:3: b: unknown tag !x"),
    ],
)
def test_what_yaml_allows_and_we_do_not_is_named_by_line_and_key(text: str, message: str) -> None:
    assert refusal(text) == message


def test_aliases_of_aliases_are_not_followed_for_ever() -> None:
    rows = ["a: &a [x, x]"] + [
        f"{one}: &{one} [{', '.join([f'*{before}'] * 9)}]" for before, one in pairwise("abcdefgh")
    ]
    assert re.fullmatch(r"f\.yml:1: [a-h][.0-9]*: aliases make more than 200000 values of it", refusal("\n".join(rows)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: 1\nb: \xff\n", "f.yml:2: not UTF-8: byte 0xff\nhint: save the file as UTF-8"),
        ("a: 1\n".encode("utf-16"), "f.yml:1: not UTF-8: byte 0xff\nhint: save the file as UTF-8"),
        ("a: 恒源云".encode("gbk"), "f.yml:1: not UTF-8: byte 0xba\nhint: save the file as UTF-8"),
    ],
)
def test_a_file_that_is_not_utf_8_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yml").write_bytes(content)
    with pytest.raises(BadInput) as refused:
        read_text(Path("f.yml"))
    assert str(refused.value) == message


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "f.yml").write_bytes("a: 云".encode("utf-8-sig"))
    assert read_text(tmp_path / "f.yml") == "a: 云"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.yml", "none.yml: cannot be read: no such file or directory"),
        (".", ".: cannot be read: is a directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput) as refused:
        read_text(Path(name))
    assert str(refused.value) == message


def test_a_file_elsewhere_is_named_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(BadInput) as refused:
        read_text(Path("..", "f.yml"))
    assert str(refused.value) == f"{tmp_path.resolve() / 'f.yml'}: cannot be read: no such file or directory"


@pytest.mark.parametrize(
    ("base", "over", "merged"),
    [
        ("{a: 1, b: {c: 1, d: 1}}", "{b: {d: 2}}", {"a": 1, "b": {"c": 1, "d": 2}}),
        ("{a: [1, 2]}", "{a: [3]}", {"a": [3]}),
        ("{a: {b: 1}}", "{a: 2}", {"a": 2}),
        ("{a: {b: 1}}", "{a: }", {"a": None}),
        ("{token: {env: A}}", "{token: {file: b}}", {"token": {"file": "b"}}),
        ("{token: {env: A}}", "{token: {command: [b]}}", {"token": {"command": ["b"]}}),
        ("{web: {command: x}}", "{web: {env: {A: b}}}", {"web": {"command": "x", "env": {"A": "b"}}}),
    ],
)
def test_mappings_merge_key_by_key_and_all_else_is_replaced(base: str, over: str, merged: object) -> None:
    assert merge(read(base), read(over)).plain() == merged


def test_a_merged_value_keeps_the_place_it_was_written_at() -> None:
    both = read("defaults:\n  t: {a: 1, b: 1}\nx:\n  t: {b: 2}\n")
    merged = merge(both.data["defaults"], both.data["x"])
    t = merged.data["t"]
    assert [(one.key, one.line) for one in (merged, t, t.data["a"], t.data["b"])] == [
        ("x", 3),
        ("x.t", 4),
        ("defaults.t.a", 2),
        ("x.t.b", 4),
    ]


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!<>'\"|,?# \n\t\x01\u2028é"), max_size=40))
def test_any_text_is_values_or_bad_input(text: str) -> None:
    try:
        found: object = parse(text, "f.yml")
    except BadInput as refused:
        found = refused
    assert found is None or isinstance(found, Written | BadInput)

from __future__ import annotations

import pytest

from gpustrap.resolve.box.configuration import Configuration, GitRule, SetVariable, endings, some_of, who_sets


@pytest.mark.parametrize(
    ("place", "line", "where"),
    [
        ("pid1", 0, "the environment of PID 1"),
        ("environment", 0, "the environment of ssh commands"),
        ("/root/.bashrc", 3, "/root/.bashrc:3"),
        ("/etc/x", 0, "/etc/x"),
    ],
)
def test_a_place_is_said_for_a_person(place: str, line: int, where: str) -> None:
    assert SetVariable("A", place, line).where == where


def test_who_sets_a_variable_is_said_once_a_place() -> None:
    said = Configuration(
        (SetVariable("A", "/f", 1), SetVariable("A", "/f", 2), SetVariable("B", "/f", 3), SetVariable("C", "/f", 4))
    )
    assert who_sets(("A", "B"), said) == ["A in /f:1", "B in /f:3"]


@pytest.mark.parametrize(("most", "text"), [(3, "a, b, c"), (2, "a, b and 1 more")])
def test_of_many_some_are_named(most: int, text: str) -> None:
    assert some_of(["a", "b", "c"], most) == text


@pytest.mark.parametrize(
    ("key", "url"),
    [
        ("http.proxy", None),
        ("http.https://a.b/c.proxy", "https://a.b/c"),
        ("http.https://proxy.lan.proxy", "https://proxy.lan"),
    ],
)
def test_a_rule_of_gits_names_its_url(key: str, url: str | None) -> None:
    assert GitRule("/f", key, "set").url == url


def test_an_option_that_ends_shells_is_said_with_its_line() -> None:
    said = Configuration(
        options=(SetVariable("e", "/root/.bashrc", 3), SetVariable("u", "/x", 1), SetVariable("x", "/x", 2))
    )
    assert endings(said) == (
        "`set -e` in /root/.bashrc:3: the first command behind it that fails ends every shell that reads that file; "
        "take it away there",
        "`set -u` in /x:1: the first variable behind it that is not set ends every shell that reads that file; "
        "take it away there",
    )

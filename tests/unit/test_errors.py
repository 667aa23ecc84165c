from __future__ import annotations

import pytest

from gpustrap.errors import BadInput, Fault, InstanceFailed, nearest


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("wrong"), "wrong"),
        (Fault("wrong", "f.yml"), "f.yml: wrong"),
        (Fault("wrong", "f.yml", 3), "f.yml:3: wrong"),
        (Fault("wrong", "f.yml", 3, "a.b"), "f.yml:3: a.b: wrong"),
        (Fault("wrong", None, 3, "a.b"), "a.b: wrong"),
        (Fault("wrong", nearest="right"), "wrong; nearest: 'right'"),
        (Fault("wrong", "f", 1, "k", "right", "do so"), "f:1: k: wrong; nearest: 'right'\nhint: do so"),
    ],
)
def test_a_fault_says_where_what_and_what_to_do(fault: Fault, text: str) -> None:
    assert str(fault) == text


def test_bad_input_says_all_its_faults() -> None:
    bad = BadInput(Fault("one", hint="a"), Fault("two"))
    assert (str(bad), bad.exit_code) == ("one\nhint: a\ntwo", 2)


@pytest.mark.parametrize(
    ("failed", "text"),
    [
        (InstanceFailed("broke"), "broke"),
        (InstanceFailed("broke", role="base"), "base: broke"),
        (InstanceFailed("broke", operation="packages"), "packages: broke"),
        (
            InstanceFailed("broke", role="base", operation="packages", hint="mend"),
            "base | packages: broke\nhint: mend",
        ),
    ],
)
def test_a_failed_instance_names_role_and_operation(failed: InstanceFailed, text: str) -> None:
    assert (str(failed), failed.exit_code) == (text, 1)


@pytest.mark.parametrize(
    ("word", "words", "found"),
    [
        ("helo", ["hello", "jupyter"], "hello"),
        ("TUNE", ["Tuna", "USTC"], "Tuna"),
        ("zzz", ["hello"], None),
        ("x", [], None),
        ("", ["hello"], None),
    ],
)
def test_the_nearest_word_in_any_case_or_none(word: str, words: list[str], found: str | None) -> None:
    assert nearest(word, words) == found

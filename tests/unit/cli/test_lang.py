from __future__ import annotations

import io
import sys

import pytest

from gpustrap import language
from gpustrap.cli import lang
from gpustrap.errors import BadInput

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
HINT = "hint: {hint}"


@pytest.fixture(autouse=True)
def english(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    yield
    language.speak(language.ENGLISH)


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["up", "demo", "--lang", "zh_CN"], ["up", "demo"]),
        (["--lang=zh_CN", "up", "demo", "-y"], ["up", "demo", "-y"]),
        (["--lang", "en", "up", "--lang", "zh_CN"], ["up"]),
    ],
)
def test_the_option_may_stand_anywhere_and_the_last_one_counts(words, left):
    assert lang.settle(words, ("ssh",)) == left
    assert language.tr("Try again?") != "Try again?"


@pytest.mark.parametrize("words", [["ssh", "demo", "--lang", "zh_CN"], ["explain", "--", "--lang", "zh_CN"]])
def test_the_words_of_another_command_are_left_alone(words):
    assert lang.settle(words, ("ssh",)) == words
    assert language.tr("Try again?") == "Try again?"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--lang", "zh_cn"], "--lang: 'zh_cn' is not among en, zh_CN; nearest: 'zh_CN'"),
        (["--lang=fr"], "--lang: 'fr' is not among en, zh_CN"),
        (["up", "--lang"], "--lang: '' is not among en, zh_CN"),
    ],
)
def test_a_language_that_there_is_not_is_bad_input(words, said):
    with pytest.raises(BadInput) as bad:
        lang.settle(words)
    assert str(bad.value) == said


def test_the_option_beats_the_environment(monkeypatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    lang.settle(["--lang", "en"])
    assert language.tr("Try again?") == "Try again?"


def test_where_the_terminal_cannot_show_chinese_it_is_english(monkeypatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    lang.settle([])
    assert language.tr("Try again?") == "Try again?"

from __future__ import annotations

import pytest

from gpustrap.engine.facts.tmux import Probe, Running, ServiceFolders, TmuxServices


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("session 0 0 id abc web", {"web": Running("id", True)}),
        ("session 0 0 - - web", {"web": Running("", True)}),
        ("session 0 0 older - web", {"web": Running("older", True)}),
        ("session 1 0 id abc web", {"web": Running("id", True, ended=True)}),
        ("session 0 1 id abc web", {"web": Running("id", False, stopped=True)}),
        ("session 0 0 id other web", {"web": Running("id", True, other_environment=True)}),
        ("session 0 0 id abc a b", {"a b": Running("id", False)}),
        ("session 0 0", {}),
        ("nonsense of the box", {}),
    ],
)
def test_a_session_is_what_its_line_says(said: str, seen: dict[str, Running]) -> None:
    assert TmuxServices().process(["environment abc", said, "probe web "]) == seen


@pytest.mark.parametrize(
    ("word", "trouble"),
    [
        ("crashes", "it ends again and again"),
        ("young", "it has been running for less than two seconds"),
        ("closed", "nothing listens on its port"),
        ("unanswered", "its health path does not answer"),
        ("local", "it listens on 127.0.0.1 only, which the provider cannot reach: bind 0.0.0.0"),
        ("other", ""),
    ],
)
def test_one_that_is_not_ready_has_its_reason(word: str, trouble: str) -> None:
    said = ["environment abc", "session 0 0 id abc web", f"probe web {word}"]
    assert TmuxServices().process(said) == {"web": Running("id", False, trouble=trouble)}


def test_a_session_of_ours_goes_before_one_of_an_older_gpustrap() -> None:
    said = ["session 0 0 id abc web", "session 0 0 older - web"]
    assert TmuxServices().process(said)["web"].identity == "id"


def test_a_stranger_who_answers_is_no_service() -> None:
    assert TmuxServices().process(["environment abc", "probe web "]) == {}


def test_the_words_of_a_probe_are_quoted() -> None:
    assert Probe("web", 8080, "/a b?c='").words() == """web 8080 '/a b?c='"'"''"""
    assert Probe("job", None, "/ping").words() == "job '' ''"


def test_folders_are_told_from_noise() -> None:
    assert ServiceFolders().process(["welcome", "folder web", "folder a b"]) == ("web", "a b")

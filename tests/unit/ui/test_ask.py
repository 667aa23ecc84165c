from __future__ import annotations

import io
import os

import pytest

from gpustrap.ui import ask


def typed(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


@pytest.mark.parametrize(("text", "answer"), [("\n", "box"), ("  mine \n", "mine"), ("last line", "last line")])
def test_an_empty_line_is_the_default(monkeypatch, capsys, text, answer):
    typed(monkeypatch, text)
    assert ask.ask("Its name:", "box") == answer
    assert capsys.readouterr() == ("", "Its name: [box] ")


@pytest.mark.parametrize(
    ("text", "default", "answer"),
    [
        ("\n", True, True),
        ("\n", False, False),
        ("YES\n", False, True),
        ("n\n", True, False),
        ("mäh\ny\n", False, True),
        ("是\n", False, True),
        (" 否 \n", True, False),
    ],
)
def test_a_question_is_asked_until_it_is_yes_or_no(monkeypatch, text, default, answer):
    typed(monkeypatch, text)
    assert ask.agrees("Go?", default=default) is answer


def test_ctrl_d_ends_the_conversation(monkeypatch):
    typed(monkeypatch, "")
    with pytest.raises(KeyboardInterrupt):
        ask.ask("Go?")


def test_all_lines_of_a_paste_are_taken_and_what_is_typed_later_is_not(monkeypatch):
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "r") as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        os.write(ours, "登录：ssh root@h\nhunter2\n".encode())
        assert ask.ask_lines("Paste:") == "登录：ssh root@h\nhunter2"
        os.write(ours, b"later\n")
        assert ask.ask("Name:") == "later"
    os.close(ours)

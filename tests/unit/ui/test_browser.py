from __future__ import annotations

import webbrowser

import pytest

from gpustrap.ui.browser import has_browser, show


@pytest.fixture
def found(monkeypatch):
    """`found(browser)`: what Python finds on this computer."""

    def of(browser):
        def get():
            if browser is None:
                raise webbrowser.Error("could not locate runnable browser")
            return browser

        monkeypatch.setattr(webbrowser, "get", get)

    return of


@pytest.mark.parametrize(
    ("browser", "chosen", "there"),
    [
        (None, False, False),
        (webbrowser.GenericBrowser("w3m"), False, False),
        (webbrowser.GenericBrowser("w3m"), True, True),
        (webbrowser.BackgroundBrowser("firefox"), False, True),
    ],
)
def test_a_browser_that_takes_the_terminal_is_none_unless_it_was_chosen(found, monkeypatch, browser, chosen, there):
    found(browser)
    monkeypatch.delenv("BROWSER", raising=False)
    if chosen:
        monkeypatch.setenv("BROWSER", "w3m")
    assert has_browser() is there


def test_one_that_cannot_be_started_shows_nothing(monkeypatch):
    def fails(_url):
        raise OSError("gone")

    monkeypatch.setattr(webbrowser, "open", fails)
    assert show("http://127.0.0.1:1") is False

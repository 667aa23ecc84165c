from __future__ import annotations

import pytest

from gpustrap.engine.merge_forms import Unreadable
from gpustrap.engine.merge_toml import Toml


def test_a_new_list_of_tables_is_written_as_uv_shows_it() -> None:
    document = Toml("offline = true # mine\n")
    document.set("index", [{"url": "http://m", "default": True}])
    assert document.text() == 'offline = true # mine\n\n[[index]]\nurl = "http://m"\ndefault = true\n'


def test_a_table_joins_an_inline_list_inline() -> None:
    document = Toml('index = [{url = "http://a"}] # mine\n')
    document.set("index", [{"url": "http://m", "default": True}])
    assert document.text() == 'index = [{url = "http://a"}, {url = "http://m", default = true}] # mine\n'


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = 1\nb = = 2\n", 2, "Unexpected character: '='"),
        ("a = [1\n", 1, "Unexpected character: '\\x00'"),
        ("[a]\n[a]\n", 2, 'Key "a" already exists.'),
    ],
)
def test_what_cannot_be_read_names_its_line_once(text, line, words) -> None:
    with pytest.raises(Unreadable) as raised:
        Toml(text)
    assert (raised.value.line, raised.value.words) == (line, words)


def test_what_the_reader_refuses_without_a_line_is_unreadable_too(monkeypatch) -> None:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    def refuses(_text: str) -> None:
        raise TOMLKitError("no line")

    monkeypatch.setattr(tomlkit, "parse", refuses)
    with pytest.raises(Unreadable) as raised:
        Toml("")
    assert (raised.value.line, raised.value.words) == (None, "no line")

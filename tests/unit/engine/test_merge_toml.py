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


@pytest.mark.parametrize(("text", "line"), [("a = 1\nb = = 2\n", 2), ("a = [1\n", 1), ("[a]\n[a]\n", 2)])
def test_what_cannot_be_read_names_its_line_once(text, line) -> None:
    with pytest.raises(Unreadable) as raised:
        Toml(text)
    assert raised.value.line in (line, None)
    assert raised.value.words and " at line " not in raised.value.words

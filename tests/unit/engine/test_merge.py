from __future__ import annotations

import configparser
import tomllib
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from gpustrap.engine.merge import Unreadable, merged, replaced, without

PIP = {"global.index-url": "http://m/simple", "global.timeout": 60}
UV = {"index": [{"url": "http://m/simple", "default": True}]}
CONDA = {"default_channels": ["http://m/main"], "custom_channels.conda-forge": "http://m/cloud"}

THEIR_PIP = """\
# mine
[global]
extra-index-url =
    http://one/simple
    http://two/simple
no_cache_dir = true ; kept

[install]
# about trust
trusted-host: one
"""
THEIR_UV = """\
# my indexes
native-tls = true

[[index]]
name = "own"           # ours at work
url = "http://own/simple"
explicit = true

[[index]]
name = "first"
url = "http://first/simple"
default = true

[pip]
generate-hashes = true
"""
THEIR_CONDA = """\
# folders on the data disk
envs_dirs:
    - /data/envs   # big
    - /data/more
channels: [conda-forge, "nodefaults"]
custom_channels:
  mine: 'http://own/conda'
ssl_verify:   true
"""


def test_pip_conf_keeps_everything_else_of_a_person() -> None:
    assert merged("ini", THEIR_PIP, PIP) == THEIR_PIP.replace(
        "; kept\n", "; kept\nindex-url = http://m/simple\ntimeout = 60\n"
    )


def test_uv_toml_replaces_the_default_index_alone() -> None:
    text = merged("toml", THEIR_UV, UV)
    assert text == THEIR_UV.replace('name = "first"\nurl = "http://first/simple"', 'url = "http://m/simple"')


def test_condarc_keeps_folders_comments_quotes_and_layout() -> None:
    assert (
        merged("yaml", THEIR_CONDA, CONDA)
        == THEIR_CONDA.replace(
            "  mine: 'http://own/conda'\n", "  mine: 'http://own/conda'\n  conda-forge: http://m/cloud\n"
        )
        + "default_channels:\n  - http://m/main\n"
    )


def test_npmrc_has_no_section() -> None:
    theirs = "//own.example/:_authToken=abc\n@own:registry=http://own/npm\n; end\n"
    text = merged("ini", theirs, {"registry": "http://m/npm"})
    assert text == theirs.replace("own/npm\n", "own/npm\nregistry=http://m/npm\n")
    assert without("ini", text, {"registry": None}) == theirs


@pytest.mark.parametrize(("form", "theirs", "keys"), [("ini", THEIR_PIP, PIP), ("yaml", THEIR_CONDA, CONDA)])
def test_taken_away_gives_the_text_back(form: Any, theirs: str, keys: dict[str, Any]) -> None:
    assert without(form, merged(form, theirs, keys), keys) == theirs


def test_a_value_that_stood_there_comes_back_and_later_lines_stay() -> None:
    original = "[global]\nindex-url = http://theirs\n"
    now = merged("ini", original, PIP) + "[list]\nformat = json\n"
    assert without("ini", now, PIP, original) == original + "[list]\nformat = json\n"
    uv = merged("toml", THEIR_UV, UV) + "\n[more]\na = 1\n"
    back = tomllib.loads(without("toml", uv, UV, THEIR_UV))
    assert back == {**tomllib.loads(THEIR_UV), "more": {"a": 1}}


def test_a_key_that_is_not_set_any_more_goes_and_the_rest_is_set() -> None:
    text = merged("ini", "", {**PIP, "global.trusted-host": "m"})
    assert replaced("ini", text, {**PIP, "global.trusted-host": "m"}, PIP) == merged("ini", "", PIP)


@pytest.mark.parametrize("form", ["ini", "toml", "yaml"])
@pytest.mark.parametrize("bytes_", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_newlines_and_the_byte_order_mark_stay(form: Any, bytes_: str, mark: str) -> None:
    theirs, keys = {"ini": (THEIR_PIP, PIP), "toml": (THEIR_UV, UV), "yaml": (THEIR_CONDA, CONDA)}[form]
    text = mark + theirs.replace("\n", bytes_)
    assert merged(form, text, keys) == mark + merged(form, theirs, keys).replace("\n", bytes_)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("ini", ""), ("ini", "# only words\n"), ("ini", "[global]\n"), ("ini", "[global]\n# nothing yet"),
        ("ini", "[a]\nb = 1"), ("ini", "\n\n[global]\n\nx = 1\n\n"), ("ini", "[global]\nindex_url = http://old\n"),
        ("toml", ""), ("toml", "# only words\n"), ("toml", 'a = 1'), ("toml", "[pip]\nx = 1\n"),
        ("toml", 'index = [{url = "http://x"}]\n'), ("toml", "index = []\n"), ("toml", "\n[pip]\n\n"),
        ("yaml", ""), ("yaml", "# only words\n"), ("yaml", "# only words"), ("yaml", "---\na: 1\n"), ("yaml", "a: 1"),
        ("yaml", "custom_channels: {}\n"), ("yaml", "custom_channels:\n"), ("yaml", "default_channels: []\n"),
    ],
)  # fmt: skip
def test_small_files_get_the_keys_and_a_second_time_changes_nothing(form: Any, text: str) -> None:
    keys = {"ini": PIP, "toml": UV, "yaml": CONDA}[form]
    once = merged(form, text, keys)
    assert merged(form, once, keys) == once
    assert effective(form, once) == {**effective(form, text), **effective(form, merged(form, "", keys))} | (
        {"index": effective(form, text)["index"] + UV["index"]} if effective(form, text).get("index") else {}
    )
    assert [line for line in text.splitlines() if line.startswith("#") and line not in once] == []


def effective(form: str, text: str) -> dict[str, Any]:
    """What a client would read: by another reader than the one that wrote."""
    if form == "toml":
        return tomllib.loads(text)
    if form == "yaml":
        return dict(YAML(typ="safe", pure=True).load(text) or {})
    parser = configparser.RawConfigParser(allow_no_value=True, strict=False)
    parser.read_string(text)
    return {f"{s}.{k.replace('_', '-')}": v for s in parser.sections() for k, v in parser[s].items()}


@pytest.mark.parametrize(
    ("form", "text", "line"),
    [
        ("ini", "[global]\nindex-url = x\n = y\n= z\n", 4), ("toml", "a = 1\nb = = 2\n", 2), ("toml", "a = 1\na = 2\n", 2),
        ("yaml", "a: 1\nb: [1\n", 3), ("yaml", "- a\n- b\n", 1), ("yaml", "a: 1\na: 2\n", 2), ("yaml", "a: \t- b\n\tc", 1),
    ],
)  # fmt: skip
def test_what_cannot_be_read_names_its_line(form: Any, text: str, line: int | None) -> None:
    with pytest.raises(Unreadable) as raised:
        merged(form, text, {"a.b": "c"})
    assert raised.value.line == line


NAMES = st.sampled_from(["alpha", "beta", "gamma", "index-url", "x1"])
VALUES = st.sampled_from(["1", "http://h/p?q=1#f", "two words", "a;b", "'q'", "é", "%(x)s", "=", "[x]"])
INI_LINES = st.one_of(
    st.builds("{} = {}".format, NAMES, VALUES),
    st.builds("{}={}".format, NAMES, VALUES),
    st.just(""),
    st.sampled_from(["# words", "; words", "[install]", "[global]", "[list]", "extra =\n    a\n    b"]),
)


@given(lines=st.lists(INI_LINES, max_size=12), newline=st.booleans())
@settings(max_examples=150, deadline=None)
def test_every_other_line_of_an_ini_file_survives(lines: list[str], newline: bool) -> None:
    text = "\n".join(["[first]", *lines]) + ("\n" if newline else "")
    try:
        once = merged("ini", text, PIP)
    except Unreadable:
        return  # a section that stands twice: pip itself refuses it
    assert effective("ini", once)["global.index-url"] == "http://m/simple"
    assert merged("ini", once, PIP) == once
    kept = [line for line in text.splitlines() if "index-url" not in line]
    rest = iter(once.splitlines())
    assert all(line in rest for line in kept)  # each, in their order
    if "index-url" not in text:
        assert without("ini", once, PIP, text).rstrip("\n") == text.rstrip("\n")


TREE = st.dictionaries(
    st.sampled_from(["a", "b", "channels", "custom_channels", "default_channels"]),
    st.one_of(
        st.integers(),
        st.booleans(),
        st.text("ab #:'é", max_size=8),
        st.lists(st.text("ab", max_size=3), max_size=3),
        st.dictionaries(st.text("ab", min_size=1, max_size=2), st.text("ab: ", max_size=4), max_size=3),
    ),
    max_size=5,
)


@given(tree=TREE, comment=st.booleans())
@settings(max_examples=100, deadline=None)
def test_every_other_key_of_a_yaml_file_survives(tree: dict[str, Any], comment: bool) -> None:
    import io

    out = io.StringIO()
    YAML().dump(tree, out)
    text = ("# words\n" if comment else "") + out.getvalue()
    assume(isinstance(tree.get("custom_channels", {}), dict))
    once = merged("yaml", text, CONDA)
    said, channels = effective("yaml", once), tree.get("custom_channels")
    assert said == {
        **tree,
        "default_channels": ["http://m/main"],
        "custom_channels": {**(channels if isinstance(channels, dict) else {}), "conda-forge": "http://m/cloud"},
    }
    assert merged("yaml", once, CONDA) == once
    assert ("# words" in once) == comment
    assert effective("yaml", without("yaml", once, CONDA, text)) == tree


TOML_ROWS = st.lists(
    st.sampled_from(
        [
            '[[index]]\nurl = "http://a" # c\n',
            '[[index]]\nname = "n"\nurl = "http://b"\n',
            '[[index]]\nurl = "http://d"\ndefault = true\n',
            "# words\n",
            "\n",
            "[pip]\nx = 1\n",
        ]
    ),
    max_size=6,
    unique=True,
)


@given(rows=TOML_ROWS)
@settings(max_examples=100, deadline=None)
def test_every_other_table_of_a_toml_file_survives(rows: list[str]) -> None:
    text = "".join(rows)
    once = merged("toml", text, UV)
    before, said = tomllib.loads(text), tomllib.loads(once)
    others = [one for one in before.get("index", []) if not one.get("default")]
    assert [one for one in said["index"] if not one.get("default")] == others
    assert [one for one in said["index"] if one.get("default")] == UV["index"]
    assert (once.count("# words"), said.get("pip")) == (text.count("# words"), before.get("pip"))
    assert merged("toml", once, UV) == once
    assert tomllib.loads(without("toml", once, UV, text)) == before


def test_an_original_that_is_not_given_brings_nothing_back() -> None:
    text = merged("ini", "[global]\nx = 1\n", PIP)
    assert replaced("ini", text, PIP, {}) == "[global]\nx = 1\n"
    assert without("ini", text, PIP) == "[global]\nx = 1\n"
    assert replaced("toml", "a = 1\nb = 2\n", {"a": 1}, {}) == without("toml", "a = 1\nb = 2\n", {"a": 1}) == "b = 2\n"


def test_each_line_ends_as_it_did_and_a_new_one_as_windows_does() -> None:
    text = "[a]\r\nx = 1\ny = 2\r\n[b]\nz = 3\r\n"
    assert merged("ini", text, {"a.new": "4"}) == "[a]\r\nx = 1\ny = 2\r\nnew = 4\r\n[b]\nz = 3\r\n"
    assert merged("ini", "[b]\r\nz = 3\n", {"a.new": "4"}) == "[b]\r\nz = 3\n[a]\r\nnew = 4\r\n"
    assert merged("ini", "[a]\r\nx = 1", {"a.new": "4"}) == "[a]\r\nx = 1\r\nnew = 4\r\n"


def test_the_same_keys_are_one_line_in_any_order() -> None:
    from gpustrap.engine.merge import canonical

    assert canonical({"b": "é", "a": [1]}) == canonical({"a": [1], "b": "é"}) == '{"a": [1], "b": "é"}'

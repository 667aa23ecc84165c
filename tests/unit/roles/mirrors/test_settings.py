"""What a person reads who wrote a bad value for the role `mirrors`, and what stands where nothing is written."""

from __future__ import annotations

import pytest

SOURCE = "expected auto, upstream, a URL or the name of a mirror of this kind"
URL = "expected a URL such as https://HOST/PATH"
COMMITS = "a password in hosts.yml ends up in backups and commits"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{pypi: Tona}", f"4: mirrors.pypi: {SOURCE}; nearest: 'TUNA'"),
        ("{pypi: ''}", f"4: mirrors.pypi: {SOURCE}"),
        ("{npm: TUNA}", f"4: mirrors.npm: {SOURCE}"),
        ("{apt: hf-mirror}", f"4: mirrors.apt: {SOURCE}"),
        ("{hf: 'https://'}", f"4: mirrors.hf: {URL}"),
        ("{hf: 'https://a b/'}", f"4: mirrors.hf: {URL}"),
        ("""{hf: 'https://a/"'}""", f"4: mirrors.hf: {URL}"),
        ("{conda: 'http://a:99999/'}", f"4: mirrors.conda: {URL}"),
        ("{pypi: 'https://me:canary@a/simple'}", f"4: mirrors.pypi: {COMMITS}"),
        ("{pypi: true}", '4: mirrors.pypi: expected text, got true; write it in quotes: "true"'),
    ],
)
def test_a_bad_value_is_named_by_line_and_key(refusal, text: str, message: str) -> None:
    assert refusal("mirrors", text) == message.splitlines()


@pytest.mark.parametrize(
    "text", ["{pypi: tuna, apt: Aliyun, hf: 'http://10.0.0.1:8090/hf', git: ghfast, python_build: npmmirror}"]
)
def test_good_values_are_taken(load, text: str) -> None:
    assert load("mirrors", text)


def test_nothing_written_goes_by_region_but_git_which_nobody_sees_unasked(load) -> None:
    settings = load("mirrors", "{}")
    words = settings.model_dump()
    assert (words.pop("git"), words.pop("hf_token_to_mirror"), words.pop("measure")) == ("upstream", False, False)
    assert set(words.values()) == {"auto"}


@pytest.mark.parametrize(("written", "read"), [("on", "on"), ("off", "off"), ("true", "on"), ("false", "off")])
def test_xet_is_a_word_also_where_yaml_reads_a_switch(load, written: str, read: str) -> None:
    assert load("mirrors", f"{{xet: {written}}}").xet == read


@pytest.mark.parametrize("text", ["http://me:canary@a", "http://me:canary@a b"])
def test_no_message_repeats_a_password(refusal, text: str) -> None:
    assert "canary" not in str(refusal("mirrors", f"{{hf: '{text}'}}"))

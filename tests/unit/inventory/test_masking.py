"""No form in which a program writes a secret down gets past the mask."""

from __future__ import annotations

import base64
import json
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.inventory.masking import masked, remember
from gpustrap.inventory.reveal import revealed
from gpustrap.inventory.secrets import Secret

CANARY = "hun/ter 2+'\"$é\\"


def fish(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


@pytest.mark.parametrize(
    "written",
    [
        str,
        repr,
        ascii,
        shlex.quote,
        fish,
        quote,
        quote_plus,
        json.dumps,
        lambda text: quote(text, safe=""),
        lambda text: quote(text, safe="").lower(),
        lambda text: json.dumps(text, ensure_ascii=False),
        lambda text: repr(text.encode()),
        lambda text: text.encode().hex(),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    ],
)
def test_a_secret_is_masked_in_every_way_of_writing_it(written):
    remember(CANARY)
    said = masked(f"[ {written(CANARY)} ]")
    assert said.startswith("[ ") and said.endswith(" ]")
    assert "***" in said
    assert "hun" not in said and "ter" not in said and base64.b64encode(b"hun").decode() not in said


@pytest.mark.parametrize("login", ["u", "me", "you", "a-long-user", "用户"])
def test_a_password_is_masked_inside_of_basic_authorization(login):
    remember("correct-horse-battery")
    header = base64.b64encode(f"{login}:correct-horse-battery".encode()).decode()
    said = masked(f"Proxy-Authorization: Basic {header}")
    assert "***" in said
    assert "horse" not in str(base64.b64decode(said.partition("***")[0].rpartition(" ")[2] + "==="))


@pytest.mark.parametrize(
    ("secret", "text", "said"),
    [
        ("http://me:s3cret@proxy:3128", "the proxy is http://me:s3cret@proxy:3128", "the proxy is ***"),
        ("http://me:s3cret@proxy:3128", "password s3cret, login me:s3cret", "password ***, login ***"),
        ("http://me:s3%23cret@proxy:3128", "decoded s3#cret, as written s3%23cret", "decoded ***, as written ***"),
        ("http://me:s3#cret", "s3#cret", "s3#cret"),  # a fragment, no password
        ("s3%23cret", "s3#cret", "***"),
        ("-----BEGIN KEY-----\nAAAAB3NzaC1yc2E\n", "found AAAAB3NzaC1yc2E in a file", "found *** in a file"),
        (" padded token ", "padded token", "***"),
        ("abcd", "abcdef", "***ef"),
        ("ab", "ab cab abc ab,(ab)", "*** cab abc ***,(***)"),
        ("7", "7 of 17, 7.", "*** of 17, ***."),
        ("", "nothing to hide", "nothing to hide"),
        ("  ", "a  b", "a  b"),
        ("http://[", "x http://[ y", "x *** y"),
    ],
)
def test_what_is_masked(secret, text, said):
    remember(secret)
    assert masked(text) == said


def test_of_two_secrets_the_longer_one_is_masked_whole():
    remember("abcd")
    remember("xabcdx")
    assert masked("xabcdx abcd") == "*** ***"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://me:pw@host:1/", "http://me:***@host:1/"),
        ("proxy=socks5h://:pw@h", "proxy=socks5h://:***@h"),
        ("https://a:b:c@h and http://d:e@i", "https://a:***@h and http://d:***@i"),
        ("http://me@host:1/a:b@c", "http://me@host:1/a:b@c"),
        ("http://USER:PASSWORD@HOST:PORT", "http://USER:PASSWORD@HOST:PORT"),
        ("http://host:80 mail me@here", "http://host:80 mail me@here"),
    ],
)
def test_a_password_in_any_url_is_masked_also_where_nobody_told_us_of_it(text, said):
    assert masked(text) == masked(masked(text)) == said


def test_a_secret_is_known_from_the_moment_it_is_read(monkeypatch):
    monkeypatch.setenv("A_TOKEN", "canary-1")
    secret = Secret(env="A_TOKEN")
    assert masked("canary-1") == "canary-1"
    revealed.cache_clear()
    assert revealed(secret).get_secret_value() == "canary-1"
    assert masked("canary-1") == "***"
    revealed.cache_clear()


@given(st.text(st.characters(codec="utf-8"), min_size=4, max_size=12), st.text(max_size=9), st.text(max_size=9))
def test_no_text_shows_a_secret_of_four_characters_or_more(secret, before, after):
    remember(secret)
    assert not secret.strip() or secret not in masked(before + secret + after).replace("***", "")

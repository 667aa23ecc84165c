from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gpustrap.inventory import fields
from gpustrap.inventory.secrets import Secret

URL = "expected a URL such as https://HOST/PATH"
PROXY = "expected a proxy such as http://HOST:PORT"
PROXY_OR_WAY = f"{PROXY}, or {', '.join(fields.PROXY_WAYS)}"
COMMITS = "a password in hosts.yml ends up in backups and commits"
NOT_USABLE = ["", "host", "http://", "http://:1", "http://h:0", "http://h:99999", "http://[::1", "http://a b/",
              "http://h/\n", "http://h/'", 'http://h/"', "http://h/\\", "http://é/", "file:///etc", "ftp://h/"]  # fmt: skip


def refusal(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    (error,) = refused.value.errors()
    return error["msg"].removeprefix("Value error, ")


@pytest.mark.parametrize(
    "url", ["https://h/simple", "http://10.0.0.1:8090/hf", "https://u@h/", "http://[fd00::1]:1/a~b{c}"]
)
def test_a_url_is_taken_as_it_is_written(url):
    assert TypeAdapter(fields.HttpUrl).validate_python(url) == url


@pytest.mark.parametrize("url", [*NOT_USABLE, "socks5://h:1"])
def test_what_no_client_s_file_can_hold_is_no_url(url):
    assert refusal(fields.HttpUrl, url) == URL


@pytest.mark.parametrize("url", [*NOT_USABLE, "http://h:1/path", "http://h:1?q", "http://h:1#f"])
def test_what_is_not_only_a_host_and_a_port_is_no_proxy(url):
    assert refusal(fields.ProxyWay, url) == (PROXY_OR_WAY if url == "host" else PROXY)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (fields.HttpUrl, COMMITS),
        (fields.ProxyWay, f"{COMMITS}; write proxy: {{env: NAME}}"),
        (fields.ProxyOrSecret, f"{COMMITS}; write proxy: {{env: NAME}}"),
    ],
)
@pytest.mark.parametrize("login", ["me:canary", ":canary", "me:can%61ry"])
def test_a_password_in_the_clear_is_refused_and_not_repeated(kind, said, login):
    assert refusal(kind, f"http://{login}@h:1") == said


def test_who_asks_for_a_url_says_what_one_looks_like_and_where_a_password_goes():
    with pytest.raises(ValueError, match=r"^expected a URL such as https://HOST/whl/\{tag\}$"):
        fields.http_url("x", example="https://HOST/whl/{tag}")
    with pytest.raises(ValueError, match=r"commits; elsewhere$"):
        fields.http_url("https://a:b@h/", instead="elsewhere")


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (fields.TextOrSecret, 5, "Input should be a valid string"),
        (fields.TextOrSecret, {"env": "A B"}, "expected the name of an environment variable, such as HF_TOKEN"),
        (fields.ProxyOrSecret, "junk", PROXY_OR_WAY),
    ],
)
def test_only_the_member_of_the_union_that_was_meant_says_what_is_wrong(kind, value, said):
    assert refusal(kind, value) == said


@pytest.mark.parametrize("kind", [fields.TextOrSecret, fields.ProxyOrSecret])
def test_text_and_a_secret_s_place_are_both_taken(kind):
    checked = TypeAdapter(kind)
    assert checked.validate_python("http://h:1") == "http://h:1"
    assert checked.validate_python({"env": "A"}) == checked.validate_python(Secret(env="A")) == Secret(env="A")


@given(st.text())
@example("http://a@b@c:1")
def test_any_text_is_a_proxy_or_is_not(text):
    if fields.is_proxy(text):
        assert not set(text) & set(" \t\r\n'\"\\`")

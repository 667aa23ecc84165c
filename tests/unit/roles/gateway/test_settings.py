from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509

from gpustrap import content
from gpustrap.errors import BadInput
from gpustrap.inventory.hosts import load_hosts
from gpustrap.inventory.secret_places import read_secrets
from gpustrap.laptop import certificates

OPEN = "it has no token, so everybody could come: token: {env: NAME}, or `open: true` where it is meant so"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{routes: {/: web}}", f"3: gateway: {OPEN}"),
        ("{routes: {/: web}, open: true, token: {env: T}}", "3: gateway: it has both token and open"),
        ("{open: true, routes: {/api: web, /api/: web}}", "4: gateway.routes./api/: the same path as '/api'"),
        ("{open: true, routes: {/: web}, port: 0}", "4: gateway.port: expected a number from 1 to 65535, got 0"),
        (
            "{open: true, routes: {/: web}, port: 65536}",
            "4: gateway.port: expected a number from 1 to 65535, got 65536",
        ),
        (
            "{open: true, routes: {api: web}}",
            "4: gateway.routes.api: expected a path such as /api, or a name before it such as api.example.org/",
        ),
        (
            "{open: true, routes: {a.org/x: web, a.org/x/: web}}",
            "4: gateway.routes.a.org/x/: the same path as 'a.org/x'",
        ),
    ],
)
def test_what_nobody_can_mean_is_refused_by_line(refusal, text, message):
    assert refusal("gateway", text) == [message]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "{path} cannot be read: No such file or directory"),
        ("no PEM", "{path} is no certificate in PEM form"),
        (-1, "the certificate in {path} has expired on {day}"),
    ],
)
def test_a_certificate_that_nobody_could_use_is_refused_by_line(refusal, tmp_path, monkeypatch, content, said):
    path = tmp_path / "chain.pem"
    if isinstance(content, str):
        path.write_text(content)
    elif content:
        path.write_text(made(monkeypatch, tmp_path, content).chain)
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
        said = said.replace("{day}", f"{ends:%Y-%m-%d}")
    text = f"{{open: true, routes: {{/: web}}, tls: {{certificate: {path}, key: {{env: K}}}}}}"
    (message,) = refusal("gateway", text)
    assert message == f"4: gateway.tls.certificate: {said.format(path=path)}"


def test_a_relative_certificate_starts_at_the_project(refusal, tmp_path):
    (said,) = refusal("gateway", "{open: true, routes: {/: web}, tls: {certificate: c.pem, key: {env: K}}}")
    assert said == f"4: gateway.tls.certificate: {tmp_path}/c.pem cannot be read: No such file or directory"


def made(monkeypatch, tmp_path, days):
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path / "own"))
    monkeypatch.setattr(certificates, "VALID", timedelta(days=days) + timedelta(hours=1))
    return certificates._made(tmp_path / "one.pem", "one", ["a.org"])


def test_what_the_page_shows_is_taken(tmp_path):
    page = (content.builtin_root() / "docs" / "gateway.md").read_text(encoding="utf-8")
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    (instance,) = load_hosts(tmp_path).instances.values()
    assert list(instance.settings["gateway"].routes) == ["/", "/api"]


def test_a_route_to_a_service_that_is_not_written_beside_it_is_refused_by_line(tmp_path):
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text(
        "instances:\n  box:\n    ssh: ssh root@10.0.0.1\n    roles: [gateway, services]\n"
        "    services: {web: {preset: hello}}\n    gateway: {open: true, port: 8080, routes: {/: wep}}\n"
    )
    with pytest.raises(BadInput) as refused:
        load_hosts(tmp_path)
    assert [(fault.line, fault.key, fault.message) for fault in refused.value.faults] == [
        (6, "instances.box.gateway.routes./", "no service 'wep'; nearest: 'web'"),
        (6, "instances.box.gateway.port", "port 8080 is also the port of the service 'web': give that another"),
    ]


@pytest.mark.parametrize("token", ["a" * 16, "A-Z.0_9~" * 32])
def test_a_token_of_the_right_form_is_read(monkeypatch, token):
    from roles.gateway.settings import Token

    monkeypatch.setenv("GATE", token)
    assert Token(env="GATE").read().get_secret_value() == token


@pytest.mark.parametrize("token", ["short", 'quote"0123456789abc', "a" * 257, "blank 0123456789abcdef"])
def test_a_token_that_no_link_could_hold_is_bad_input_by_line_and_is_not_repeated(tmp_path, monkeypatch, token):
    monkeypatch.setenv("GATE", token)
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text(
        "instances:\n  box:\n    ssh: ssh root@10.0.0.1\n    roles: [services, gateway]\n"
        "    services: {web: {preset: hello, port: 8081}}\n    gateway:\n      routes: {/: web}\n      token: {env: GATE}\n"
    )
    hosts = load_hosts(tmp_path)
    with pytest.raises(BadInput) as refused:
        read_secrets(hosts, hosts.instances.values(), settings=True)
    (fault,) = refused.value.faults
    assert (fault.line, fault.key) == (8, "instances.box.gateway.token")
    assert fault.message == "the token has to be 16 to 256 letters, digits and . _ ~ -"
    assert fault.hint == "`openssl rand -hex 24` makes one"
    assert token not in str(refused.value)

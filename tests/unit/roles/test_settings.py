"""What a person reads who wrote a bad value into hosts.yml: exit 2, file, line, key, what was expected."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from gpustrap import content
from gpustrap.errors import BadInput
from gpustrap.inventory.hosts import load_hosts

ROLES = ("base", "mirrors", "network", "python", "services")
PACKAGE = "expected text of the form ^[a-z0-9][a-z0-9+.-]+$"
NAME = "expected text of the form ^[a-z0-9][a-z0-9-]{0,30}$"
SOURCE = "expected auto, upstream, a URL or the name of a mirror of this kind"
URL = "expected a URL such as https://HOST/PATH"
PROXY = "expected a proxy such as http://HOST:PORT"
DIRECT = "expected a host, an address or a .domain, without * (clients differ on it)"
COMMITS = "a password in hosts.yml ends up in backups and commits"


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Read a hosts.yml whose one instance has these settings of one role, from its fourth line on."""
    (tmp_path / "inventory").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(content.builtin_root())

    def of(role: str, text: str):
        written = "\n".join(f"      {line}" for line in dedent(text).strip().splitlines())
        head = f"instances:\n  one:\n    {{lab: debian-12, roles: [{role}], {role}:\n"
        (tmp_path / "inventory" / "hosts.yml").write_text(f"{head}{written}\n    }}\n", encoding="utf-8")
        return load_hosts(tmp_path).instances["one"].settings[role]

    return of


def refusal(load, role: str, text: str) -> list[str]:
    with pytest.raises(BadInput) as refused:
        load(role, text)
    return str(refused.value).replace("inventory/hosts.yml:", "").replace("instances.one.", "").splitlines()


@pytest.mark.parametrize(
    ("role", "text", "message"),
    [
        ("base", "{packages: git}", "4: base.packages: expected a list, got 'git'"),
        ("base", "{packages: [Git]}", f"4: base.packages.0: {PACKAGE}, got 'Git'"),
        ("base", "{extra: ['-y', 'a b']}", f"4: base.extra.0: {PACKAGE}, got '-y'\n4: base.extra.1: {PACKAGE}, got 'a b'"),
        ("base", "{package: []}", "4: base.package: unknown key; nearest: 'packages'"),
        ("python", "{source: pip}", "4: python.source: expected auto, instance or laptop, got 'pip'"),
        ("mirrors", "{pypi: Tona}", f"4: mirrors.pypi: {SOURCE}; nearest: 'TUNA'"),
        ("mirrors", "{pypi: ''}", f"4: mirrors.pypi: {SOURCE}"),
        ("mirrors", "{npm: TUNA}", f"4: mirrors.npm: {SOURCE}"),
        ("mirrors", "{apt: hf-mirror}", f"4: mirrors.apt: {SOURCE}"),
        ("mirrors", "{hf: 'https://'}", f"4: mirrors.hf: {URL}"),
        ("mirrors", "{hf: 'https://a b/'}", f"4: mirrors.hf: {URL}"),
        ("mirrors", """{hf: 'https://a/"'}""", f"4: mirrors.hf: {URL}"),
        ("mirrors", "{conda: 'http://a:99999/'}", f"4: mirrors.conda: {URL}"),
        ("mirrors", "{pypi: 'https://me:canary@a/simple'}", f"4: mirrors.pypi: {COMMITS}"),
        ("mirrors", "{pypi: true}", '4: mirrors.pypi: expected text, got true; write it in quotes: "true"'),
        ("network", "{proxy: 5}", '4: network.proxy: expected text, got 5; write it in quotes: "5"'),
        ("network", "{proxy: {env: A B}}", "4: network.proxy.env: expected the name of an environment variable, such as HF_TOKEN"),
        ("services", "{web: {command: x, env: {PORT: 8080}}}", '4: services.web.env.PORT: expected text, got 8080; write it in quotes: "8080"'),
        ("network", "{proxy: 'proxy:3128'}", f"4: network.proxy: {PROXY}"),
        ("network", "{proxy: 'http://p:0'}", f"4: network.proxy: {PROXY}"),
        ("network", "{proxy: 'http://[::1'}", f"4: network.proxy: {PROXY}"),
        ("network", "{proxy: 'http://me:canary@p:1'}", f"4: network.proxy: {COMMITS}; write proxy: {{env: NAME}}"),
        ("network", "{no_proxy: ['*.lan', '', 'a,b', 10.0.0.0/8]}", "\n".join(f"4: network.no_proxy.{n}: {DIRECT}" for n in range(4))),
        ("services", "{web: {}}", "4: services.web: it has neither a preset nor a command"),
        ("services", "{web: {preset: helo}}", "4: services.web.preset: no preset 'helo'; nearest: 'hello'"),
        ("services", "{web: {preset: x}}", "4: services.web.preset: no preset 'x'"),
        ("services", "{web: {command: x, health: /ping}}", "4: services.web: health needs a port"),
        ("services", "{web: {command: 'x {port}'}}", "4: services.web: its command holds {port}, and it has no port"),
        ("services", "{web: {command: x, port: 0}}", "4: services.web.port: expected a number from 1 to 65535, got 0"),
        ("services", "{web: {command: x, port: 1, health: ping}}", "4: services.web.health: expected text of the form ^/, got 'ping'"),
        ("services", "{web: {command: x, cwd: srv}}", "4: services.web.cwd: expected text of the form ^/, got 'srv'"),
        ("services", "{web: {command: x, restart: maybe}}", "4: services.web.restart: expected always, on-failure or never, got 'maybe'"),
        ("services", "{Web: {command: x}}", f"4: services.Web: {NAME}, got 'Web'"),
        ("services", "{'a.b': {command: x}}", f"4: services.a.b: {NAME}, got 'a.b'"),
        ("services", "{web: {command: x, env: {A-B: x}}}", "4: services.web.env.A-B: expected text of the form ^[A-Za-z_][A-Za-z0-9_]*$, got 'A-B'"),
        ("services", "{web: {comand: x}}", "4: services.web.comand: unknown key; nearest: 'command'"),
        (
            "services",
            """
            {web: {preset: hello},
            api: {command: x,
            port: 8080},
            two: {preset: hello}}
            """,
            "6: services.api.port: port 8080 is also the port of 'web'\n"
            "7: services.two: port 8080 is also the port of 'web'",
        ),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_by_line_and_key(load, role: str, text: str, message: str) -> None:
    assert refusal(load, role, text) == message.splitlines()


@pytest.mark.parametrize("role", ["mirrors", "network"])
def test_no_message_repeats_a_password(load, role: str) -> None:
    key = {"mirrors": "hf", "network": "proxy"}[role]
    assert "canary" not in str(refusal(load, role, f"{{{key}: 'http://me:canary@a'}}"))
    assert "canary" not in str(refusal(load, role, f"{{{key}: 'http://me:canary@a b'}}"))


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_defaults_for_all_of_its_keys(load, role: str) -> None:
    assert load(role, "{}").model_dump() is not None


@pytest.mark.parametrize(
    ("role", "text"),
    [
        ("base", "{packages: [g++, libstdc++6, python3.11]}"),
        (
            "mirrors",
            "{pypi: tuna, apt: Aliyun, hf: 'http://10.0.0.1:8090/hf', git: ghfast, python_build: npmmirror}",
        ),
        ("network", "{proxy: 'socks5h://[fd00::1]:1080', no_proxy: [.lan, host, 10.0.0.7, 'fd00::1']}"),
        ("network", "{proxy: {env: MY_PROXY}}"),
        ("network", "{proxy: null}"),
        (
            "services",
            "{web: {preset: hello, port: 81}, api: {preset: hello}, job: {command: 'echo {port}', port: 9}}",
        ),
    ],
)
def test_good_values_are_taken(load, role: str, text: str) -> None:
    assert load(role, text)

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from pydantic import SecretStr

from gpustrap import content
from gpustrap.engine import templates
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.reveal import revealed
from gpustrap.resolve.context import Context
from gpustrap.run.decisions import Decisions
from roles.network import resolve
from roles.network.resolve import is_proxy

PROXY = "http://me:pa;ss%23@proxy.lan:3128"
DIRECT = ("localhost", "127.0.0.1", "::1", ".lan", "host.lan", "10.0.0.7", "fd00::1", "web:8080")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch):
    revealed.cache_clear()
    monkeypatch.setenv("MY_PROXY", PROXY)
    templates.use_project(content.builtin_root())
    yield
    revealed.cache_clear()


def plain(variables) -> dict[str, str]:
    return {name: v.get_secret_value() if isinstance(v, SecretStr) else v for name, v in variables.items()}


def test_without_a_proxy_no_client_is_told_of_one(settings, survey, context) -> None:
    chosen = resolve.choose(settings("network", no_proxy=[".lan"]), survey, context)
    assert (chosen.proxy, dict(chosen.variables)) == (None, {})


def test_the_variables_stand_in_both_cases(settings, survey, context) -> None:
    chosen = resolve.choose(settings("network", proxy="http://p:1", no_proxy=[".lan", "10.0.0.7"]), survey, context)
    direct = "localhost,127.0.0.1,::1,.lan,10.0.0.7"
    assert plain(chosen.variables) == {
        "http_proxy": "http://p:1", "https_proxy": "http://p:1", "no_proxy": direct,
        "HTTP_PROXY": "http://p:1", "HTTPS_PROXY": "http://p:1", "NO_PROXY": direct,
    }  # fmt: skip


def test_the_chosen_mirrors_are_reached_directly(settings, survey) -> None:
    given = {"mirrors": settings("mirrors", pypi="https://my.example/simple")}
    context = Decisions(survey, Context("x", "cn", ("network", "mirrors"), given)).context
    chosen = resolve.choose(settings("network", proxy="http://p:1", no_proxy=["my.example"]), survey, context)
    assert chosen.no_proxy[3:] == (
        "my.example", "mirrors.tuna.tsinghua.edu.cn", "mirrors.bfsu.edu.cn", "registry.npmmirror.com",
        "hf-mirror.com", "mirror.nju.edu.cn",
    )  # fmt: skip


def test_a_third_party_that_serves_github_is_not_reached_directly(settings, survey) -> None:
    given = {"mirrors": settings("mirrors", git="ghfast")}
    context = Decisions(survey, Context("x", "cn", ("mirrors",), given)).context
    chosen = resolve.choose(settings("network", proxy="http://p:1"), survey, context)
    assert "ghfast.top" not in chosen.no_proxy


def test_without_the_role_mirrors_no_mirror_is_named(settings, survey) -> None:
    context = Decisions(survey, Context("x", "cn", ("network",), {"mirrors": settings("mirrors")})).context
    chosen = resolve.choose(settings("network", proxy="http://p:1"), survey, context)
    assert chosen.no_proxy == ("localhost", "127.0.0.1", "::1")


def test_a_secret_proxy_is_shown_nowhere(settings, survey, context) -> None:
    chosen = resolve.choose(settings("network", proxy={"env": "MY_PROXY"}), survey, context)
    assert chosen.proxy is not None and chosen.proxy.get_secret_value() == PROXY
    assert "pa;ss" not in repr(chosen) + repr(chosen.variables)


@pytest.mark.parametrize("value", ["junk", 'http://a"b:1', "http://p:1/path with space", "ftp://p:1", "http://p:1\\"])
def test_a_secret_that_is_no_proxy_is_refused_without_a_part_of_it(
    settings, survey, context, monkeypatch, value
) -> None:
    monkeypatch.setenv("MY_PROXY", value)
    with pytest.raises(InstanceFailed) as refused:
        resolve.choose(settings("network", proxy={"env": "MY_PROXY"}), survey, context)
    assert str(refused.value) == (
        "proxy: the secret at network.proxy is not a proxy such as http://USER:PASSWORD@HOST:PORT\n"
        "hint: write special characters of the password as %XX"
    )


@pytest.mark.parametrize(
    ("url", "usable"),
    [
        ("http://proxy:3128", True),
        ("https://proxy.lan", True),
        ("http://proxy:3128/", True),
        ("socks5://10.0.0.1:1080", True),
        ("socks5h://[fd00::1]:1080", True),
        (PROXY, True),
        ("", False),
        ("proxy:3128", False),
        ("http://", False),
        ("http://:3128", False),
        ("http://p:0", False),
        ("http://p:99999", False),
        ("http://[::1", False),
        ("http://p:1/path", False),
        ("http://p:1?q", False),
        ("http://u:a#b@p:1", False),
        ("http://p:1\n", False),
        ("http://p é:1", False),
        ("http://u:'@p:1", False),
        ("ftp://p:1", False),
    ],
)
def test_what_counts_as_a_proxy(url: str, usable: bool) -> None:
    assert is_proxy(url) is usable


def rendered(src: str, tmp_path: Path, proxy: str = PROXY) -> Path:
    file = tmp_path / "rendered"
    file.write_text(templates.render(src, {"proxy": SecretStr(proxy), "no_proxy": DIRECT}))
    return file


def test_apt_reads_the_proxy_and_the_hosts_it_can_be_told(tmp_path: Path) -> None:
    program = shutil.which("apt-config") or pytest.skip("no apt here")
    file = rendered("network/apt.conf.j2", tmp_path)
    asked = [program, "-c", file, "dump", "--format", "%f=%v%n", "Acquire"]
    found = subprocess.run(asked, text=True, capture_output=True, check=True, env={"APT_CONFIG": "/dev/null"})
    lines = [line for line in found.stdout.splitlines() if "::Proxy" in line]
    hosts = ("localhost", "127.0.0.1", "host.lan", "10.0.0.7")
    assert sorted(lines) == sorted(
        line
        for scheme in ("http", "https")
        for line in (
            f"Acquire::{scheme}::Proxy={PROXY}",
            *(f"Acquire::{scheme}::Proxy::{host}=DIRECT" for host in hosts),
        )
    )


def test_apt_is_told_of_socks_in_its_own_word(tmp_path: Path) -> None:
    text = rendered("network/apt.conf.j2", tmp_path, "socks5://p:1080").read_text()
    assert text.splitlines()[1:3] == [
        'Acquire::http::Proxy "socks5h://p:1080";',
        'Acquire::https::Proxy "socks5h://p:1080";',
    ]
    assert "socks5h://p:1" in rendered("network/apt.conf.j2", tmp_path, "socks5h://p:1").read_text()


def test_git_reads_the_proxy_as_it_is(tmp_path: Path) -> None:
    program = shutil.which("git") or pytest.skip("no git here")
    file = rendered("network/gitconfig.j2", tmp_path)
    asked = subprocess.run([program, "config", "-f", file, "http.proxy"], text=True, capture_output=True, check=True)
    assert asked.stdout == f"{PROXY}\n"


def test_conda_reads_the_proxy_as_it_is(tmp_path: Path) -> None:
    from ruamel.yaml import YAML

    read = YAML(typ="safe").load(rendered("network/conda.yml.j2", tmp_path).read_text())
    assert read == {"proxy_servers": {"http": PROXY, "https": PROXY}}

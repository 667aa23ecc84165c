from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from gpustrap import content
from gpustrap.engine import templates
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.fields import is_proxy
from gpustrap.inventory.reveal import revealed
from gpustrap.resolve.box.configuration import Configuration, GitRule, SetKey, SetVariable
from gpustrap.resolve.context import Context
from gpustrap.run.decisions import Decisions
from roles.network import resolve
from roles.network.resolve import GIT_ENVIRONMENT

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
    assert {file.src for file in chosen.files} == {None}
    assert chosen.reasons == ("hosts.yml names no proxy, so no client is told of one",)


def test_whose_proxy_there_is_without_ours_is_said(settings, survey, context) -> None:
    theirs = (
        SetVariable("no_proxy", "/etc/environment", 1),
        SetVariable("NO_PROXY", "pid1"),
        SetVariable("https_proxy", "/root/.bashrc", 7),
    )
    chosen = resolve.choose(settings("network"), replace(survey, configuration=Configuration(theirs)), context)
    assert chosen.reasons[1:] == ("https_proxy in /root/.bashrc:7 stays: it is not gpustrap's",)


def test_the_variables_stand_in_both_cases(settings, survey, context) -> None:
    chosen = resolve.choose(settings("network", proxy="http://p:1", no_proxy=[".lan", "10.0.0.7"]), survey, context)
    direct = "localhost,127.0.0.1,::1,0.0.0.0,box,.lan,10.0.0.7"
    assert plain(chosen.variables) == {
        "http_proxy": "http://p:1",
        "https_proxy": "http://p:1",
        "no_proxy": direct,
        "HTTP_PROXY": "http://p:1",
        "HTTPS_PROXY": "http://p:1",
        "NO_PROXY": direct,
    }


def test_the_chosen_mirrors_are_reached_directly(settings, survey) -> None:
    given = {"mirrors": settings("mirrors", pypi="https://my.example/simple")}
    context = Decisions(survey, Context("x", "cn", ("network", "mirrors"), given)).context
    chosen = resolve.choose(settings("network", proxy="http://p:1", no_proxy=["my.example"]), survey, context)
    assert chosen.no_proxy[5:] == (
        "my.example",
        "mirrors.tuna.tsinghua.edu.cn",
        "mirrors.bfsu.edu.cn",
        "registry.npmmirror.com",
        "hf-mirror.com",
        "mirror.nju.edu.cn",
    )


def test_a_third_party_that_serves_github_is_not_reached_directly(settings, survey) -> None:
    given = {"mirrors": settings("mirrors", git="ghfast")}
    context = Decisions(survey, Context("x", "cn", ("mirrors",), given)).context
    chosen = resolve.choose(settings("network", proxy="http://p:1"), survey, context)
    assert "ghfast.top" not in chosen.no_proxy


def test_where_every_mirror_is_upstream_that_is_said(settings, survey) -> None:
    context = Decisions(survey, Context("x", "global", ("mirrors",), {"mirrors": settings("mirrors")})).context
    assert resolve.choose(settings("network", proxy="http://p:1"), survey, context).reasons[1] == (
        "the instance itself is reached directly; no mirror is chosen that could go past it"
    )


def test_without_the_role_mirrors_no_mirror_is_named(settings, survey) -> None:
    context = Decisions(survey, Context("x", "cn", ("network",), {"mirrors": settings("mirrors")})).context
    chosen = resolve.choose(settings("network", proxy="http://p:1"), survey, context)
    assert chosen.no_proxy == ("localhost", "127.0.0.1", "::1", "0.0.0.0", "box")
    assert chosen.reasons[1] == (
        "the instance itself is reached directly; no mirror goes past it, for the role mirrors is not among the instance's"
    )


def everyone(survey, **found):
    return replace(survey, configuration=Configuration(**found))


def var(name: str, place: str = "pid1", line: int = 0) -> SetVariable:
    return SetVariable(name, place, line)


@pytest.mark.parametrize(
    ("found", "names", "reason"),
    [
        ({"variables": (var("all_proxy", "/root/.bashrc", 2),)}, {"all_proxy", "ALL_PROXY"},
         "all_proxy is set in every shell, because of all_proxy in /root/.bashrc:2"),
        ({"variables": (var("ALL_PROXY"),)}, {"all_proxy", "ALL_PROXY"},
         "all_proxy is set in every shell, because of ALL_PROXY in the environment of PID 1"),
        ({"variables": (var("PIP_PROXY", "environment"),)}, {"PIP_PROXY"},
         "PIP_PROXY is set in every shell, because of PIP_PROXY in the environment of ssh commands"),
        ({"keys": (SetKey("global", "proxy", "/etc/pip.conf"),)}, {"PIP_PROXY"},
         "PIP_PROXY is set in every shell, because of proxy in /etc/pip.conf"),
        ({"keys": (SetKey("-", "https-proxy", "/root/.npmrc"),)}, {"npm_config_proxy", "npm_config_https_proxy"},
         "npm_config_proxy is set in every shell, because of https-proxy in /root/.npmrc"),
        ({"ours": frozenset({"all_proxy"})}, {"all_proxy", "ALL_PROXY"},
         "all_proxy is set in every shell, as it had to be before"),
        ({"variables": (var("http_proxy", "/etc/environment", 3),)}, set(),
         "it counts before http_proxy in /etc/environment:3"),
        ({"variables": (var("PIP_INDEX_URL"),)}, set(), None),
    ],
)  # fmt: skip
def test_what_counts_before_ours_is_overruled_by_its_like(settings, survey, context, found, names, reason) -> None:
    plain_ones = set(resolve.choose(settings("network", proxy="http://p:1"), survey, context).variables)
    chosen = resolve.choose(settings("network", proxy="http://p:1"), everyone(survey, **found), context)
    more = set(chosen.variables) - plain_ones
    assert names <= more and (names or not more)
    assert {plain(chosen.variables)[name] for name in more} <= {"http://p:1"}
    assert reason is None or reason in chosen.reasons


def wanted(chosen) -> dict[str, str | None]:
    return {file.dest: file.src for file in chosen.files}


@pytest.mark.parametrize(
    ("theirs", "last", "main"),
    [
        ((), False, False),
        (("/etc/apt/apt.conf.d/10proxy",), False, False),
        (("/etc/apt/apt.conf.d/95gpustrap-proxy",), False, False),
        (("/etc/apt/apt.conf.d/proxy.conf",), True, False),
        (("/etc/apt/apt.conf.d/99proxy",), True, False),
        (("/etc/apt/apt.conf",), False, True),
        (("/etc/apt/apt.conf", "/etc/apt/apt.conf.d/zz"), True, True),
    ],
)
def test_apt_hears_ours_after_every_other(settings, survey, context, theirs, last: bool, main: bool) -> None:
    chosen = resolve.choose(settings("network", proxy="http://p:1"), everyone(survey, apt_proxies=theirs), context)
    files = wanted(chosen)
    assert (files[resolve.APT_LAST] is not None, files[resolve.APT_MAIN] is not None) == (last, main)
    assert files[resolve.APT_FILE] == "network/apt.conf.j2"
    assert sum(reason.startswith("apt hears the proxy after ") for reason in chosen.reasons) == last + main


@pytest.mark.parametrize(
    ("rule", "urls"),
    [
        (GitRule("/etc/gitconfig", "http.https://huggingface.co.proxy", "set"), ("https://huggingface.co",)),
        (GitRule("/etc/gitconfig", "http.https://in.lan.proxy", ""), ()),
        (GitRule("/etc/gitconfig", "http.https://direct.lan.proxy", "set"), ()),
        (GitRule("/etc/gitconfig", "http.proxy", "set"), ()),
        (GitRule("/etc/gitconfig", "url.x.insteadof", "https://github.com/"), ()),
    ],
)
def test_gits_proxy_for_one_url_is_ours_too(settings, survey, context, rule: GitRule, urls: tuple[str, ...]) -> None:
    box = everyone(survey, git_rules=(rule,))
    chosen = resolve.choose(settings("network", proxy="http://p:1", no_proxy=["direct.lan"]), box, context)
    git = next(file for file in chosen.files if file.dest.endswith("git-network"))
    assert git.values["git_urls"] == urls
    assert ("git's proxy for https://huggingface.co in /etc/gitconfig is overruled" in chosen.reasons) is bool(urls)


def test_where_ours_is_said_for_a_url_too_nobody_goes_past_it(settings, survey, context) -> None:
    rules = tuple(GitRule("/etc/gitconfig", f"http.https://{host}.proxy", value) for host, value in
                  (("a.lan", "set"), ("a.lan", ""), ("b.lan", "")))  # fmt: skip
    chosen = resolve.choose(settings("network", proxy="http://p:1"), everyone(survey, git_rules=rules), context)
    assert [line for line in chosen.reasons if "git goes past" in line] == [
        "git goes past the proxy to https://b.lan, as /etc/gitconfig says: that stays"
    ]


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


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (SetKey("-", "proxy_servers", "/root/.condarc"), "conda hears proxy_servers in /root/.condarc before ours"),
        (SetKey("-", "proxy_servers", "/etc/conda/.condarc"), None),
        (SetKey("-", "https_proxy", "/root/.wgetrc"), "wget hears https_proxy in /root/.wgetrc before ours"),
        (SetKey("-", "proxy", "/root/.curlrc"), "curl hears proxy in /root/.curlrc before ours"),
        (SetKey("-", "max-time", "/root/.curlrc"), None),
    ],
)
def test_a_client_that_does_not_hear_ours_is_named(settings, survey, context, key: SetKey, reason: str | None) -> None:
    chosen = resolve.choose(settings("network", proxy="http://p:1"), everyone(survey, keys=(key,)), context)
    assert [line for line in chosen.reasons if " hears " in line and "apt" not in line] == (
        [f"{reason}: take it away there"] if reason else []
    )


@pytest.mark.parametrize("elsewhere", [True, False])
def test_git_is_told_by_the_systems_file_where_it_passes_over_the_users(settings, survey, context, elsewhere) -> None:
    found = {"variables": (var("GIT_CONFIG_GLOBAL", "/etc/environment", 2),)} if elsewhere else {}
    chosen = resolve.choose(settings("network", proxy="http://p:1"), everyone(survey, **found), context)
    assert (wanted(chosen)["/etc/gitconfig"] is not None) is elsewhere


def rendered(src: str, tmp_path: Path, proxy: str = PROXY) -> Path:
    file = tmp_path / "rendered"
    file.write_text(
        templates.render(src, {"proxy": SecretStr(proxy), "apt": SecretStr(proxy), "no_proxy": DIRECT, "git_urls": ()})
    )
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
            f"Acquire::{scheme}::Proxy-Auto-Detect=",
            f"Acquire::{scheme}::ProxyAutoDetect=",
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


@pytest.mark.parametrize(
    ("url", "proxy"), [("https://huggingface.co/a", PROXY), ("https://github.com/a", PROXY), ("https://in.lan/a", "")]
)
def test_git_prefers_ours_for_a_url_that_somebody_has_a_proxy_for(tmp_path: Path, url: str, proxy: str) -> None:
    program = shutil.which("git") or pytest.skip("no git here")
    ours, file = tmp_path / "ours", tmp_path / ".gitconfig"
    values = {"proxy": SecretStr(PROXY), "no_proxy": DIRECT, "git_urls": ("https://huggingface.co",)}
    ours.write_text(templates.render("network/gitconfig.j2", values))
    theirs = '[http "https://huggingface.co"]\n\tproxy = http://t:1\n[http "https://in.lan"]\n\tproxy =\n'
    file.write_text(theirs + templates.render("git-include.j2", {"path": ours}))
    asked = subprocess.run(
        [program, "config", "--get-urlmatch", "http.proxy", url],
        text=True,
        capture_output=True,
        env={"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"},
        cwd="/",
    )
    assert asked.stdout == f"{proxy}\n"


def test_apts_main_file_reads_ours_after_its_own(tmp_path: Path) -> None:
    program = shutil.which("apt-config") or pytest.skip("no apt here")
    main = tmp_path / "apt.conf"
    include = templates.render("network/apt-include.j2", {"path": rendered("network/apt.conf.j2", tmp_path)})
    main.write_text(f'Acquire::http::Proxy "http://t:1";\n# gpustrap network begin\n{include}# gpustrap network end\n')
    asked = [program, "-c", main, "dump", "--format", "%v%n", "Acquire::http::Proxy"]
    found = subprocess.run(asked, text=True, capture_output=True, check=True, env={"APT_CONFIG": "/dev/null"})
    assert found.stdout.splitlines()[0] == PROXY


def test_git_reads_the_proxy_as_it_is(tmp_path: Path) -> None:
    program = shutil.which("git") or pytest.skip("no git here")
    file = rendered("network/gitconfig.j2", tmp_path)
    asked = subprocess.run([program, "config", "-f", file, "http.proxy"], text=True, capture_output=True, check=True)
    assert asked.stdout == f"{PROXY}\n"


def test_conda_reads_the_proxy_as_it_is(tmp_path: Path) -> None:
    from ruamel.yaml import YAML

    read = YAML(typ="safe").load(rendered("network/conda.yml.j2", tmp_path).read_text())
    assert read == {"proxy_servers": {"http": PROXY, "https": PROXY}}


def test_the_home_is_that_of_the_shells(settings, survey, context) -> None:
    from roles.network.resolve import choose

    assert choose(settings("network"), survey, context).home == "/root"


@pytest.mark.parametrize(
    ("rules", "reason", "last"),
    [
        ((), None, False),
        ((GitRule("/root/.gitconfig", "http.proxy", "set"),), None, False),
        ((GitRule("/root/.gitconfig", "http.proxy", "set", late=True),), "git's proxy in /root/.gitconfig is overruled", True),
        ((GitRule("/opt/site/git", "http.https://a.lan.proxy", "set", late=True),),
         "git's proxy for https://a.lan in /opt/site/git is overruled", True),
        ((GitRule("/root/.gitconfig", "http.https://a.lan.proxy", "", late=True),),
         "git goes past the proxy to https://a.lan, as /root/.gitconfig says: that stays", False),
        ((GitRule("/root/.gitconfig", "url.x.insteadof", "https://github.com/", late=True),), None, False),
        ((GitRule("command-line", "http.proxy", "set", late=True),),
         "git hears http.proxy by GIT_CONFIG_COUNT in /root/.bashrc:3 before every file: take it away there", False),
        ((GitRule(".git/config", "http.proxy", "set", late=True),), None, False),
    ],
)  # fmt: skip
def test_gits_rules_that_count_before_ours_are_said_and_overruled(
    settings, survey, context, rules, reason, last
) -> None:
    found = {"git_rules": rules, "variables": (var("GIT_CONFIG_COUNT", "/root/.bashrc", 3),)}
    chosen = resolve.choose(settings("network", proxy="http://p:1"), everyone(survey, **found), context)
    (own,) = [file for file in chosen.files if file.dest == "/root/.gitconfig"]
    assert own.last is last
    assert [line for line in chosen.reasons if "git" in line and "apt" not in line] == ([reason] if reason else [])


def test_a_host_to_which_apt_has_a_way_of_its_own_is_said(settings, survey, context) -> None:
    chosen = resolve.choose(settings("network", proxy="http://p:1"), everyone(survey, apt_hosts=("a.lan",)), context)
    assert "apt has a way of its own to a.lan, which stays" in chosen.reasons


def test_the_file_that_a_variable_names_for_git_is_told_of_the_proxy_and_given_back(settings, survey, context) -> None:
    found = {"git_global": "/opt/g", "variables": (var("GIT_CONFIG_GLOBAL", "/root/.bashrc", 1),)}
    for proxy, src in (("http://p:1", "git-include.j2"), (None, None)):
        chosen = resolve.choose(settings("network", proxy=proxy), everyone(survey, **found), context)
        (named,) = [file for file in chosen.files if file.dest == "/opt/g"]
        assert (named.src, named.block) == (src, "network")
        assert {file.dest: file.src for file in chosen.files}["/etc/gitconfig"] is None
    late = {**found, "git_rules": (GitRule("/root/.gitconfig", "http.proxy", "set", late=True),)}
    chosen = resolve.choose(settings("network", proxy="http://p:1"), everyone(survey, **late), context)
    assert not any(file.last for file in chosen.files)


def test_a_readonly_variable_is_said(settings, survey, context) -> None:
    found = {"fixed": (var("https_proxy", "/etc/profile.d/a.sh", 4), var("OTHER", "/x", 1))}
    chosen = resolve.choose(settings("network", proxy="http://p:1"), everyone(survey, **found), context)
    said = "https_proxy is readonly in /etc/profile.d/a.sh:4, so nothing after it can set it: take that away there"
    assert said in chosen.reasons and "OTHER" not in str(chosen.reasons)


def test_a_file_that_git_reads_in_some_folders_only_is_named(settings, survey, context) -> None:
    box = everyone(survey, git_there=(("gitdir:/root/src/", "/root/.gitconfig-src"),))
    chosen = resolve.choose(settings("network", proxy="http://p:1"), box, context)
    said = "git hears /root/.gitconfig-src after ours where gitdir:/root/src/: what it says of a proxy counts there"
    assert said in chosen.reasons


def test_ours_is_not_said_to_count_before_what_is_readonly(settings, survey, context) -> None:
    theirs = var("https_proxy", "/etc/profile.d/a.sh", 4), var("http_proxy", "/etc/profile.d/b.sh", 1)
    box = everyone(survey, variables=theirs, fixed=theirs[:1])
    chosen = resolve.choose(settings("network", proxy="http://p:1"), box, context)
    assert "it counts before http_proxy in /etc/profile.d/b.sh:1" in chosen.reasons


@pytest.mark.parametrize(
    "name", ["npm_config_proxy", "npm_config_https_proxy", "NPM_CONFIG_PROXY", "NPM_CONFIG_HTTPS_PROXY"]
)
@pytest.mark.parametrize("who", ["others", "we"])
def test_npm_hears_ours_under_each_of_its_names_where_one_of_them_is_set(settings, survey, context, name, who) -> None:
    said = (
        Configuration(ours=frozenset({name})) if who == "we" else Configuration(variables=(SetVariable(name, "pid1"),))
    )
    chosen = resolve.choose(settings("network", proxy="http://p:1"), replace(survey, configuration=said), context)
    names = {each for each in chosen.variables if each.lower().startswith("npm_")}
    assert names == {"npm_config_proxy", "npm_config_https_proxy", "NPM_CONFIG_PROXY", "NPM_CONFIG_HTTPS_PROXY"}


def test_only_rules_about_a_proxy_that_a_variable_gives_are_said(settings, survey, context) -> None:
    rules = (GitRule(GIT_ENVIRONMENT, "http.proxy", "set"), GitRule(GIT_ENVIRONMENT, "url.x.insteadof", "https://y/"))
    found = everyone(survey, git_rules=rules)
    chosen = resolve.choose(settings("network", proxy="http://p:1"), found, context)
    said = [reason for reason in chosen.reasons if reason.startswith("git hears")]
    assert said == ["git hears http.proxy by a variable of git's before every file: take it away there"]

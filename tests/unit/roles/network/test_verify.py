"""The role's own proof, run on the answers of a fake instance. The proxy's password is in no sentence."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from tests.shell_digests import sha256sum, shell

from gpustrap.resolve.box.configuration import Configuration, GitRule, SetVariable
from roles.network.own_files import OWN
from roles.network.resolve import choose

PROXY = "http://me:canary@10.0.0.1:3128"
SHELLS, APT, GIT = "shells have the proxy", "apt uses the proxy", "git uses the proxy"
FILES = "files with the proxy are readable by root only"


@pytest.fixture
def box(survey):
    return replace(survey, tools=dict.fromkeys(("apt-get", "git"), "/x"))


@pytest.fixture
def chosen(settings, box, context, monkeypatch):
    monkeypatch.setenv("MY_PROXY", PROXY)
    return choose(settings("network", proxy={"env": "MY_PROXY"}), box, context)


def answers(chosen: Any, **other: Any) -> dict[str, Any]:
    """Those of an instance on which every promise holds, but for the `other` ones."""
    return {
        "gpustrap-value": other.get("shell", shell(chosen.variables)),
        "apt-config dump": other.get("apt", sha256sum(PROXY)),
        "grep -liE": "/etc/apt/apt.conf.d/95gpustrap-proxy\n/etc/apt/apt.conf.d/99theirs\n",
        "git config --get-urlmatch": other.get("git", sha256sum(PROXY)),
        "git config --list": other.get("git_reads", ""),
        "git config --includes": "file:/root/.gitconfig\thttp.https://github.com.proxy\n",
        "stat -Lc": other.get("modes", lambda command: "".join(f"600 {file}\n" for file in command.split()[4:])),
    }


def test_what_every_client_says_is_proved(proved, chosen, box) -> None:
    verdict = proved("network", chosen, answers(chosen), box)
    assert verdict.broken == []
    assert verdict.passed == 9  # five kinds of shell, apt, git for two sites, files


def test_without_a_proxy_nothing_is_promised(proved, settings, box, context) -> None:
    verdict = proved("network", choose(settings("network"), box, context), {}, box)
    assert (verdict.passed, verdict.broken, verdict.skipped) == (0, [], [])


def test_a_shell_with_another_proxy_names_the_variable_and_who_sets_it(broken, chosen, box) -> None:
    theirs = SetVariable("http_proxy", "/etc/profile.d/site.sh", 3)
    box = replace(box, configuration=Configuration(variables=(theirs,)))
    wrong = shell({**chosen.variables, "http_proxy": "http://other"})
    said = broken("network", chosen, answers(chosen, shell=wrong), box)
    assert said == {SHELLS: "http_proxy has another value in a service; /etc/profile.d/site.sh:3 sets it too"}


@pytest.mark.parametrize("name", ["http_proxy", "HTTPS_PROXY", "no_proxy"])
def test_a_shell_without_a_variable_names_it(broken, chosen, box, name: str) -> None:
    less = {key: value for key, value in chosen.variables.items() if key != name}
    assert broken("network", chosen, answers(chosen, shell=shell(less)), box) == {
        SHELLS: f"{name} is not set in a service"
    }


@pytest.mark.parametrize(
    ("client", "promise", "sentence"),
    [
        ("apt", APT, "apt does not use the proxy of hosts.yml: /etc/apt/apt.conf.d/99theirs"),
        (
            "git",
            GIT,
            "git for https://huggingface.co/ does not use the proxy of hosts.yml: "
            "/root/.gitconfig http.https://github.com.proxy",
        ),
    ],
)
def test_a_client_with_another_proxy_is_named_with_the_file(broken, chosen, box, client, promise, sentence) -> None:
    said = broken("network", chosen, answers(chosen, **{client: sha256sum("http://other:canary@h:1")}), box)
    assert said == {promise: sentence}


def test_a_file_that_others_may_read_is_named(broken, chosen, box) -> None:
    def modes(command: str) -> str:
        return "".join(f"{644 if 'apt' in file else 600} {file}\n" for file in command.split()[4:])

    said = broken("network", chosen, answers(chosen, modes=modes), box)
    assert said == {FILES: "others may read /etc/apt/apt.conf.d/95gpustrap-proxy, which holds the proxy"}


def test_no_question_and_no_sentence_holds_the_password(proved, chosen, box) -> None:
    nothing = dict.fromkeys(answers(chosen), f"{PROXY}\n")
    verdict = proved("network", chosen, nothing, box)
    assert {each.promise for each in verdict.broken} == {SHELLS, APT, GIT, FILES}
    assert "canary" not in str(verdict.broken)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_apt_has_to_use_it_for_both_schemes(broken, chosen, box, scheme: str) -> None:
    said = answers(chosen)
    said[f"Acquire::{scheme}::Proxy"] = sha256sum("")
    said = {f"Acquire::{scheme}::Proxy": sha256sum(""), **said}
    assert broken("network", chosen, said, box) == {
        APT: "apt does not use the proxy of hosts.yml: /etc/apt/apt.conf.d/99theirs"
    }


def test_each_file_of_others_that_speaks_of_a_proxy_is_named(broken, chosen, box) -> None:
    said = {**answers(chosen, apt=sha256sum("")), "grep -liE": "/a\n/b/gpustrap\n/c\n"}
    assert broken("network", chosen, said, box) == {APT: "apt does not use the proxy of hosts.yml: /a, /c"}


@pytest.mark.parametrize("found", ["", "/etc/apt/apt.conf.d/95gpustrap-proxy\n"])
def test_where_no_file_of_others_speaks_of_a_proxy_that_is_said(broken, chosen, box, found: str) -> None:
    said = {**answers(chosen, apt=sha256sum("")), "grep -liE": found}
    assert broken("network", chosen, said, box) == {
        APT: "apt does not use the proxy of hosts.yml: no file of apt's names it"
    }


def test_a_git_that_nobody_told_is_named_alone(broken, chosen, box) -> None:
    said = {**answers(chosen, git=sha256sum("")), "git config --includes": ""}
    assert broken("network", chosen, said, box) == {
        GIT: "git for https://huggingface.co/ does not use the proxy of hosts.yml"
    }


def test_several_rules_of_git_are_told_each_with_its_file(broken, chosen, box) -> None:
    rules = "file:/root/.gitconfig\thttp.proxy\nfile:/etc/gitconfig\thttp.https://a.lan.proxy\n"
    said = {**answers(chosen, git=sha256sum("")), "git config --includes": rules}
    assert broken("network", chosen, said, box)[GIT].endswith(
        ": /root/.gitconfig http.proxy, /etc/gitconfig http.https://a.lan.proxy"
    )


@pytest.mark.parametrize(
    ("said", "reason"),
    [("E: Syntax /x:1\nmore\n", "E: Syntax /x:1"), ("\n E: Syntax\n", "E: Syntax"), ("", "it says no reason")],
)
def test_an_apt_that_cannot_read_its_configuration_says_why(broken, chosen, box, said: str, reason: str) -> None:
    found = broken("network", chosen, {**answers(chosen), "apt-config dump": (100, said)}, box)
    assert found == {APT: f"apt cannot read its own configuration: {reason}"}


def test_of_the_socks_schemes_apt_is_asked_for_the_one_it_knows(proved, settings, box, context) -> None:
    chosen = choose(settings("network", proxy="socks5://10.0.0.1:1080"), box, context)
    socks = sha256sum("socks5://10.0.0.1:1080")
    said = answers(chosen, apt=sha256sum("socks5h://10.0.0.1:1080"), git=socks)
    assert proved("network", chosen, said, box).broken == []


def test_apt_is_asked_for_what_it_was_told_in_the_proxys_place(broken, chosen, box) -> None:
    past = replace(chosen, apt=SecretStr("DIRECT"))
    assert broken("network", past, answers(chosen, apt=sha256sum("DIRECT")), box) == {}
    assert broken("network", past, answers(chosen), box).keys() == {APT}


def test_clients_that_are_not_there_promise_nothing(proved, chosen, box) -> None:
    whole = proved("network", chosen, answers(chosen), box).passed
    assert proved("network", chosen, answers(chosen), replace(box, tools={})).passed == whole - 3


def test_the_files_that_hold_the_proxy_are_all_asked_for_and_no_other(proved, chosen, box) -> None:
    asked: list[str] = []
    proved("network", chosen, {"stat": lambda command: asked.append(command) or "", **answers(chosen)}, box)
    assert asked == [
        "stat -Lc '%a %n' /etc/profile.d/gpustrap-network.sh /etc/apt/apt.conf.d/95gpustrap-proxy "
        "/etc/conda/condarc.d/gpustrap-network.yml /root/.config/gpustrap/git-network"
    ]


def test_a_file_that_is_not_there_breaks_the_promise(broken, chosen, box) -> None:
    def modes(command: str) -> str:
        return "".join(f"600 {file}\n" for file in command.split()[4:] if "apt" not in file)

    said = broken("network", chosen, answers(chosen, modes=modes), box)
    assert said == {FILES: "/etc/apt/apt.conf.d/95gpustrap-proxy is not there: `gpustrap up` writes it"}


@pytest.mark.parametrize(
    ("client", "key", "names", "holds"),
    [
        ("curl", "proxy", PROXY, True),
        ("curl", "proxy", f"{PROXY}/", True),
        ("curl", "proxy", "http://me:canary@other:1", False),
        ("curl", "socks5", "socks5://other:1", False),
        ("curl", "noproxy", "*", False),
        ("wget", "https_proxy", PROXY, True),
        ("wget", "use_proxy", "off", False),
        ("uv", "http-proxy", "http://me:canary@other:1", False),
    ],
)
def test_a_clients_own_file_that_names_another_proxy_breaks_the_promise(
    broken, chosen, box, client: str, key: str, names: str, holds: bool
) -> None:
    """As the plan says of it, by what the survey has read."""
    told = {(key, "/root/x"): hashlib.sha256(names.encode()).hexdigest()}
    box = replace(box, configuration=Configuration(own_proxies=told), tools={**box.tools, "curl": "/x", "wget": "/x"})
    found = broken("network", chosen, answers(chosen), box)
    said = f"{client} does not use the proxy of hosts.yml: {key} in /root/x counts before ours: take it away there"
    assert found == ({} if holds else {"curl and wget and uv are told of no other proxy": said})


@pytest.mark.parametrize(("client", "there"), [("curl", False), ("wget", False), ("uv", True)])
def test_a_file_of_a_client_that_is_not_here_breaks_nothing(broken, chosen, box, client: str, there: bool) -> None:
    told = {(key, "/root/x"): "0" for key in ("proxy", "use_proxy", "http-proxy")}
    told = {place: digest for place, digest in told.items() if place[0] in OWN[client]}
    box = replace(box, configuration=Configuration(own_proxies=told))
    assert bool(broken("network", chosen, answers(chosen), box)) is there


@pytest.mark.parametrize(("status", "unread"), [(128, True), (1, True), (0, False)])
def test_a_git_that_reads_no_setting_says_why(broken, chosen, box, status: int, unread: bool) -> None:
    line = "fatal: bad config line 3 in file /root/.gitconfig"
    said = broken("network", chosen, answers(chosen, git=sha256sum(""), git_reads=(status, f"noise\n{line}\n")), box)
    assert (said == {GIT: f"git cannot read its own configuration: {line}"}) is unread
    assert ("does not use the proxy" in said[GIT]) is not unread
    silent = broken("network", chosen, answers(chosen, git=sha256sum(""), git_reads=(status, "noise\n")), box)
    assert "does not use the proxy" in silent[GIT]


def test_the_questions_are_those_that_the_clients_answer(proved, chosen, box) -> None:
    asked: list[str] = []
    proved("network", chosen, {"": lambda command: asked.append(command) or ""}, box)
    for question in (
        "apt-config dump",
        "git config --list --name-only >/dev/null",
        "apt-config dump --format '%v%n' Acquire::http::Proxy | head -n 1 | tr -d '\\n' | sha256sum",
        "grep -liE 'proxy' /etc/apt/apt.conf /etc/apt/apt.conf.d/* 2>/dev/null",
        "git config --get-urlmatch http.proxy https://github.com/ | tr -d '\\n' | sha256sum",
        "git config --includes --show-origin --name-only --get-regexp '^http\\.(.*\\.)?proxy$' | grep -v gpustrap/",
    ):
        assert question in asked


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_apt_that_asks_a_program_for_its_proxy_is_told(broken, chosen, box, scheme: str) -> None:
    said = answers(chosen)
    dump = f'APT "";\nAcquire::{scheme}::Proxy-Auto-Detect "/usr/bin/find-proxy";\n'
    said["apt-config dump"] = lambda command: dump if command.endswith("dump") else sha256sum(PROXY)
    assert broken("network", chosen, said, box) == {
        APT: f"apt does not use the proxy of hosts.yml: Acquire::{scheme}::Proxy-Auto-Detect runs a program that finds another"
    }


@pytest.mark.parametrize(
    ("variables", "who"),
    [
        ((), "a variable of git"),
        ((SetVariable("GIT_CONFIG_COUNT", "/root/.bashrc", 3),), "GIT_CONFIG_COUNT in /root/.bashrc:3"),
    ],
)
def test_a_rule_that_a_variable_gives_git_is_told_with_who_sets_it(broken, chosen, box, variables, who) -> None:
    box = replace(box, configuration=Configuration(variables=variables))
    said = {**answers(chosen, git=sha256sum("")), "git config --includes": "command line:\thttp.proxy\n"}
    assert broken("network", chosen, said, box)[GIT].endswith(
        f": http.proxy by {who}, which counts before every file: take it away there"
    )


def test_who_gives_git_a_variable_is_asked_of_the_shell_first(broken, chosen, box) -> None:
    box = replace(box, configuration=Configuration(variables=(SetVariable("GIT_CONFIG_COUNT", "/old", 3),)))
    trace = "gpustrap-trace set GIT_CONFIG_PARAMETERS /root/.bashrc:7\n"
    said = {**answers(chosen, git=sha256sum("")), "git config --includes": "command line:\thttp.proxy\n",
            "gpustrap-trace": trace}  # fmt: skip
    assert (
        ": http.proxy by GIT_CONFIG_PARAMETERS in /root/.bashrc:7, which" in broken("network", chosen, said, box)[GIT]
    )


@pytest.mark.parametrize(
    "rule",
    [
        GitRule("command line:", "http.https://github.com/.proxy", ""),
        GitRule("/root/.gitconfig", "http.https://github.com/.sslverify", ""),
        GitRule("/root/.gitconfig", "http.https://github.com/.proxy", "set"),
        GitRule("/root/.gitconfig", "http.proxy", ""),
    ],
)
def test_no_other_rule_keeps_git_from_the_proxy(broken, chosen, box, rule: GitRule) -> None:
    box = replace(box, configuration=Configuration(git_rules=(rule,)))
    assert broken("network", chosen, answers(chosen, git=sha256sum("")), box).keys() == {GIT}


def test_a_url_to_which_others_go_without_a_proxy_is_theirs(broken, chosen, box) -> None:
    rule = GitRule("/root/.gitconfig", "http.https://github.com/.proxy", "")
    theirs = {
        "--get-urlmatch http.proxy https://github.com/": lambda _command: f"{hashlib.sha256(b'').hexdigest()}  -\n"
    }
    box = replace(box, configuration=Configuration(git_rules=(rule,)))
    assert broken("network", chosen, {**theirs, **answers(chosen)}, box) == {}

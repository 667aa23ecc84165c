"""What others on a box have set, as the survey's script tells it."""

from __future__ import annotations

import pytest

from gpustrap.engine.facts.configuration import read_configuration
from gpustrap.resolve.box.configuration import Configuration, GitRule, SetKey, SetVariable


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("PATH 3 /root/.bashrc", (SetVariable("PATH", "/root/.bashrc", 3),)),
        ("PATH x /root/my files/.bashrc", (SetVariable("PATH", "/root/my files/.bashrc", 0),)),
        ("PATH 3", ()),
    ],
)
def test_a_variable_is_told_with_its_place_set_or_readonly(line: str, found: tuple[SetVariable, ...]) -> None:
    read = read_configuration({"set": [line], "fixed": [line]})
    assert (read.variables, read.fixed) == (found, found)


def test_all_that_others_set_is_told_by_who_set_it() -> None:
    said = {
        "set": ["A 3 /a", "A 3 /a", "B 4 /b"],
        "key": ["pip index-url /etc/pip.conf", "pip index-url /etc/pip.conf", "npm registry /my rc"],
        "fixed": ["C 5 /c"],
        "option": ["e 6 /root/.bashrc"],
        "renamed": ["pip 7 /root/.bashrc"],
        "apt_host": ["a.lan", "a.lan", "b.lan"],
        "git_rule": ["file:/etc/gitconfig http.proxy http://p:1", "ours", "file:/root/.gitconfig url.x.insteadof y z"],
        "git_there": ["gitdir:/w/ /root/my w.inc", "short"],
        "apt_moved": ["/etc/apt/a"],
        "apt_proxy": ["/etc/apt/b"],
        "hf_token": ["/root/token"],
        "trusted_host": ["a.lan b.lan", "b.lan"],
        "git_global": ["/root/git", "/other"],
        "rc_file": [".bashrc", ".zshrc"],
        "conda_forge": ["yes"],
        "ours": ["A"],
        "own_proxy": ["00ff proxy /root/.curlrc", "short"],
        "project_file": ["uv.toml"],
    }
    assert read_configuration(said) == Configuration(
        variables=(SetVariable("A", "/a", 3), SetVariable("B", "/b", 4)),
        keys=(SetKey("pip", "index-url", "/etc/pip.conf"), SetKey("npm", "registry", "/my rc")),
        fixed=(SetVariable("C", "/c", 5),),
        options=(SetVariable("e", "/root/.bashrc", 6),),
        renamed=(SetVariable("pip", "/root/.bashrc", 7),),
        apt_hosts=("a.lan", "b.lan"),
        git_rules=(
            GitRule("/etc/gitconfig", "http.proxy", "http://p:1", False),
            GitRule("/root/.gitconfig", "url.x.insteadof", "y z", True),
        ),
        git_global="/root/git",
        git_there=(("gitdir:/w/", "/root/my w.inc"),),
        apt_moved=("/etc/apt/a",),
        apt_proxies=("/etc/apt/b",),
        hf_tokens=("/root/token",),
        trusted_hosts=("a.lan", "b.lan"),
        rc_files=(".bashrc", ".zshrc"),
        conda_forge=True,
        ours=frozenset({"A"}),
        own_proxies={("proxy", "/root/.curlrc"): "00ff"},
        project_files=frozenset({"uv.toml"}),
    )
    assert read_configuration({"git_global": []}) == read_configuration({}) == Configuration()

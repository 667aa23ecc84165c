"""What the role `network` promises: every client says that it uses the proxy, in every kind of shell."""

import re
import shlex
from typing import NoReturn

import pytest
from pydantic import SecretStr

from gpustrap.engine.shell_trace import traced
from gpustrap.engine.shells import KINDS, assert_variables, digest, kinds_on, masked
from gpustrap.language import tr
from gpustrap.resolve.box.configuration import GIT_VARIABLES, some_of, who_sets
from roles.network.own_files import OWN, is_other, own_keys
from roles.network.resolve import past_rules


@pytest.fixture(scope="module")
def proxy(chosen):
    if chosen.proxy is None:
        pytest.skip("no proxy")
    return chosen.proxy


def fail(client: str, who: str) -> NoReturn:
    pytest.fail(
        tr("{client} does not use the proxy of hosts.yml", client=client) + (f": {who}" if who else ""), pytrace=False
    )


@pytest.mark.parametrize("kind", KINDS)
def test_shells_have_the_proxy(host, chosen, survey, proxy, kind):
    if kind not in kinds_on(survey):
        pytest.skip("no such shell here")
    assert_variables(host, survey, kind, chosen.variables)


def test_apt_uses_the_proxy(host, chosen, survey, proxy):
    if "apt-get" not in survey.tools:
        pytest.skip("no apt here")
    dump = host.run("apt-config dump")
    if dump.rc != 0:
        (said, *_) = dump.stderr.strip().splitlines() or [tr("it says no reason")]
        pytest.fail(tr("apt cannot read its own configuration: {said}", said=said), pytrace=False)
    for scheme in ("http", "https"):
        found = [
            line
            for line in dump.stdout.splitlines()
            if re.match(rf"(?i)Acquire::{scheme}::Proxy-?Auto-?Detect \"[^\"]", line)
        ]
        if found:
            fail("apt", tr("{found} runs a program that finds another", found=found[0].split()[0]))
        asked = f"apt-config dump --format '%v%n' Acquire::{scheme}::Proxy | head -n 1 | tr -d '\\n' | sha256sum"
        if host.check_output(asked).split()[:1] != [digest(apt_word(chosen.apt))]:
            files = host.run("grep -liE 'proxy' /etc/apt/apt.conf /etc/apt/apt.conf.d/* 2>/dev/null").stdout.split()
            fail("apt", ", ".join(file for file in files if "gpustrap" not in file) or tr("no file of apt's names it"))


def apt_word(proxy: SecretStr) -> str:
    """Of the SOCKS schemes apt knows only socks5h."""
    return proxy.get_secret_value().replace("socks5://", "socks5h://")


@pytest.mark.parametrize("url", ["https://github.com/", "https://huggingface.co/"])
def test_git_uses_the_proxy(host, survey, proxy, url):
    past = {(rule.url or "").rstrip("/") for rule in past_rules(survey.configuration)}
    if "git" not in survey.tools or url.rstrip("/") in past:
        pytest.skip("no git here, or a rule of others that says no proxy there")
    if host.check_output(f"git config --get-urlmatch http.proxy {url} | tr -d '\\n' | sha256sum").split()[:1] != [
        digest(proxy)
    ]:
        assert_git_reads(host)
        look = (
            "git config --includes --show-origin --name-only --get-regexp '^http\\.(.*\\.)?proxy$' | grep -v gpustrap/"
        )
        fail(
            tr("git for {url}", url=url),
            ", ".join(git_rule(host, survey, line) for line in host.run(look).stdout.split("\n") if line),
        )


def assert_git_reads(host) -> None:
    """Raise where git reads no setting at all, as behind a line that it does not understand."""
    answer = host.run("git config --list --name-only >/dev/null")
    lines = re.findall(r"^(?:fatal|error): .*", answer.stderr, re.MULTILINE)
    if answer.rc != 0 and lines:
        pytest.fail(tr("git cannot read its own configuration: {said}", said=masked(lines[0])), pytrace=False)


def git_rule(host, survey, line: str) -> str:
    """`FILE RULE`; git calls what it reads in variables a command line."""
    origin, _, rule = line.partition("\t")
    if origin != "command line:":
        return f"{origin.removeprefix('file:')} {rule}"
    told = traced(host, survey, "an ssh command", GIT_VARIABLES).sets
    who = [f"{name} in {place}" for name, place in told.items()] or who_sets(GIT_VARIABLES, survey.configuration)
    return tr(
        "{rule} by {who}, which counts before every file: take it away there",
        rule=rule,
        who=some_of(who) or "a variable of git",
    )


@pytest.mark.parametrize("client", list(OWN))
def test_curl_and_wget_and_uv_are_told_of_no_other_proxy(survey, proxy, client):
    """Whatever their own files name counts before the variables, for `ssh HOST COMMAND` and for a person."""
    keys = own_keys(client, survey.configuration)
    if not keys or (client not in survey.tools and client != "uv"):  # uv may have come since
        pytest.skip("no file of its own names one, or it is not here")
    for key in keys:
        if is_other(proxy, key, survey.configuration):
            fail(client, tr("{key} in {file} counts before ours: take it away there", key=key.key, file=key.file))


def test_files_with_the_proxy_are_readable_by_root_only(host, chosen, proxy):
    files = [
        "/etc/profile.d/gpustrap-network.sh",
        *(file.dest for file in chosen.files if file.src and not file.block),
    ]
    answer = host.run(f"stat -Lc '%a %n' {shlex.join(files)}").stdout.splitlines()
    modes = {file: mode for mode, _, file in (line.partition(" ") for line in answer)}
    if gone := [file for file in files if file not in modes]:
        pytest.fail(tr("{gone} is not there: `gpustrap up` writes it", gone=", ".join(gone)), pytrace=False)
    open_ones = [file for file, mode in modes.items() if mode != "600"]
    if open_ones:
        pytest.fail(
            tr("others may read {open_ones}, which holds the proxy", open_ones=", ".join(open_ones)), pytrace=False
        )

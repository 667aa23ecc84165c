"""One box on which others set things, case by case: said before, overruled or named by its file, and given back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gpustrap.lab.images import ensure_image

PROXY = "http://me:canary%40pw@127.0.0.1:8898"
MIRROR = "http://127.0.0.1:8899"
SETTINGS: dict[str, Any] = {
    "roles": ["network", "mirrors", "python"],
    "network": {"proxy": {"env": "TEST_PROXY"}},
    "mirrors": {"apt": "upstream", "pypi": f"{MIRROR}/simple", "npm": f"{MIRROR}/npm", "hf": f"{MIRROR}/hf",
                "conda": "upstream", "python_build": "upstream", "git": f"{MIRROR}/gh/"},
    "python": {"source": "laptop"},
}  # fmt: skip
UPSTREAM = {**SETTINGS, "network": {}, "mirrors": dict.fromkeys(SETTINGS["mirrors"], "upstream")}
KEEP = "tar -C / -cf /tmp/kept.tar root etc/profile.d etc/gitconfig etc/environment 2>/dev/null; true"
BACK = (
    "cd / && rm -rf root/.[!.]* etc/profile.d/* etc/gitconfig opt/site /var/lib/gpustrap && tar -C / -xf /tmp/kept.tar"
)
SUMS = "sha256sum /root/.bashrc /root/.profile /etc/environment /root/.gitconfig /opt/site/* 2>/dev/null || true"

# What others do → what the plan says of it, and what the second run fails with (None: it is overruled).
CASES = {
    "PATH at the top of .bashrc": (
        "sed -i '1i PATH=/usr/bin:/bin' /root/.bashrc",
        "/usr/local/bin is added to PATH in every shell, because of PATH in /root/.bashrc:1", None),
    "a file that .bashrc reads": (
        "mkdir /opt/site; echo 'export PIP_INDEX_URL=http://theirs UV_INDEX_URL=http://theirs' >/opt/site/env; echo '. /opt/site/env' >>/root/.bashrc",
        "PIP_INDEX_URL is set in every shell, because of PIP_INDEX_URL in /opt/site/env:1", None),
    "a file of git's that another includes": (
        "mkdir /opt/site; printf '[url \"http://theirs/\"]\\ninsteadOf=https://github.com/\\n[http \"https://github.com\"]\\nproxy=http://theirs\\n' "
        ">/opt/site/git; printf '[include]\\npath=/opt/site/git\\n' >/etc/gitconfig",
        "git's proxy for https://github.com in /opt/site/git is overruled", None),
    "rules of git's in variables": (
        "echo 'export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.proxy GIT_CONFIG_VALUE_0=http://theirs' >>/root/.bashrc",
        "git hears http.proxy by GIT_CONFIG_COUNT in /root/.bashrc:", "http.proxy by GIT_CONFIG_COUNT in /root/.bashrc:"),
    "set -u before Debian's own .profile": (
        "echo 'set -u' >/etc/profile.d/aa.sh", "", "a login sh ends at /root/.profile:"),
    "a readonly variable": (
        "echo 'export http_proxy=http://theirs; readonly http_proxy' >/etc/profile.d/aa.sh",
        "http_proxy is readonly in /etc/profile.d/aa.sh:1", "/etc/profile.d/aa.sh:1 makes it readonly"),
    "files that only a terminal reads": (
        "mkdir /opt/site; echo 'export PIP_INDEX_URL=http://theirs' >/opt/site/a.sh; "
        "printf '[ -z \"$PS1\" ] && return\\nfor f in /opt/site/*; do . $f; done\\n' >>/root/.bashrc",
        "", "PIP_INDEX_URL is set in an interactive bash; /opt/site/a.sh:1 sets it after gpustrap: take it away there"),
}  # fmt: skip


@pytest.fixture(scope="session")
def release(engine: Any) -> str:
    """One release: who else sets what does not depend on it."""
    ensure_image(engine, "debian-12")
    return "debian-12"


@pytest.fixture
def others(shared_box, ssh) -> Iterator[None]:
    ssh(shared_box, f"[ -e /tmp/kept.tar ] || {{ {KEEP}; }}")
    yield
    ssh(shared_box, BACK)


@pytest.mark.parametrize("case", CASES)
def test_what_others_set_is_said_met_and_given_back(project, shared_box, ssh, others, monkeypatch, case) -> None:
    monkeypatch.setenv("TEST_PROXY", PROXY)
    make, planned, failed = CASES[case]
    ssh(shared_box, make)
    before = ssh(shared_box, SUMS)
    project.write({shared_box.name: {"lab": shared_box.release, **SETTINGS}})

    first = project.run("up", "-y", "--json")

    report = first.report(shared_box.name)
    assert planned in "\n".join(reason for reasons in report["reasons"].values() for reason in reasons)
    assert (first.code, failed or "") == (1 if failed else 0, failed or ""), report["failed"]
    if failed:
        assert failed in report["failed"]["error"]
    else:
        assert project.up().changed(shared_box.name) == []
    assert "canary" not in first.stdout + first.stderr
    project.write({shared_box.name: {"lab": shared_box.release, **UPSTREAM, "roles": ["network", "mirrors"]}})
    project.run("up", "-y", "--json")
    if "PATH" not in case:  # uv's folder stays in PATH for as long as somebody takes it out
        assert ssh(shared_box, SUMS) == before


def test_a_rule_of_git_that_comes_later_is_planned_overruled_and_left(
    project, shared_box, ssh, others, monkeypatch
) -> None:
    monkeypatch.setenv("TEST_PROXY", PROXY)
    project.write({shared_box.name: {"lab": shared_box.release, **SETTINGS}})
    project.up()
    ssh(
        shared_box,
        "git config --global http.https://github.com.proxy http://theirs:canary@x; git config --global http.proxy http://t",
    )

    planned = project.run("plan", "--json").report(shared_box.name)

    reasons = planned["reasons"]["network"]
    assert "git's proxy for https://github.com in /root/.gitconfig is overruled" in reasons
    assert "git's proxy in /root/.gitconfig is overruled" in reasons
    assert [change["operation"] for change in planned["changed"]] == ["proxy of apt, git and conda"]
    project.up()
    assert project.up().changed(shared_box.name) == []
    assert ssh(shared_box, "git config --get-urlmatch http.proxy https://github.com/a") == PROXY

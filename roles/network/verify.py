"""What the role `network` promises: every client knows the proxy, and what must not go through it."""

import pytest


@pytest.fixture(scope="module")
def proxy(chosen):
    if chosen.proxy is None:
        pytest.skip("no proxy")
    return chosen.proxy.get_secret_value()


@pytest.mark.parametrize("shell", ["sh -c", "env -i HOME=$HOME bash -lc"], ids=["ssh command", "login shell"])
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_shells_have_the_proxy(host, chosen, proxy, shell, case):
    seen = host.check_output(f"{shell} 'printenv {case('http_proxy')} {case('https_proxy')} {case('no_proxy')}'")
    assert seen.splitlines() == [proxy, proxy, ",".join(chosen.no_proxy)], "the variables differ"


def test_apt_uses_the_proxy(host, proxy):
    if not host.exists("apt-config"):
        pytest.skip("no apt here")
    assert host.check_output("apt-config dump --format '%v%n' Acquire::http::Proxy").splitlines()[0] == proxy


def test_git_uses_the_proxy(host, proxy):
    if not host.exists("git"):
        pytest.skip("no git here")
    assert host.check_output("git config --includes --get http.proxy") == proxy


def test_files_with_the_proxy_are_readable_by_root_only(host, chosen, proxy):
    files = ("/etc/profile.d/gpustrap-network.sh", "/etc/apt/apt.conf.d/95gpustrap-proxy",
             "/etc/conda/condarc.d/gpustrap-network.yml", f"{chosen.survey.home}/.config/gpustrap/git-network")  # fmt: skip
    modes = host.check_output("stat -c %a " + " ".join(files)).split()
    assert modes == ["600"] * len(files)

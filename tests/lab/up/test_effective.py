"""Where the clients really go, on a box on which others have set everything too: a logger on the box sees it."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from gpustrap.lab.images import ensure_image

PROXY = "http://me:canary%40pw@127.0.0.1:8898"
MIRROR = "http://127.0.0.1:8899"
SETTINGS: dict[str, Any] = {
    "roles": ["network", "mirrors", "python"],
    "network": {"proxy": {"env": "TEST_PROXY"}},
    "mirrors": {
        "apt": f"{MIRROR}/debian",
        "pypi": f"{MIRROR}/simple",
        "conda": f"{MIRROR}/anaconda",
        "npm": f"{MIRROR}/npm",
        "hf": f"{MIRROR}/hf",
        "python_build": f"{MIRROR}/python",
        "git": f"{MIRROR}/gh/",
    },
    "python": {"source": "laptop"},
}

# Writes each request to a file: as a mirror on one port, as a proxy on the other.
LOGGER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Log(BaseHTTPRequestHandler):
    def do_GET(self):
        with open("/tmp/asked", "a") as file:
            print(self.server.server_port, self.command, self.path, file=file)
        self.send_error(404)
    do_CONNECT = do_HEAD = do_POST = do_GET
    def log_message(self, *words): pass
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Log).serve_forever()
"""

KEY = "/usr/share/keyrings/debian-archive-keyring.gpg"
# What others have set. Where a file is there already, it is put before and behind what it holds.
EXPORTS = """\
export PIP_INDEX_URL=http://theirs.invalid/simple UV_INDEX_URL=http://theirs.invalid/simple
export NPM_CONFIG_REGISTRY=http://theirs.invalid/npm HF_ENDPOINT=http://theirs.invalid XDG_CONFIG_HOME=/root/elsewhere
export http_proxy=http://theirs.invalid:1 HTTPS_PROXY=http://theirs.invalid:1 all_proxy=http://theirs.invalid:1
"""
FILES = {
    "/etc/profile.d/zz-theirs.sh": EXPORTS,
    "/etc/gitconfig": '[url "http://theirs.invalid/"]\n\tinsteadOf = https://github.com/\n'
    '[http "https://huggingface.co"]\n\tproxy = http://theirs.invalid:1\n[http]\n\tproxy = http://theirs.invalid:1\n',
    "/root/.gitconfig": '[user]\n\tname = me\n[url "http://theirs.invalid/"]\n\tinsteadOf = https://github.com/\n',
    "/etc/apt/apt.conf.d/proxy.conf": 'Acquire { http { Proxy "http://theirs.invalid:1"; } }\n',
    "/etc/apt/apt.conf": 'Acquire::http::Proxy "http://theirs.invalid:1";\n',
    "/etc/pip.conf": "[install]\nindex-url = http://theirs.invalid/simple\n",
    "/root/.config/pip/pip.conf": "# mine\n[global]\nextra-index-url = https://me:tok@private.invalid/simple\n"
    "no-cache-dir = false\nindex-url = http://theirs.invalid/simple\ntrusted-host = private.invalid\n",
    "/root/.config/uv/uv.toml": '# mine\nnative-tls = true\n\n[[index]]\nurl = "http://theirs.invalid/simple"\ndefault = true\n\n'
    '[[index]]\nname = "private"\nurl = "https://private.invalid/simple"\nexplicit = true\n',
    "/root/.condarc": "# mine\nenvs_dirs:\n  - /data/envs\nchannels:\n  - conda-forge\n",
    "/root/.npmrc": "//private.invalid/:_authToken=tok\nregistry=http://theirs.invalid/npm\n",
    "/etc/apt/sources.list.d/debian.sources": "# mine\nTypes: deb\nURIs: http://theirs.invalid/debian\n"
    f"Suites: bookworm bookworm-backports\nComponents: main contrib non-free\nSigned-By: {KEY}\n\n"
    f"Types: deb\nURIs: http://theirs.invalid/debian-security\nSuites: bookworm-security\nComponents: main\nSigned-By: {KEY}\n",
    "/etc/apt/sources.list.d/vendor.list": "deb [trusted=yes] http://vendor.invalid/linux/debian bookworm stable\n",
}


@pytest.fixture(scope="session")
def release(engine: Any) -> str:
    """One release: what is asked of clients here depends on them, and not on the system."""
    ensure_image(engine, "debian-12")
    return "debian-12"


@pytest.fixture
def with_pip(box, ssh) -> None:
    ssh(
        box,
        "apt-get -q update >/dev/null 2>&1; apt-get -q install -y --no-install-recommends python3-pip >/dev/null 2>&1",
    )


@pytest.fixture
def hostile(box, ssh, with_pip) -> str:
    """The box with all that; answers with the digests of what stood there."""
    for path, text in FILES.items():
        ssh(box, f"mkdir -p {path.rpartition('/')[0]} && cat >{path} <<'E'\n{text}E")
    ssh(
        box,
        f"for f in .bashrc .profile; do {{ cat <<'E'\n{EXPORTS}E\ncat ~/$f; cat <<'E'\n{EXPORTS}E\n}} >/tmp/n; mv /tmp/n ~/$f; done",
    )
    ssh(
        box,
        "printf 'PIP_INDEX_URL=http://theirs.invalid/simple\\nall_proxy=http://theirs.invalid:1\\n' >>/etc/environment; useradd -m bob",
    )
    ssh(
        box,
        f"cat >/tmp/logger.py <<'E'\n{LOGGER}E\nfor p in 8898 8899; do setsid python3 /tmp/logger.py $p >/dev/null 2>&1 </dev/null & done",
    )
    return str(ssh(box, f"sha256sum {' '.join(FILES)} /root/.bashrc /root/.profile /etc/environment"))


@pytest.fixture
def asked(box, ssh):
    """`asked(command)` runs it and answers what the logger saw meanwhile: PORT METHOD PATH."""

    def run(command: str) -> list[str]:
        return str(ssh(box, f": >/tmp/asked; ({command}) >/dev/null 2>&1 </dev/null; cat /tmp/asked")).splitlines()

    return run


SHELLS = {"ssh": "{}", "login": "env -i HOME=/root PATH=$PATH bash -lc '{}'", "interactive": "env -i HOME=/root PATH=$PATH bash -ic '{}'",
          "sh": "env -i HOME=/root PATH=$PATH sh -lc '{}'"}  # fmt: skip


def test_whatever_others_set_each_client_asks_ours(project, box, ssh, hostile, asked, monkeypatch):
    monkeypatch.setenv("TEST_PROXY", PROXY)
    project.write({box.name: {"lab": box.release, **SETTINGS}})

    first = project.up()

    assert project.up().changed(box.name) == []
    reasons = str(first.report(box.name)["reasons"])
    for name in (
        "/root/.bashrc",
        "/etc/gitconfig",
        "/etc/apt/apt.conf.d/proxy.conf",
        "/etc/apt/sources.list.d/vendor.list",
    ):
        assert name in reasons
    for shell in SHELLS.values():
        assert "8899 GET /simple/six/" in asked(shell.format("pip download --no-deps -d /tmp/x six")), shell
        assert "8899 GET /simple/six/" in asked(shell.format("echo six | uv pip compile --no-cache -")), shell
        assert "8899 GET /gh/a/b/info/refs?service=git-upload-pack" in asked(
            shell.format("git ls-remote https://github.com/a/b")
        )
        assert "8898 CONNECT huggingface.co:443" in asked(shell.format("git ls-remote https://huggingface.co/a/b")), (
            shell
        )
        assert "8898 CONNECT example.org:443" in asked(shell.format("curl -s https://example.org")), shell
        assert (
            ssh(box, shell.format("echo $NPM_CONFIG_REGISTRY $HF_ENDPOINT $HF_HUB_DISABLE_IMPLICIT_TOKEN"))
            == f"{MIRROR}/npm {MIRROR}/hf 1"
        )
    update = asked("apt-get update")
    for suite in ("bookworm", "bookworm-backports"):
        assert f"8899 GET /debian/dists/{suite}/InRelease" in update
    assert "8899 GET /debian-security/dists/bookworm-security/InRelease" in update
    assert "8898 GET http://vendor.invalid/linux/debian/dists/bookworm/InRelease" in update
    assert not [line for line in update if "theirs" in line]
    for user in ("su - bob -c", "env -i su bob -c"):
        assert ssh(box, f"{user} 'printenv HF_ENDPOINT PIP_INDEX_URL'") == f"{MIRROR}/hf\n{MIRROR}/simple"
    assert ssh(box, "su - bob -c 'env | grep -c canary || true'") == "0"


def test_what_others_set_beside_ours_is_kept_and_comes_back_byte_for_byte(project, box, ssh, hostile, monkeypatch):
    monkeypatch.setenv("TEST_PROXY", PROXY)
    project.write({box.name: {"lab": box.release, **SETTINGS}})
    project.up()

    for path, line in {
        "/root/.config/pip/pip.conf": "extra-index-url = https://me:tok@private.invalid/simple\nno-cache-dir = false",
        "/root/.config/uv/uv.toml": 'name = "private"',
        "/root/.condarc": "envs_dirs:\n  - /data/envs\nchannels:\n  - conda-forge",
        "/root/.npmrc": "//private.invalid/:_authToken=tok",
        "/etc/apt/sources.list.d/debian.sources": "Components: main contrib non-free\n",
    }.items():
        assert line in ssh(box, f"cat {path}") + "\n", path
    assert "defaults" not in ssh(box, "grep -v default_channels /root/.condarc")

    project.write(
        {
            box.name: {
                "lab": box.release,
                "roles": ["network", "mirrors"],
                "mirrors": {kind: "upstream" for kind in ("apt", "pypi", "conda", "npm", "hf", "python_build", "git")},
            }
        }
    )
    project.up()

    assert ssh(box, f"sha256sum {' '.join(FILES)} /root/.bashrc /root/.profile /etc/environment") == hostile
    assert ssh(box, "ls /etc/profile.d/*gpustrap* /etc/sudoers.d/gpustrap* 2>/dev/null | wc -l") == "0"
    for shell in SHELLS.values():
        assert ssh(box, shell.format("env | grep -ci 8898 || true")).splitlines()[-1:] == ["0"]


BROKEN = {
    "git": ("printf '[http]\\n\\tproxy = http://they:canary-two@theirs.invalid\\n' >>/root/.gitconfig",
            "git for https://github.com/ does not use the proxy of hosts.yml"),
    "apt": ("echo 'Acquire::http::Proxy \"http://they:canary-two@theirs.invalid\";' >/etc/apt/apt.conf.d/zzzzz-theirs",
            "apt does not use the proxy of hosts.yml: /etc/apt/apt.conf.d/zzzzz-theirs"),
    "sources": ("mkdir -p /opt/apt/none; echo 'Dir::Etc::sourceparts \"/opt/apt/none\";' >/etc/apt/apt.conf.d/zz-moved",
                "it reads its sources by `Dir::Etc::sourceparts \"/opt/apt/none\";`, in /etc/apt/apt.conf.d/zz-moved"),
    "shell": ("echo 'export https_proxy=http://they:canary-two@theirs.invalid; echo $https_proxy' >/etc/profile.d/gpustrap-zz.sh",
              "https_proxy has another value in a service"),
    "pip": ("printf '[install]\\nindex-url = http://they:canary-two@theirs.invalid/simple\\n' >>/root/.config/pip/pip.conf",
            "pip asks http://***@theirs.invalid/simple, not http://127.0.0.1:8899/simple: /root/.config/pip/pip.conf"),
    "uv": ("mkdir -p /etc/uv; echo 'no-index = true' >/etc/uv/uv.toml",
           "uv asks nobody, not http://127.0.0.1:8899/simple: no-index in /etc/uv/uv.toml"),
    "curl": ("echo 'socks5 = they:canary-two@theirs.invalid:1' >/root/.curlrc",
             "curl does not use the proxy of hosts.yml: socks5 in /root/.curlrc counts before ours"),
}  # fmt: skip


def test_a_promise_that_is_broken_names_who_broke_it_and_no_secret(project, box, ssh, with_pip, monkeypatch):
    monkeypatch.setenv("TEST_PROXY", PROXY)
    project.write({box.name: {"lab": box.release, **SETTINGS}})
    project.up()
    for command, _ in BROKEN.values():
        ssh(box, command)

    ran = project.run("verify", "--json")

    assert ran.code == 1
    said = ran.report(box.name)["failed"]["error"]
    for _, sentence in BROKEN.values():
        assert sentence in said, textwrap.indent(said, "  ")
    for secret in ("canary%40pw", "canary@pw", "canary-two"):
        assert secret not in ran.stdout + ran.stderr


def test_variables_that_style_what_programs_print_change_nothing(project, box, ssh):
    """With QUOTING_STYLE a running service was taken for another one, and every port for a stranger's."""
    style = "export QUOTING_STYLE=c TIME_STYLE=+%s COLUMNS=10 BLOCK_SIZE=human-readable TMPDIR=/proc"
    ssh(box, f"sed -i '1i {style}' /root/.bashrc")
    project.write({box.name: {"lab": box.release, "roles": ["services"], "services": {"web": {"preset": "hello"}}}})
    project.up()

    assert project.up().changed(box.name) == []

    verified = project.run("verify", "--json")
    assert verified.code == 0, verified.stdout


def test_start_up_files_that_print_megabytes_are_no_answer(project, box, ssh):
    ssh(box, "sed -i '1i head -c 5000000 /dev/zero | tr \"\\\\0\" x' /root/.bashrc")
    project.write({box.name: {"lab": box.release, "roles": ["mirrors"], "mirrors": {"hf": "http://127.0.0.1:8899/hf"}}})

    assert project.up().changed(box.name)

    assert project.run("verify", "--json").code == 0
    assert len(ssh(box, "true")) == 5_000_000


@pytest.mark.parametrize("line", ["exec 3>&1 1>&2 2>&3", "exec 1>&2"])
def test_outputs_that_a_start_up_file_swaps_are_named(project, box, ssh, line):
    ssh(box, f"sed -i '1i {line}' /root/.bashrc")
    project.write({box.name: {"lab": box.release, "roles": ["mirrors"]}})

    ran = project.run("plan", "--json")

    said = ran.report(box.name)["failed"]["error"]
    assert (ran.code, "has sent stdout where stderr goes" in said) == (1, True), said

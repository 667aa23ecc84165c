"""A box without a way out does what it has to by the laptop's network, and has nothing of it left afterwards."""

from __future__ import annotations

import ensurepip
import os
import re
import secrets
import shutil
import signal
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from time import monotonic, sleep

import pytest

pytestmark = pytest.mark.one_release

HERE = "127.0.0.2"  # of the laptop; the box's own loopback goes past the proxy
BIG = 50_000_000
TASKS = """
    from pyinfra.api import deploy
    from pyinfra.operations import server

    @deploy("fetch")
    def fetch(chosen):
        for command in {commands!r}:
            server.shell(name=command.split()[0], commands=[command])
"""


OTHERS = {
    "settings.py": "from pydantic import BaseModel\n\nclass Settings(BaseModel): pass\n",
    "resolve.py": "def choose(settings, survey, context): return settings\n",
    "verify.py": "def test_it_is_there(host): assert host.file('/').exists\n",
}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def origin(tmp_path):
    """What an apt source, a package index and a git server give; `URL`."""
    root = tmp_path / "origin"
    for folder in ("apt", "deb/DEBIAN", "simple/tiny", "work"):
        (root / folder).mkdir(parents=True)
    (root / "deb/DEBIAN/control").write_text(
        "Package: tiny\nVersion: 1\nArchitecture: all\nMaintainer: lab\nDescription: none\n"
    )
    script = f"""
        dpkg-deb -b deb apt/tiny.deb && cd apt && dpkg-scanpackages . >Packages && cd ..
        cd work && printf 'x=1\\n' >tiny.py && printf '[project]\\nname="tiny"\\nversion="1"\\n' >pyproject.toml
        git init -q && git add . && git -c user.name=l -c user.email=l@l commit -qm x && git update-server-info && cd ..
        mkdir -p wheel/tiny-1.dist-info && cp work/tiny.py wheel && cd wheel/tiny-1.dist-info
        printf 'Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n' >METADATA
        printf 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n' >WHEEL; : >RECORD; cd ..
        python3 -m zipfile -c ../simple/tiny/tiny-1-py3-none-any.whl tiny.py tiny-1.dist-info && cd ..
        printf '<a href="tiny-1-py3-none-any.whl">tiny-1-py3-none-any.whl</a>' >simple/tiny/index.html
        truncate -s {BIG} big
    """
    (pip,) = (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl")
    shutil.copy(pip, root / "pip.whl")
    subprocess.run(["sh", "-ec", script], cwd=root, check=True, capture_output=True, timeout=60)
    with ThreadingHTTPServer((HERE, 0), partial(Quiet, directory=str(root))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HERE}:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def box(make_shared_box):
    return make_shared_box(network=f"gpustrap-t-{secrets.token_hex(4)}")


@pytest.fixture
def lends(project, box):
    """`lends(COMMAND…)`: a project whose one box has no way out, and runs these commands in a role of its own."""

    def of(*commands):
        role = project.folder / "roles" / "fetch"
        role.mkdir(parents=True, exist_ok=True)
        for name, text in OTHERS.items():
            (role / name).write_text(text)
        (role / "tasks.py").write_text(dedent(TASKS).format(commands=commands))
        network = {"proxy": "laptop", "lent_hosts": [HERE]}
        project.write({box.name: {"lab": box.release, "roles": ["network", "fetch"], "network": network}})
        return box

    return of


def test_apt_pip_and_git_go_by_the_laptop_and_nothing_is_left(project, lends, origin, ssh):
    box = lends(
        f"echo 'deb [trusted=yes] {origin}/apt ./' >/etc/apt/sources.list; rm -rf /etc/apt/sources.list.d/*; "
        "apt-get -q update && apt-get -q install -y tiny",
        f"curl -fsS -o /root/pip.whl {origin}/pip.whl && python3 /root/pip.whl/pip install --target /root/v --index-url {origin}/simple tiny",
        f"git clone -q {origin}/work/.git /root/r",
        f"curl -fsS -p {origin}/big | wc -c >/root/size",
        "curl -s -o /dev/null -w '%{http_code} %{http_connect}' http://192.168.0.1/ >/root/forbidden",
        "curl -s -o /dev/null -w '%{http_code}' -x $(echo $http_proxy | sed 's,//.*@,//,') http://x.example/ >/root/stranger",
        "echo $http_proxy $no_proxy >/root/given; cat /proc/net/tcp /proc/net/tcp6 | grep ' 0A ' >/root/listening",
        "ps -eo args >/root/ps",
    )

    ran = project.up()

    given = ssh(box, "cat /root/given")
    token, port = re.match(r"http://gpustrap:(\w+)@127\.0\.0\.1:(\d+) localhost,127\.0\.0\.1,", given).groups()
    assert (
        ssh(
            box,
            "dpkg -s tiny | grep -c '^Status: install ok'; PYTHONPATH=/root/v python3 -c 'import tiny'; cat /root/r/tiny.py",
        )
        == "1\nx=1"
    )
    assert (ssh(box, "cat /root/size"), ssh(box, "cat /root/forbidden")[:3]) == (str(BIG), "403")
    assert ssh(box, "cat /root/stranger") == "407"
    assert f"0100007F:{int(port):04X}" in ssh(box, "cat /root/listening")
    assert f"00000000:{int(port):04X}" not in ssh(box, "cat /root/listening")
    assert token not in ssh(box, "cat /root/ps") + ran.stdout + ran.stderr
    ssh(box, "rm /root/given")
    assert ssh(box, f"grep -rlI {token} /etc /root /var/lib /tmp /run 2>/dev/null || true") == ""
    assert not listens(ssh, box, port)


def test_it_is_gone_when_gpustrap_is_killed(project, lends, ssh):
    box = lends("echo $http_proxy >/root/given; sleep 60")
    with subprocess.Popen(
        project.command("up", "-y", "--take-over"), cwd=project.folder, env=project.environment()
    ) as running:
        given = awaited(lambda: ssh(box, "cat /root/given 2>/dev/null || true"))
        port = given.rpartition(":")[2]
        assert listens(ssh, box, port)
        os.kill(running.pid, signal.SIGKILL)
    assert awaited(lambda: not listens(ssh, box, port))


def listens(ssh, box, port):
    return f":{int(port):04X} " in ssh(box, 'cat /proc/net/tcp /proc/net/tcp6 | awk \'$4 == "0A" { print $2 " " }\'')


def awaited(asks, seconds=30):
    until = monotonic() + seconds
    while not (found := asks()):
        assert monotonic() < until
        sleep(0.1)
    return found

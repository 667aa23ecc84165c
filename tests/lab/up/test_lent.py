"""The laptop's network, lent to a box without a way out: for whom it is, and that nothing of it is left afterwards."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import threading
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent

import pytest

from awaiting import awaited

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


HUGE = 2_000_000_000
# Of the laptop itself, of its network, of nobody, or of names that only look like allowed ones.
FORBIDDEN = (
    "127.0.0.3", "2130706435", "0x7f000003", "0.0.0.0", "10.0.0.1", "10.255.255.254", "172.16.0.1", "172.31.0.1",
    "192.168.0.1", "192.168.1.254", "169.254.169.254", "100.64.0.1", "8.8.8.8", "[fe80::1]", "[fd00::1]", "router.lan",
    "other.example", "github.com.other.example", "notgithub.com", "127.0.0.2.other.example",
)  # fmt: skip
# Reads some MB a second, and waits 9 s for the next of them, as clients of registries do.
CLIENT = """
import sys, time, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=9) as told, open("/root/part", "wb") as part:
    while piece := told.read(65536):
        part.write(piece)
        time.sleep(0.005)
"""
PAST = "curl -s --noproxy '' -p -o /dev/null -w '%{http_connect}\\n'"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Zeros(BaseHTTPRequestHandler):
    """So many zeros for whoever asks."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(HUGE))
        self.end_headers()
        with suppress(OSError):  # the asker is gone
            for _ in range(HUGE // 1_000_000):
                self.wfile.write(bytes(1_000_000))

    def log_message(self, *_):
        pass


@pytest.fixture
def zeros():
    """The URL of 2 GB on this machine's loopback."""
    with ThreadingHTTPServer((HERE, 0), Zeros) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://{HERE}:{server.server_port}/zeros"
        server.shutdown()


@pytest.fixture
def origin(tmp_path):
    """The URL of a server of this machine's loopback, with a big file."""
    root = tmp_path / "origin"
    root.mkdir()
    os.truncate(os.open(root / "big", os.O_CREAT | os.O_WRONLY), BIG)
    with ThreadingHTTPServer((HERE, 0), partial(Quiet, directory=str(root))) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
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


def test_it_is_for_some_hosts_and_for_who_has_the_token_and_nothing_is_left(project, lends, origin, ssh):
    box = lends(
        f"curl -fsS -p {origin}/big | wc -c >/root/size",
        "curl -s -o /dev/null -w '%{http_code} %{http_connect}' http://192.168.0.1/ >/root/forbidden",
        "curl -s -o /dev/null -w '%{http_code}' -x $(echo $http_proxy | sed 's,//.*@,//,') http://x.example/ >/root/stranger",
        "echo $http_proxy $no_proxy >/root/given; cat /proc/net/tcp /proc/net/tcp6 | grep ' 0A ' >/root/listening",
        "ps -eo args >/root/ps",
    )

    ran = project.up()

    given = ssh(box, "cat /root/given")
    token, port = re.match(r"http://gpustrap:(\w+)@127\.0\.0\.1:(\d+) localhost,127\.0\.0\.1,", given).groups()
    assert (ssh(box, "cat /root/size"), ssh(box, "cat /root/forbidden")[:3]) == (str(BIG), "403")
    assert ssh(box, "cat /root/stranger") == "407"
    assert f"0100007F:{int(port):04X}" in ssh(box, "cat /root/listening")
    assert f"00000000:{int(port):04X}" not in ssh(box, "cat /root/listening")
    assert token not in ssh(box, "cat /root/ps") + ran.stdout + ran.stderr
    ssh(box, "rm /root/given")
    assert ssh(box, f"grep -rlI {token} /etc /root /var/lib /tmp /run 2>/dev/null || true") == ""
    assert not listens(ssh, box, port)


def test_2_gb_need_little_memory_and_20_hosts_are_refused(project, lends, zeros, ssh):
    box = lends(
        f"for host in {' '.join(FORBIDDEN)}; do {PAST} http://$host/; done >/root/forbidden; "
        f"for port in 22 8080; do {PAST} http://github.com:$port/; done >/root/ports; touch /root/begun",
        "until [ -e /root/go ]; do sleep 0.1; done",
        f"curl -fsS -p {zeros} | wc -c >/root/size",
        "until [ -e /root/seen ]; do sleep 0.1; done",
    )
    words, nothing = project.command("up", "-y", "--take-over"), subprocess.DEVNULL
    with subprocess.Popen(words, cwd=project.folder, env=project.environment(), stderr=nothing) as up:
        awaited(lambda: ssh(box, "ls /root/begun 2>/dev/null || true"))
        (child,), before = children(up.pid), peak_mb(up.pid)
        ssh(box, "touch /root/go")
        size = awaited(lambda: ssh(box, "cat /root/size 2>/dev/null || true"), seconds=300, pause=1)
        peaks = peak_mb(child), peak_mb(up.pid) - before
        ssh(box, "touch /root/seen")

    assert (up.returncode, size) == (0, str(HUGE))
    assert dict(zip(FORBIDDEN, ssh(box, "cat /root/forbidden").split(), strict=True)) == dict.fromkeys(FORBIDDEN, "403")
    assert ssh(box, "cat /root/ports").split() == ["403"] * 2
    assert peaks[0] <= 60 and peaks[1] <= 20
    assert not Path(f"/proc/{child}").exists()


def children(pid):
    """Of a process, those that serve what is lent."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for one in found if b"forwarder_child" in Path(f"/proc/{one}/cmdline").read_bytes()]


def peak_mb(pid):
    """The most memory that it has had."""
    (line,) = [one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024 / 1e6


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


def test_a_laptop_that_sleeps_is_said_the_client_gives_up_and_the_next_run_goes_on(project, box, lends, origin, ssh):
    subprocess.run([*box.ssh_command, "cat >/root/client"], input=CLIENT.encode(), check=True, timeout=60)
    lends(f"python3 /root/client {origin}/big; was=$?; echo over >/root/over; exit $was")
    words, pipe = project.command("up", "-y", "--take-over"), subprocess.PIPE
    with subprocess.Popen(words, cwd=project.folder, env=project.environment(), stderr=pipe, text=True) as up:
        awaited(lambda: ssh(box, "[ $(cat /root/part | wc -c) -lt 1000000 ] || echo yes"), seconds=120)
        asleep = [up.pid, *map(int, children(up.pid))]
        try:
            for pid in asleep:
                os.kill(pid, signal.SIGSTOP)
            assert awaited(lambda: ssh(box, "cat /root/over 2>/dev/null || true"), seconds=120)
        finally:
            for pid in asleep:
                os.kill(pid, signal.SIGCONT)
        said = up.communicate(timeout=120)[1]
    had = int(ssh(box, "wc -c </root/part"))

    again = project.up(box.name)

    assert up.returncode == 1 and re.search(r"this computer stood still for \d+ s, and the network it lends", said)
    assert 1_000_000 <= had < BIG == int(ssh(box, "wc -c </root/part"))
    assert "fetch | python3" in again.changed(box.name)


def listens(ssh, box, port):
    return f":{int(port):04X} " in ssh(box, 'cat /proc/net/tcp /proc/net/tcp6 | awk \'$4 == "0A" { print $2 " " }\'')

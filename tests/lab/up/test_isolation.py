"""A link that is cut or frozen, nonsense from a box and Ctrl-C: each is that instance's sentence, at once.

A stub of `nproc`, which the survey asks, holds the survey where a test wants it: no test guesses at a time.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import signal
import socket
import subprocess
import threading
import time

import pytest

pytestmark = pytest.mark.one_release

HELLO = {"roles": ["services"], "services": {"web": {"preset": "hello"}}}
HANGS = "#!/bin/sh\ntouch /tmp/asked\nexec sleep 600\n"


class Link:
    """A port of this machine that leads to the box, until the link is cut or frozen."""

    def __init__(self, box):
        self._box = box
        self._frozen = threading.Event()
        self._open: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):  # it was closed
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection((self._box.ssh_host, self._box.ssh_port))
                self._open += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    def _copy(self, source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self._frozen.is_set():
                    return  # both ends stay open, and nothing comes any more
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def freeze(self):
        self._frozen.set()

    def cut(self):
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.cut()
        for one in (self._server, *self._open):
            one.close()


@pytest.fixture
def link_to():
    """`link_to(box)`: a link of one's own to it, which goes with the test."""
    links = []

    def to(box):
        links.append(Link(box))
        return links[-1]

    yield to
    for link in links:
        link.close()


def by(port, box):
    return {"ssh": f"ssh -p {port} -i {box.key} root@127.0.0.1", **HELLO}


def stub(ssh, box, **programs):
    """Programs that stand first on the box's PATH."""
    for name, text in programs.items():
        file = f"/usr/local/bin/{name}"
        ssh(box, f"printf %s {shlex.quote(text)} >{file} && chmod +x {file}")


def begun(project, *words):
    return subprocess.Popen(
        project.command(*words),
        cwd=project.folder,
        env=project.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def wait_until_there(ssh, box, file):
    ssh(box, f"i=0; until [ -e {file} ]; do i=$((i+1)); [ $i -lt 500 ] || exit 1; sleep 0.1; done")


def sentence(report, name):
    return report["instances"][name]["failed"]["error"]


def test_a_cut_link_and_nonsense_leave_the_third_to_finish(project, make_box, link_to, ssh, get):
    cut, odd, fine = make_box(), make_box(), make_box()
    stub(ssh, cut, nproc=HANGS)
    stub(ssh, odd, nproc="#!/bin/sh\necho abc\n", df="#!/bin/sh\necho - - - - - -\necho - - - - - -\n")
    link = link_to(cut)
    project.write({"cut": by(link.port, cut), "odd": by(odd.ssh_port, odd), "fine": by(fine.ssh_port, fine)})

    run = begun(project, "up", "-y", "--json")
    wait_until_there(ssh, cut, "/tmp/asked")
    link.cut()
    out, err = run.communicate(timeout=120)

    report = json.loads(out)
    assert (run.returncode, sorted(report["instances"])) == (1, ["cut", "fine", "odd"]), err
    assert sentence(report, "cut").startswith("the connection was lost")
    assert report["instances"]["fine"]["ok"] is True
    assert get(f"{fine.url}/ping") == "PONG BY 0.0.0.0:8080"
    # What cannot be read is not known, which no role here needs to know.
    assert (report["instances"]["odd"]["ok"], report["instances"]["odd"]["failed"]) == (True, None)
    for text in ("Traceback", "internal error"):
        assert text not in err


def test_a_frozen_link_is_said_by_its_silence(project, box, link_to, ssh):
    """The slowest of all: a sign of life is asked for every 10 s and waited for for 20 s."""
    stub(ssh, box, nproc=HANGS)
    link = link_to(box)
    project.write({"it": by(link.port, box)})

    run = begun(project, "up", "-y", "--json")
    wait_until_there(ssh, box, "/tmp/asked")
    link.freeze()
    began = time.monotonic()
    out, err = run.communicate(timeout=120)

    assert run.returncode == 1, err
    assert sentence(json.loads(out), "it") == "the connection is dead: no sign of life for 20 s"
    assert time.monotonic() - began < 40


@pytest.mark.parametrize(
    ("hangs", "frozen"),
    [("nproc", False), ("nproc", True), ("base64", False)],
    ids=["a question", "a question on a frozen link", "an upload"],
)
def test_ctrl_c_ends_a_run_that_hangs(project, box, link_to, ssh, hangs, frozen):
    link = link_to(box)
    project.write({"it": by(link.port, box)})
    # What travels in a request is unpacked by base64 with its words on stdin; only an upload makes it write a file.
    uploads = "#!/bin/sh\ncase $(readlink /proc/$$/fd/1) in */archive) touch /tmp/asked; exec sleep 600;; esac\nexec /usr/bin/base64 -d\n"
    stub(ssh, box, **{hangs: uploads if hangs == "base64" else HANGS})

    run = begun(project, "up", "-y", "--json")
    wait_until_there(ssh, box, "/tmp/asked")
    if frozen:
        link.freeze()
    began = time.monotonic()
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)

    assert time.monotonic() - began < 5
    assert run.returncode == 130, err
    assert "Traceback" not in err
    assert json.loads(out)["error"][0]["message"] == "stopped; the same command goes on from here"

"""A changed service behind the gateway: it starts beside the one that answers, and takes over once it is ready."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gpustrap.lab.box import PREFIX

pytestmark = pytest.mark.one_release
SERVE = """{before}exec python3 -c '
import http.server
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"{text}"
        self.send_response({status}); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("127.0.0.1", {{port}}), H).serve_forever()'"""

APP = """import http.server, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "3"); self.end_headers()
        self.wfile.write(b"{text}")
http.server.ThreadingHTTPServer((sys.argv[2], int(sys.argv[1])), H).serve_forever()
"""
PIDS = "pgrep -f '127.0.0.[1]|nginx: [m]aster'"
ONE = "pgrep -fc 'HTTPServer...127.0.0.[1]'"
ONE_PID = "pgrep -f 'HTTPServer...127.0.0.[1]'"
LEFT = "ls -d /etc/gpustrap/services/*+next /var/log/gpustrap/*+next* 2>/dev/null; pgrep -f 127.0.0.[5]; true"


def serve(text: str, before: str = "", status: int = 200) -> str:
    return SERVE.format(text=text, before=before, status=status)


def described(box, command, **rest):
    web = {"command": command, "port": 8001, "health": "/", **rest}
    one = {"lab": box.release, "roles": ["gateway", "services"], "gateway": {"routes": {"/": "web"}, "open": True}}
    return {box.name: {**one, "services": {"web": web}}}


def ask(url: str) -> str:
    """The status and the text of an answer, or what is wrong with the connection."""
    asked = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=20)
    try:
        asked.request("GET", "/")
        answer = asked.getresponse()
        return f"{answer.status} {answer.read().decode()}"
    except OSError as wrong:
        return repr(wrong)
    finally:
        asked.close()


@contextmanager
def asked_all_along(url: str) -> Iterator[list[str]]:
    """What ten requests a second are answered, from before the first line until after the last one."""
    seen: list[str] = []
    over = threading.Event()

    def client() -> None:
        while not over.wait(0.1):
            seen.append(ask(url))

    asking = threading.Thread(target=client)
    asking.start()
    try:
        yield seen
    finally:
        time.sleep(0.5)
        over.set()
        asking.join()


def test_an_edited_line_of_a_project_takes_over_and_no_request_fails(project, box, ssh):
    (project.folder / "app").mkdir()
    code = project.folder / "app" / "main.py"
    code.write_text(APP.format(text="old"))
    written = described(box, "exec python3 main.py {port} 127.0.0.1", project=True)
    written[box.name] |= {
        "roles": ["project", "gateway", "services"],
        "project": {"path": "./app", "environment": "none"},
    }
    project.write(written)
    project.up()
    code.write_text(APP.format(text="new"))
    with asked_all_along(box.url) as seen:
        ran = project.up()
    assert len(seen) > 10 and set(seen) == {"200 old", "200 new"}, set(seen)
    assert seen == sorted(seen, reverse=True), "it goes from one to the other once"
    assert ask(box.url) == "200 new"
    assert "the one before answered until then" in ran.stderr and "nobody answered" not in ran.stderr
    pids = ssh(box, PIDS)
    again = project.up().report(box.name)
    assert (again["changed"], again["execs"], ssh(box, PIDS)) == ([], 1, pids)
    assert project.run("verify").code == 0


def test_a_rollback_takes_over_and_no_request_fails(project, box, ssh):
    for text in ("old", "new"):
        project.write(described(box, serve(text, before="[ ! -e /srv/broken ] || exit 3; ")))
        project.up()
    for now, then in (("new", "old"), ("old", "new")):
        with asked_all_along(box.url) as seen:
            ran = project.run("svc", "rollback", "web", "--json")
        assert (ran.code, ran.changed(box.name)) == (0, ["services | web: the version before runs again"]), ran.stderr
        assert set(seen) == {f"200 {now}", f"200 {then}"} and "nobody answered" not in ran.stderr
        assert ask(box.url) == f"200 {then}" and ssh(box, LEFT) == ""
    ssh(box, "touch /srv/broken")
    pid = ssh(box, ONE_PID)
    with asked_all_along(box.url) as seen:
        failed = project.run("svc", "rollback", "web", "--json").report(box.name)["failed"]
    assert "; the present one has answered all along" in failed["error"], failed
    assert (set(seen), ssh(box, ONE_PID), ssh(box, LEFT)) == ({"200 new"}, pid, "")
    assert project.up().changed(box.name) == []


def test_one_that_is_started_again_by_hand_is_so_beside_itself_and_no_request_fails(project, box, ssh):
    project.write(described(box, serve("old", before="[ ! -e /srv/broken ] || exit 3; ")))
    project.up()
    before = ssh(box, ONE_PID)
    with asked_all_along(box.url) as seen:
        ran = project.run("svc", "restart", "web", "--json")
    assert (ran.code, ran.changed(box.name), set(seen)) == (0, ["services | web: restarted"], {"200 old"}), ran.stderr
    assert len(seen) > 10 and "nobody answered" not in ran.stderr
    after = ssh(box, ONE_PID)
    assert after not in ("", before) and ssh(box, LEFT) == ""
    ssh(box, "touch /srv/broken")
    with asked_all_along(box.url) as seen:
        failed = project.run("svc", "restart", "web", "--json").report(box.name)["failed"]
    assert "; the version before has answered all along" in failed["error"], failed
    assert (set(seen), ssh(box, ONE_PID), ssh(box, LEFT)) == ({"200 old"}, after, "")
    assert project.up().changed(box.name) == []


BAD = {
    "exits": (serve("new", before="echo canary-log; exit 3; "), r"ends before it listens|crash loop"),
    "elsewhere": (serve("new").replace("127.0.0.1", "127.0.0.5"), r"listens on 127\.0\.0\.5 only, which the gateway"),
    "500": (serve("new", status=500), "its health path answers 500"),
    "slow": (serve("new", before="sleep 60; "), "nothing listens on its port after 6 s"),
}


def test_where_the_new_one_does_not_get_ready_the_old_one_answers_all_along(project, box, ssh):
    project.write(described(box, serve("old"), ready_seconds=6))
    project.up()
    pids = ssh(box, PIDS)
    for kind, (command, why) in BAD.items():
        project.write(described(box, command, ready_seconds=6))
        with asked_all_along(box.url) as seen:
            ran = project.run("up", "-y", "--json")
        error = ran.report(box.name)["failed"]["error"]
        assert (ran.code, set(seen), ssh(box, PIDS)) == (1, {"200 old"}, pids), (kind, error)
        assert re.search(f"({why}).*; the version before has answered all along", error), error
        assert ("canary-log" in error) == (kind == "exits")
        failed = "/var/lib/gpustrap/units/web/failed"
        assert ssh(box, f"cat {failed}/unit/command; cat {failed}/log").startswith(command.replace("{port}", "8001"))
        assert ssh(box, LEFT) == "", kind
    project.write(described(box, serve("old"), ready_seconds=6))
    assert project.up().changed(box.name) == [], "its files are those of the one that answers"


STARTS, MOVES = "/etc/gpustrap/services/web+next/port", "/run/gpustrap-gateway/*+moved.pid"


def killed_once_there(project, box, ssh, path: str) -> None:
    """`up`, which is killed by SIGKILL as soon as there is such a file on the box."""
    words = project.command("up", "-y")
    quiet = {name: subprocess.DEVNULL for name in ("stdin", "stdout", "stderr")}
    with subprocess.Popen(words, cwd=project.folder, env=project.environment(), **quiet) as running:
        ssh(box, f"n=0; until ls {path} >/dev/null 2>&1; do n=$((n + 1)); [ $n -lt 500 ] || exit 1; sleep 0.1; done")
        running.send_signal(signal.SIGKILL)


@pytest.mark.parametrize(("path", "reset"), [(STARTS, False), (MOVES, False), (STARTS, True), (MOVES, True)])
def test_an_up_that_is_killed_on_the_way_is_made_good_by_the_next(project, box, ssh, engine, path, reset):
    project.write(described(box, serve("old")))
    project.up()
    project.write(described(box, serve("new", before="sleep 4; ")))
    with asked_all_along(box.url) as seen:
        killed_once_there(project, box, ssh, path)
        if reset:
            engine.run("restart", "-t", "0", PREFIX + box.name)
        else:
            project.up()
    if reset:
        project.up()
    else:
        assert path != STARTS or set(seen) == {"200 old", "200 new"}, set(seen)
    assert (ask(box.url), ssh(box, LEFT), ssh(box, ONE)) == ("200 new", "", "1")
    assert project.up().changed(box.name) == []
    assert project.run("verify").code == 0


def test_a_revert_after_an_up_that_was_killed_on_the_way_leaves_nothing(project, box, ssh, standing, unsaid):
    bare = standing(box)
    project.write(described(box, serve("old")))
    project.up()
    project.write(described(box, serve("new", before="sleep 30; ")))
    killed_once_there(project, box, ssh, STARTS)
    notes = project.revert(box.name).report(box.name)["notes"]
    left = [line for line in unsaid(bare ^ standing(box), notes) if "nginx" not in line and "/var/www" not in line]
    assert (left, ssh(box, f"{LEFT}; {PIDS} || true")) == ([], "")

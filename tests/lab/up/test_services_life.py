"""Services on a box whose shells, settings and processes want otherwise."""

from __future__ import annotations

import subprocess
from functools import partial

import pytest

from awaiting import awaited
from gpustrap.lab.box import PREFIX

SERVE = "exec python3 -m http.server 8080 --bind {}"


def write(project, box, command, before=None, **service):
    """`before`: other roles with their settings."""
    project.write(
        {
            box.name: {
                "lab": box.release,
                "roles": [*(before or {}), "services"],
                **(before or {}),
                "services": {"web": {"command": command, "port": 8080, **service}},
            }
        }
    )


def reason(project, box):
    return project.run("verify", "--json").report(box.name)["failed"]["error"]


@pytest.mark.one_release
def test_the_shells_and_settings_of_a_person_decide_nothing(project, box, ssh):
    ssh(
        box,
        r"""printf '[ -t 1 ] && exec cat\n%s' "$(cat /root/.bashrc)" >/root/.bashrc
printf 'set -g destroy-unattached on\nset -g exit-unattached on\nset -g default-shell /bin/false\n' >/root/.tmux.conf""",
    )
    write(project, box, SERVE.format("0.0.0.0"))

    assert project.run("up", "-y").code == 0
    assert project.run("up", "-y", "--json").report(box.name)["changed"] == []


@pytest.mark.one_release
def test_a_service_for_itself_alone_is_not_ready(project, box):
    write(project, box, SERVE.format("127.0.0.1"), ready_seconds=8)

    failed = project.run("up", "-y", "--json").report(box.name)["failed"]

    assert "web listens on 127.0.0.1 only, which the provider cannot reach: bind 0.0.0.0" in failed["error"]
    assert "listens on 127.0.0.1 only" in reason(project, box)


@pytest.fixture(scope="module")
def served(shared_project, shared_box):
    """A project with a service that runs, which the tests leave so."""
    write(shared_project, shared_box, SERVE.format("0.0.0.0"))
    shared_project.up()
    return shared_project


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("kill -STOP $(pgrep -f 'http.server 808[0]' | tail -n 1)", "is held by a signal (SIGSTOP)"),
        ("tmux -S /run/gpustrap/services.sock kill-server", "web has no session"),
        ("rm /var/log/gpustrap/web.log", "what it writes to is not /var/log/gpustrap/web.log any more"),
        ("rm -r /var/log/gpustrap", "what it writes to is not /var/log/gpustrap/web.log any more"),
        ("echo '# mine' >>/etc/gpustrap/services/web/command", "content"),
    ],
)
def test_harm_is_seen_by_verify_and_mended_by_up(served, shared_box, ssh, harm, said):
    ssh(shared_box, harm)

    assert said in reason(served, shared_box)
    assert served.run("up", "-y", "--json").code == 0
    assert served.run("verify").code == 0


@pytest.mark.one_release
def test_a_service_goes_on_while_tmux_cannot_be_asked_and_every_verb_says_so(project, box, ssh, get):
    write(project, box, SERVE.format("0.0.0.0"), before={"base": {"packages": ["tmux"]}})
    project.up()
    pids = ssh(box, "pgrep -f 'http.server 808[0]'")
    ssh(box, "mv /usr/bin/tmux /srv/tmux")
    verbs = (["status"], ["plan"], ["up", "-y"], ["verify"], ["svc", "restart", "web"], ["svc", "stop", "web"])
    for verb in (*verbs, ["revert", "-y"]):
        ran = project.run(*verb)
        said = ran.stdout + ran.stderr
        assert ran.code == 1 and "tmux cannot be asked: it is not there, and what it started still runs" in said, said
        assert "web not running" not in said and "has no session" not in said
    ssh(box, "printf '#!/bin/sh\\nexec sleep 100\\n' >/usr/bin/tmux; chmod 755 /usr/bin/tmux")
    ran = project.run("up", "-y")
    assert ran.code == 1 and "tmux cannot be asked: it gives no answer within 10 s" in ran.stdout + ran.stderr
    assert (ssh(box, "pgrep -f 'http.server 808[0]'"), "Directory listing" in get(box.url)) == (pids, True)

    ssh(box, "mv /srv/tmux /usr/bin/tmux")
    assert project.up().changed(box.name) == []


def test_a_child_that_outlives_its_service_does_not_keep_the_port(project, box, ssh):
    write(project, box, "setsid python3 -m http.server 8080 & wait")
    assert project.run("up", "-y").code == 0
    ssh(box, "tmux -S /run/gpustrap/services.sock kill-server; sleep 0.2; ss -Hltn 'sport = :8080' | grep -q .")

    assert project.run("up", "-y").code == 0

    write(project, box, SERVE.format("0.0.0.0"))
    assert project.run("up", "-y").code == 0
    assert ssh(box, "pgrep -fc 'http.server 808[0]'").strip() == "1"


@pytest.mark.one_release
def test_variables_of_the_roles_that_change_reach_the_service(project, box, ssh):
    one = {
        "lab": box.release,
        "roles": ["network", "services"],
        "network": {"proxy": "http://one.invalid:1"},
        "services": {"job": {"command": "exec sleep 600"}},
    }
    project.write({box.name: one})
    assert project.run("up", "-y").code == 0

    project.write({box.name: {**one, "network": {"proxy": "http://two.invalid:2"}}})
    planned = project.run("plan", "--json").changed(box.name)
    assert "services | job: runs and is ready" in planned, "that it is started again is said before"
    assert project.up().changed(box.name) == planned

    seen = ssh(box, "tr '\\0' '\\n' </proc/$(pgrep -f 'sleep 60[0]' | tail -n 1)/environ")
    assert "http_proxy=http://two.invalid:2" in seen and "one.invalid" not in seen
    assert project.run("up", "-y", "--json").report(box.name)["changed"] == []


NEEDS = """test -e /root/made || exit 1
python3 -c 'import socket; socket.create_connection(("127.0.0.1", 5432))' || exit 1
exec python3 -m http.server 8080"""


@pytest.mark.one_release
def test_one_that_depends_on_others_is_started_once_they_are_ready_and_not_in_vain_before(project, box, ssh, get):
    services = {
        "web": {"command": NEEDS, "port": 8080, "depends_on": ["db", "job"], "tries": 1},
        "db": {"command": "sleep 2; exec python3 -m http.server 5432", "port": 5432},
        "job": {"command": "sleep 2; touch /root/made", "restart": "never"},
    }
    project.write({box.name: {"lab": box.release, "roles": ["services"], "services": services}})
    project.up()
    assert get(box.url)
    assert "ended with" not in ssh(box, "cat /var/log/gpustrap/web.log")
    assert project.up().changed(box.name) == []


# The process that is told apart leads; its child serves, and where that is gone it goes on without.
LEADS = "exec sh -c ': leads; python3 -m http.server 8080 & wait; sleep 600 & wait'"
SERVES = "pgrep -f '^python3 -m http.server 808[0]'"
TMUX = "pgrep -f 'services.soc[k]'"  # its server; its clients come and go
KILLS = {
    "its leading process": ("pkill -KILL -f '^sh -c : lead[s]'", "itself"),
    "its child, the server": (f"kill -KILL $({SERVES})", "up"),
    "the shell that runs it": ("pkill -KILL -f '/services/web/ru[n]'", "up"),
    "tmux's server": (f"kill -KILL $({TMUX})", "up"),
    "tmux kill-server": ("tmux -S /run/gpustrap/services.sock kill-server", "up"),
    "the socket": ("rm /run/gpustrap/services.sock", "up"),
    "the sshd of every session": ("pkill -KILL -f '^sshd: '", "nothing"),
    "the sshd that is the box": ("kill -s KILL", "login"),
    "the box": ("restart -t 0", "up"),
}


@pytest.mark.one_release
def test_whatever_is_killed_one_instance_is_there_afterwards(project, box, ssh, engine, get):
    write(project, box, LEADS)
    project.up()
    for what, (harm, back) in KILLS.items():
        before = ssh(box, SERVES)
        harmed(engine, box, harm)
        if back == "up":
            assert project.up().changed(box.name) == ["services | web: runs and is ready"], what
        elif back == "login":
            ssh(box, "bash -lc true")
        unlike = "" if back == "nothing" else before
        awaited(partial(serving, get, ssh, box, unlike), seconds=60, why=(what, "does not come back"))
        after = ssh(box, SERVES)
        assert (after == before, len(after.split())) == (back == "nothing", 1), (what, before, after)
        assert (ssh(box, f"pgrep -fc '^sh -c : lead[s]'; {TMUX} | wc -l"), what) == ("1\n1", what)
        assert back == "up" or project.up().changed(box.name) == [], what
    assert project.run("verify").code == 0


def harmed(engine, box, harm):
    """To the box itself, which is started again then; to the session that does it; or past sshd."""
    name = PREFIX + box.name
    if harm.startswith(("kill -s", "restart")):
        engine.run(*harm.split(), name)
        if harm.startswith("kill"):
            engine.run("start", name)
        awaited(lambda: logged_in(box, "true") == 0, seconds=60)
    elif "sshd" in harm:
        assert logged_in(box, f"{harm}; sleep 600") == 255
    else:
        engine.run("exec", name, "sh", "-c", harm)


def logged_in(box, command):
    return subprocess.run([*box.ssh_command, command], capture_output=True, timeout=60).returncode


def serving(get, ssh, box, unlike):
    """Whether it answers, by another process than that one."""
    try:
        return get(box.url) and ssh(box, f"{SERVES} || true") not in ("", unlike)
    except OSError:
        return False

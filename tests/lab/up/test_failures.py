"""What goes wrong on an instance is said in a sentence with role and operation; nothing is left half-written."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading

import pytest

pytestmark = pytest.mark.one_release

HELLO = {"roles": ["services"], "services": {"web": {"preset": "hello"}}}


def by_ssh(box, key):
    return f"ssh -p {box.ssh_port} -i {key} -o IdentitiesOnly=yes root@{box.ssh_host}"


def the_failure(ran, name):
    """The failure's role, operation and error; a person's text holds no traceback."""
    assert ran.code == 1, ran.stderr
    assert "Traceback" not in ran.stderr
    failed = ran.report(name)["failed"]
    return failed["role"], failed["operation"], failed["error"]


def new_key(path, passphrase=""):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)], check=True)
    return path


def test_a_wrong_key_is_said(project, box, tmp_path):
    project.write({"it": {"ssh": by_ssh(box, new_key(tmp_path / "key")), **HELLO}})

    role, operation, error = the_failure(project.run("up", "-y", "--json"), "it")

    assert (role, operation) == (None, "connect")
    assert error.startswith("the instance refuses our key or password (")


def test_a_key_with_a_passphrase_is_said(project, box, tmp_path):
    project.write({"it": {"ssh": by_ssh(box, new_key(tmp_path / "key", "open sesame")), **HELLO}})

    ran = project.run("up", "-y", "--json")

    assert the_failure(ran, "it")[2].startswith("the key has a passphrase (")
    assert "`ssh-add` unlocks it" in ran.stderr


def test_a_key_that_is_not_there_is_said(project, box, tmp_path):
    project.write({"it": {"ssh": by_ssh(box, tmp_path / "no-key"), **HELLO}})

    assert the_failure(project.run("up", "-y", "--json"), "it")[2].startswith("the key file cannot be used (")


def test_a_wrong_password_is_said(project, box):
    ssh = f"ssh -p {box.ssh_port} -o PubkeyAuthentication=no root@{box.ssh_host}"
    project.write({"it": {"ssh": ssh, "password": {"env": "PASSWORD"}, **HELLO}})

    ran = project.run("up", "-y", "--json", env={"PASSWORD": "wrong-p4ssw0rd"})

    assert the_failure(ran, "it")[2].startswith("the instance refuses the password (")
    assert "wrong-p4ssw0rd" not in ran.stdout + ran.stderr


def test_a_changed_host_key_is_refused_until_it_is_accepted(project, box, ssh):
    project.write({"it": {"ssh": by_ssh(box, box.key), **HELLO}})
    assert project.run("up", "-y").code == 0
    ssh(box, "rm /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null; kill -HUP 1")

    ran = project.run("up", "-y", "--json")

    assert the_failure(ran, "it")[2].startswith("its host key has changed, it is now SHA256:")
    assert "if it was reset, `gpustrap up it --accept-new-key` takes it" in ran.stderr
    assert project.run("up", "it", "-y", "--accept-new-key").code == 0
    assert project.run("up", "-y").code == 0


@pytest.fixture
def throttling_gateway(box):
    """The port of a gateway to the box that closes its first connection before the banner, as busy ones do."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            server.accept()[0].close()
            near, _ = server.accept()
            with near, socket.create_connection((box.ssh_host, box.ssh_port)) as far:
                threading.Thread(target=copy, args=(far, near), daemon=True).start()
                copy(near, far)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
    thread.join(timeout=10)


def copy(source, target):
    """Hand on what comes until either side ends."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_a_busy_gateway_is_tried_again(project, box, throttling_gateway):
    project.write({"it": {"ssh": f"ssh -p {throttling_gateway} -i {box.key} root@127.0.0.1", **HELLO}})

    ran = project.run("up", "-y", "--json")

    assert ran.code == 0, ran.stderr
    assert "it: its ssh gateway is busy, the next try is in 5 s" in ran.stderr
    assert ran.report("it")["services"]["web"]["healthy"] is True


def test_no_python_is_said_by_the_service_that_needs_it(hello, box, ssh):
    ssh(box, "rm -f /usr/bin/python3*")

    failure = the_failure(hello.run("up", "-y", "--json"), box.name)

    assert failure == ("services", "web", "this instance has no python3, which 'web' runs on")
    assert ssh(box, "ls -A /etc/gpustrap 2>/dev/null || true") == ""


def test_a_full_disk_is_said_and_leaves_nothing_half_written(project, box, ssh):
    """/etc/conda is a tmpfs with no room left: the one file that goes there cannot be written."""
    project.write(
        {box.name: {"lab": box.release, "roles": ["mirrors"], "mirrors": {"conda": "http://mirror.invalid/c"}}}
    )
    fill(box, "/root/.full")
    ssh(box, "ln -s /root/.full/condarc /root/.condarc; echo 'old: 1' >/root/.full/condarc || true")
    before = ssh(box, "cat /root/.condarc; ls -A /root/.full")

    role, operation, error = the_failure(project.run("up", "-y", "--json"), box.name)

    assert (role, operation) == ("mirrors", "conda")
    assert error.startswith("the disk is full (")
    assert ssh(box, "cat /root/.condarc; ls -A /root/.full") == before


def fill(box, folder):
    """Mount a tmpfs in the box, from outside, and leave no byte free but for one small file."""
    mount(box, folder, "size=64k")
    inside(box, f"echo 'old: 1' >{folder}/condarc; cat /dev/zero >{folder}/filler 2>/dev/null || true")


def mount(box, folder, options):
    """A mount needs a capability that the box lacks, as on a rented one: it is made in its namespace from here."""
    pid = subprocess.run(
        ["podman", "inspect", "-f", "{{.State.Pid}}", f"gpustrap-lab-{box.name}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    subprocess.run(
        ["nsenter", "-t", pid, "-m", "sh", "-c", f"mkdir -p {folder} && mount -t tmpfs -o {options} none {folder}"],
        check=True,
    )


def inside(box, command):
    subprocess.run(["podman", "exec", f"gpustrap-lab-{box.name}", "sh", "-c", command], check=True)


def test_a_read_only_file_system_is_said(project, box):
    project.write(
        {box.name: {"lab": box.release, "roles": ["mirrors"], "mirrors": {"npm": "http://mirror.invalid/npm"}}}
    )
    mount(box, "/var/lib/gpustrap", "ro")

    role, operation, error = the_failure(project.run("up", "-y", "--json"), box.name)

    assert (role, operation) == (None, "lock")
    assert error.startswith("the file system is read-only (")


# A program with so many threads that only a few processes more may be started beside it.
CROWD = """nohup setsid python3 -c '
import threading
threading.stack_size(65536)
gone = []
try:
    while len(gone) < 40000:
        gone.append(threading.Event())
        threading.Thread(target=gone[-1].wait).start()
except RuntimeError:
    for event in gone[-9:]:
        event.set()
    open("/root/full", "w").close()
' >/dev/null 2>&1 & while [ ! -e /root/full ]; do :; done; echo $!"""


def test_a_box_that_can_start_no_more_processes_is_said_by_all_verbs(hello, box, ssh):
    hello.up()
    crowd = ssh(box, CROWD)
    for verb in ("up -y", "plan", "verify"):
        failed = hello.run(*verb.split(), "--json").report(box.name)["failed"]
        assert "the instance can start no more processes" in failed["error"], verb
    status = hello.run("status").stdout
    assert "the instance can start no more processes" in status and "not running" not in status

    ssh(box, f"kill -9 {crowd}")
    assert hello.up().changed(box.name) == []


def test_a_folder_in_a_files_place_is_said(project, box, ssh):
    project.write(
        {box.name: {"lab": box.release, "roles": ["mirrors"], "mirrors": {"conda": "http://mirror.invalid/c"}}}
    )
    ssh(box, "mkdir /root/.condarc")

    assert the_failure(project.run("up", "-y", "--json"), box.name) == (
        "mirrors",
        "conda",
        "/root/.condarc is a directory: a file has to stand there",
    )


def test_a_template_with_an_undefined_variable_is_said_before_anything_is_changed(project, box, ssh):
    project.write(
        {box.name: {"lab": box.release, "roles": ["mirrors"], "mirrors": {"conda": "http://mirror.invalid/c"}}}
    )
    own = project.folder / "templates" / "mirrors"
    own.mkdir(parents=True)
    (own / "condarc.j2").write_text("channels:\n  - {{ hosst }}\n")

    failure = the_failure(project.run("up", "-y", "--json"), box.name)

    assert failure == ("mirrors", "mirrors/condarc.j2", "template mirrors/condarc.j2:2: 'hosst' is undefined")
    assert ssh(box, "ls /var/lib/gpustrap 2>/dev/null || true") == ""


def test_a_mistake_in_a_persons_own_role_is_said_with_its_place(project, box, ssh):
    role = project.folder / "roles" / "mine"
    role.mkdir(parents=True)
    (role / "settings.py").write_text("from pydantic import BaseModel\n\n\nclass Settings(BaseModel):\n    pass\n")
    (role / "tasks.py").write_text(
        "from pyinfra.api import deploy\n\n\n@deploy('mine')\ndef mine(chosen):\n    return chosen.nothing\n"
    )
    project.write({box.name: {"lab": box.release, "roles": ["mine"]}})

    role, _, error = the_failure(project.run("up", "-y", "--json"), box.name)

    assert role == "mine"
    assert error.startswith("AttributeError: 'Settings' object has no attribute 'nothing' (")


def test_a_taken_port_is_said_with_who_holds_it(hello, box, ssh):
    ssh(
        box,
        "tmux new-session -d -s squatter 'python3 -m http.server 8080'; i=0;"
        " until ss -Hltn 'sport = :8080' | grep -q .; do i=$((i+1)); [ $i -lt 100 ] || exit 1; sleep 0.1; done",
    )

    role, operation, error = the_failure(hello.run("up", "-y", "--json"), box.name)

    assert (role, operation) == ("services", "web: runs and is ready")
    assert error.startswith("port 8080 is taken by python3 (PID ")


def test_a_service_that_never_gets_ready_fails_with_the_end_of_its_log(project, box):
    service = {"command": "echo I will not listen; exec sleep 600", "port": 8080, "ready_seconds": 1}
    project.write({box.name: {"lab": box.release, "roles": ["services"], "services": {"web": service}}})

    role, operation, error = the_failure(project.run("up", "-y", "--json"), box.name)

    assert (role, operation) == ("services", "web: runs and is ready")
    assert "I will not listen" in error and "web is not ready" in error


def test_a_broken_promise_is_a_failure_of_verify_that_names_it(hello, box, ssh):
    hello.up()
    ssh(box, "tmux -L gpustrap kill-server")

    ran = hello.run("verify", "--json")

    assert the_failure(ran, box.name)[:2] == ("services", "each service has its session and no other is there")
    assert ran.report(box.name)["services"]["web"]["healthy"] is False
    assert json.loads(ran.stdout)["instances"][box.name]["changed"] == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["up", "trainr"], "inventory/hosts.yml: no instance 'trainr'; nearest: 'trainer'\nhint: instances: trainer\n"),
        (["up", "--roles", "servces"], "--roles: no role 'servces'; nearest: 'services'\n"),
    ],
)
def test_bad_words_end_with_2_and_touch_nothing(project, words, message):
    project.write({"trainer": {"ssh": "ssh -p 1 root@127.0.0.1", **HELLO}})

    ran = project.run(*words)

    assert ran.code == 2 and ran.stdout == ""
    assert ran.stderr.startswith(message)
    assert not project.home.exists()

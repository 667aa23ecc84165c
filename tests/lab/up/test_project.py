"""A project of the laptop on the instance: what is sent and what is not, and what was changed there and is not lost."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import subprocess
import zipfile

import pytest

import git_origin
from conda_stand_in import CONDA
from registry_mirror import mirroring

INDEX = 8999
APP = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from greet import hello


class App(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(hello("one").encode())


ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), App).serve_forever()
"""


def wheel(version: str) -> bytes:
    """A pure package `greet`, as an index has it."""
    info, buffer = f"greet-{version}.dist-info", io.BytesIO()
    files = {
        "greet.py": f"def hello(who): return '{version} says ' + who\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: greet\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return buffer.getvalue()


@pytest.fixture
def app(project, box, ssh):
    """A project whose one instance runs the folder `app`; the box has a Python index of its own."""
    folder = project.folder / "app"
    folder.mkdir()
    (folder / "main.py").write_text(APP)
    (folder / "requirements.txt").write_text("greet==1.0\n")
    (folder / ".env").write_text("S=1\n")
    (folder / ".gitignore").write_text(".env\ndata/\n")
    (folder / "data").mkdir()
    (folder / "data" / "big").write_text("not sent")
    for version in ("1.0", "2.0"):
        data = base64.b64encode(wheel(version)).decode()
        name = f"/srv/simple/greet/greet-{version}-py3-none-any.whl"
        ssh(box, f"mkdir -p /srv/simple/greet && echo {data} | base64 -d >{name}")
    ssh(
        box,
        f"setsid python3 -m http.server {INDEX} --bind 127.0.0.1 -d /srv >/dev/null 2>&1 </dev/null &"
        f" i=0; until curl -fsS 127.0.0.1:{INDEX}/simple/ >/dev/null 2>&1;"
        " do i=$((i+1)); [ $i -lt 100 ] || exit 1; sleep 0.1; done",
    )
    web = {"command": "exec python main.py {port}", "port": 8080, "health": "/", "project": True}
    project.write({
        box.name: {
            "lab": box.release, "roles": ["mirrors", "base", "python", "project", "services"],
            "mirrors": {"pypi": f"http://127.0.0.1:{INDEX}/simple", "apt": "upstream"},
            "project": {"path": "./app"}, "services": {"web": web},
        }
    })  # fmt: skip
    return project


@pytest.mark.one_release
def test_what_was_changed_there_is_refused_and_moved_aside_by_the_command_that_the_refusal_says(
    app, box, ssh, get, standing, unsaid
):
    bare = standing(box)
    app.up()
    assert get(box.url) == "1.0 says one"
    assert ssh(box, "stat -c '%a %n' /root/app/.env; ls /root/app/data 2>&1 | head -n 1").startswith("600 ")
    assert "data" not in ssh(box, "ls /root/app").split()

    again = app.up().report(box.name)
    assert (again["changed"], again["execs"], again["uploads"]) == ([], 1, 0)

    ssh(box, "echo '# theirs' >>/root/app/main.py; echo made >/root/app/output")
    (app.folder / "app" / "main.py").write_text(APP.replace("one", "two"))
    ran = app.run("up", "-y", "--json")
    assert ran.code == 1
    failed = ran.report(box.name)["failed"]
    assert failed["operation"] == "files"
    assert failed["error"].splitlines()[0] == "changed on the instance since they were sent to /root/app: main.py"
    assert get(box.url) == "1.0 says one"

    (command,) = re.findall("`gpustrap (up .* --stash)`", " ".join(ran.stderr.split()))
    assert app.run(*command.split(), "-y").code == 0
    assert get(box.url) == "1.0 says two"
    assert ssh(box, "tail -n 1 /root/app.stash/*/main.py") == "# theirs"

    (app.folder / "app" / "requirements.txt").write_text("greet>=2\n")
    assert app.up().changed(box.name) == [
        "project | files",
        "project | environment",
        "services | web: runs and is ready",
    ]
    assert get(box.url) == "2.0 says two"
    assert ssh(box, "cat /root/app/output") == "made"

    notes = app.revert(box.name).report(box.name)["notes"]
    left = [line for line in unsaid(bare ^ standing(box), notes) if "/root/app" not in line]
    assert left == []


@pytest.mark.one_release
def test_a_private_repository_is_checked_out_and_what_was_changed_there_is_refused(project, box, ssh):
    key = project.folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True, stdin=subprocess.DEVNULL)
    ssh(box, f"echo '{key.with_suffix('.pub').read_text().strip()}' >>/root/.ssh/authorized_keys")
    as_me = "git -c user.name=a -c user.email=a@b"
    made = f"git init -q /srv/repo && cd /srv/repo && echo one >main && git add -A && {as_me} commit -qm one"
    head = ssh(box, f"{made} && git rev-parse HEAD")
    role = {"git": "ssh://root@127.0.0.1/srv/repo", "ref": head, "environment": "none", "key": {"file": "key"}}
    project.write({box.name: {"lab": box.release, "roles": ["project"], "project": role}})
    assert project.up().changed(box.name) == ["project | access", "project | checkout"]
    assert project.up().changed(box.name) == []
    assert ssh(box, "stat -c %a /root/.config/gpustrap/project-key") == "600"
    ssh(box, "echo theirs >>/root/repo/main")

    ran = project.run("up", "-y", "--json")

    assert ran.code == 1
    assert ran.report(box.name)["failed"]["error"].startswith("changed on the instance in /root/repo: main")
    assert ssh(box, "cat /root/repo/main") == "one\ntheirs"


@pytest.mark.one_release
def test_what_git_lfs_keeps_arrives_with_its_content_or_is_named(project, box, ssh, tmp_path):
    """By Debian's git-lfs, from a server of git and Git LFS, and a mirror of it that has git alone."""
    git_origin.make(tmp_path / "git")
    told = subprocess.check_output(["git", "-C", tmp_path / "git" / "a" / "b.git", "rev-parse", "HEAD"], text=True)
    head = told.strip()
    address = ssh(box, "echo ${SSH_CLIENT%% *}")
    with git_origin.hosting(tmp_path / "git", address) as url, mirroring(address) as mirror:

        def write(apt, ref=head):
            role = {"git": f"{url}/a/b.git", "ref": ref, "environment": "none"}
            roles = {"roles": ["mirrors", "project"], "mirrors": {"apt": apt}, "project": role}
            project.write({box.name: {"lab": box.release, **roles}})

        write("http://127.0.0.1:9/debian")
        ran = project.run("up", "-y", "--json")
        assert ran.code == 1
        error = ran.report(box.name)["failed"]["error"]
        assert (
            "git-lfs is not here and cannot be had by apt" in error and "pointers to their content: large.bin;" in error
        )
        assert ssh(box, "ls /root/b") == ""

        ssh(box, f"git config --global url.{url}{git_origin.ONLY_GIT}/.insteadOf {url}/")
        write(f"{mirror}/debian")
        assert "does not have the files of Git LFS: they are fetched from" in project.run("up", "-y", "-v").stderr
        summed = f"{hashlib.sha256(git_origin.LARGE).hexdigest()}  -"
        assert ssh(box, "sha256sum </root/b/large.bin") == summed
        assert project.up().changed(box.name) == []

        ssh(box, "cd /root/b && rm large.bin && GIT_LFS_SKIP_SMUDGE=1 git checkout -q -- large.bin")
        assert project.up().changed(box.name) == ["project | checkout"]
        assert ssh(box, "sha256sum </root/b/large.bin") == summed

        write(f"{mirror}/debian", git_origin.commit_what_is_missing(tmp_path / "git"))
        ran = project.run("up", "-y", "--json")
        assert ran.code == 1
        assert "cannot be fetched, and all stays as it is" in ran.report(box.name)["failed"]["error"]
        assert ssh(box, "sha256sum </root/b/large.bin; git -C /root/b rev-parse HEAD") == f"{summed}\n{head}"


@pytest.mark.one_release
def test_an_environment_yml_is_made_by_conda_and_without_conda_that_is_said_by_plan(project, box, ssh, get):
    """A program of these tests stands for conda (tests/conda_stand_in.py); the Python, the service and the rest are real."""
    folder = project.folder / "app"
    folder.mkdir()
    app = APP.replace("from greet import hello", "import greet").replace('hello("one")', "greet.version")
    (folder / "main.py").write_text(app)
    (folder / "environment.yml").write_text("name: app\ndependencies:\n  - python=3.11\n  - greet=1.0\n")
    web = {"command": "exec python main.py {port}", "port": 8080, "health": "/", "project": True}
    roles = ["base", "project", "services"]
    project.write({
        box.name: {"lab": box.release, "roles": roles, "project": {"path": "./app"}, "services": {"web": web}}
    })  # fmt: skip

    planned = project.run("plan", "--json")
    assert planned.code == 1
    failed = planned.report(box.name)["failed"]
    assert (failed["role"], failed["operation"]) == ("project", "environment")
    assert failed["error"].startswith("there is no conda on this instance, and environment.yml is installed by it")

    words = [
        *box.ssh_command,
        "mkdir -p /opt/miniconda3/bin && cd /opt/miniconda3/bin && cat >conda && chmod 755 conda",
    ]
    subprocess.run(words, input=CONDA.encode(), check=True, timeout=60)
    project.up()
    assert get(box.url) == "1.0"
    assert project.up().changed(box.name) == []

    (folder / "environment.yml").write_text("name: app\ndependencies:\n  - python=3.11\n  - greet=2.0\n")
    changed = ["project | files", "project | environment", "services | web: runs and is ready"]
    assert project.up().changed(box.name) == changed
    assert get(box.url) == "2.0"
    assert ssh(box, "ls -d /root/app/.venv 2>/dev/null || echo none") == "none"

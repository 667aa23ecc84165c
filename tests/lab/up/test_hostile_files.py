"""Files as other people leave them on a box: seen, said, mended; nothing of theirs is lost."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.one_release

PYPI = {"roles": ["mirrors"], "mirrors": {"apt": "upstream", "conda": "http://mirror.invalid/c", "git": "upstream"}}
SECRET = {"roles": ["services"], "services": {"job": {"command": "exec sleep 600", "env": {"TOKEN": {"env": "TOKEN"}}}}}


def up(project, box, roles, env=None):
    project.write({box.name: {"lab": box.release, **roles}})
    return project.run("up", "-y", "--json", env=env or {})


def failure(ran, box):
    assert ran.code == 1 and "Traceback" not in ran.stderr
    return ran.report(box.name)["failed"]["error"]


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        ("ln -s /dev/null /root/.condarc", "leads to /dev/null, a device"),
        ("mkfifo /root/.condarc", "is a FIFO"),
        ("mkdir /root/.condarc", "is a directory"),
    ],
)
def test_what_is_no_file_is_refused_and_stays(project, box, ssh, make, kind):
    ssh(box, make)
    before = ssh(box, "stat -c '%F %a %t' /dev/null; stat -c '%F %N' /root/.condarc")

    error = failure(up(project, box, PYPI), box)

    assert error.startswith(f"/root/.condarc {kind}")
    assert ssh(box, "stat -c '%F %a %t' /dev/null; stat -c '%F %N' /root/.condarc") == before


def test_a_secret_given_away_is_taken_back(project, box, ssh):
    assert up(project, box, SECRET, {"TOKEN": "canary-t0ken"}).code == 0
    ssh(box, "useradd bob; chown -R bob:bob /etc/gpustrap/services/job; chmod 644 /etc/gpustrap/services/job/env")
    assert project.run("verify", env={"TOKEN": "canary-t0ken"}).code == 1

    ran = up(project, box, SECRET, {"TOKEN": "canary-t0ken"})

    assert ran.code == 0 and "canary" not in ran.stdout + ran.stderr
    assert ssh(box, "stat -c '%U:%G %a' /etc/gpustrap/services/job/env").strip() == "root:root 600"


@pytest.mark.parametrize("umask", ["000", "077"])
def test_the_umask_of_the_box_decides_nothing(project, box, ssh, umask):
    ssh(box, f"sed -i '1i umask {umask}' /root/.bashrc")

    assert (
        up(
            project, box, {**PYPI, "roles": ["mirrors", "services"], "services": SECRET["services"]}, {"TOKEN": "x"}
        ).code
        == 0
    )

    assert ssh(
        box, "stat -c '%a %n' /root/.condarc /etc/gpustrap/services/job/* /var/log/gpustrap/* /run/gpustrap"
    ).splitlines() == [
        "644 /root/.condarc",
        "644 /etc/gpustrap/services/job/command",
        "600 /etc/gpustrap/services/job/env",
        "755 /etc/gpustrap/services/job/files",
        "644 /etc/gpustrap/services/job/log-start",
        "755 /etc/gpustrap/services/job/run",
        "644 /etc/gpustrap/services/job/state",
        "640 /var/log/gpustrap/job.log",
        "700 /run/gpustrap",
    ]

"""apt on a box that others have set up: a source that is gone, a lock that is held, a file that would be asked about."""

from __future__ import annotations

import pytest

EXTRA = {"roles": ["base"], "base": {"packages": ["tmux"], "extra": ["hello-lab"]}}
# A package of our own in a repository of our own on the box, since nothing outside is reached.
REPOSITORY = r"""
mkdir -p /srv/repo /tmp/p/DEBIAN /tmp/p/etc
printf 'Package: hello-lab\nVersion: 1\nArchitecture: all\nMaintainer: lab <lab@lab.invalid>\nDescription: lab\n' >/tmp/p/DEBIAN/control
echo shipped >/tmp/p/etc/hello-lab.conf; echo /etc/hello-lab.conf >/tmp/p/DEBIAN/conffiles
dpkg-deb -b /tmp/p /srv/repo/hello.deb >/dev/null
cd /srv/repo && { cat /tmp/p/DEBIAN/control; echo Filename: ./hello.deb
echo Size: $(wc -c <hello.deb); echo SHA256: $(sha256sum hello.deb | cut -d ' ' -f 1); } >Packages
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/srv/repo ./' >/etc/apt/sources.list
"""


@pytest.fixture
def extra(project, box, ssh):
    ssh(box, REPOSITORY)
    project.write({box.name: {"lab": box.release, **EXTRA}})
    return project


def test_a_source_that_is_gone_is_named_and_stops_nothing(extra, box, ssh):
    ssh(box, "echo 'deb [trusted=yes] http://127.0.0.1:9/gone stable main' >/etc/apt/sources.list.d/third.list")

    ran = extra.run("up", "-y", "--json")

    assert ran.code == 0, ran.stderr
    assert ssh(box, "dpkg-query -W -f '${db:Status-Status}' hello-lab") == "installed"
    assert extra.run("up", "-y", "--json").report(box.name)["changed"] == []


def test_a_changed_configuration_file_asks_nothing_and_stays(extra, box, ssh):
    ssh(box, "echo mine >/etc/hello-lab.conf")

    assert extra.run("up", "-y", "--json").code == 0

    assert ssh(box, "cat /etc/hello-lab.conf").strip() == "mine"


def test_a_lock_is_waited_for(extra, box, ssh):
    ssh(
        box,
        """setsid python3 -I -c 'import fcntl, time
files = [open(f, "w") for f in ("/var/lib/dpkg/lock-frontend", "/var/lib/apt/lists/lock")]
for f in files: fcntl.lockf(f, fcntl.LOCK_EX)
open("/tmp/held", "w").close(); time.sleep(15)' >/dev/null 2>&1 &
until [ -e /tmp/held ]; do sleep 0.1; done""",
    )

    ran = extra.run("up", "-y", "--json")

    assert ran.code == 0, ran.stderr
    assert ran.report(box.name)["seconds"] > 5, "the lock was held for fifteen"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (": >/srv/repo/Packages", "no source of apt has hello-lab"),
        (
            "apt-get -q update >/dev/null; echo 'hello-lab hold' | dpkg --set-selections; apt-mark hold hello-lab >/dev/null",
            "hello-lab",
        ),
    ],
)
def test_a_package_that_cannot_be_had_is_named(extra, box, ssh, make, said):
    ssh(box, make)

    failed = extra.run("up", "-y", "--json").report(box.name)["failed"]

    assert (failed["role"], failed["operation"]) == ("base", "packages")
    assert said in failed["error"]

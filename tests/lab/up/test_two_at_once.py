"""Two runs on one box at the same time take turns; another project's box is refused until it is taken over."""

from __future__ import annotations

import re
import subprocess
from functools import cache

import pytest

from gpustrap.lab.targets import LabTarget

pytestmark = pytest.mark.one_release

ROLES = {
    "roles": ["network", "mirrors", "services"],
    "network": {"proxy": "http://proxy.invalid:3128"},
    "mirrors": {
        "pypi": "http://mirror.invalid/simple",
        "npm": "http://mirror.invalid/npm",
        "git": "http://mirror.invalid/https://github.com/",
    },
    "services": {"web": {"preset": "hello"}},
}
# Whoever is first works on the box for so long that the other one has to wait, however slow this machine is.
SLOW = {**ROLES, "services": {"web": {"preset": "hello", "command": "sleep 8; exec python3 hello.py {port}"}}}
OWNED_BY = re.compile(r"it is set up as '(\S+)', not as '(\S+)': its files and services would be replaced")


@pytest.fixture
def project_of(project, tmp_path):
    """`project_of("a/shop", box)`: a project in that folder, with a home of its own, whose instance `it` is the box."""

    @cache
    def of(folder: str, box: LabTarget, *, slow: bool = False):
        (tmp_path / folder).mkdir(parents=True)
        one = type(project)(tmp_path / folder)
        one.write(
            {"it": {"ssh": f"ssh -p {box.ssh_port} -i {box.key} root@{box.ssh_host}", **(SLOW if slow else ROLES)}}
        )
        return one

    return of


def begun(project):
    return subprocess.Popen(
        project.command("up", "-y", "--json"),
        cwd=project.folder,
        env=project.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def our_lines(ssh, box):
    """`FILE:LINE` of each line in the home's files that names us: the beginnings and ends of our blocks."""
    return ssh(box, "cd; grep gpustrap .gitconfig .bashrc .profile .npmrc 2>/dev/null || true").splitlines()


def test_two_runs_at_once_take_turns(project_of, box, ssh):
    runs = [begun(project_of(folder, box, slow=True)) for folder in ("mine/shop", "yours/shop")]
    ended = [(*run.communicate(timeout=240), run.returncode) for run in runs]

    assert [code for _, _, code in ended] == [0, 0], ended
    said = "".join(err for _, err, _ in ended)
    # "another run" where the lock was met in the moment before its holder had written who it is.
    assert re.search(r"it: waits for (\S+@\S+ \(process \d+\)|another run), who works on it", said), said
    lines = our_lines(ssh, box)
    assert len(lines) >= 4 and sorted(lines) == sorted(set(lines)), "a block stands twice"
    assert project_of("yours/shop", box, slow=True).up("it").changed("it") == []


def test_another_projects_box_is_refused_until_it_is_taken_over(project_of, box, ssh):
    project_of("mine/shop", box).up("it")
    other = project_of("mine/market", box)

    refused = other.run("up", "it", "-y", "--json")

    assert refused.code == 1
    failed = refused.report("it")["failed"]
    found = OWNED_BY.search(failed["error"])
    assert (failed["operation"], found and found.groups()) == ("owner", ("shop/it", "market/it"))
    assert "`gpustrap up it --take-over`" in refused.stderr
    assert ssh(box, "cat /var/lib/gpustrap/owner") == "shop/it"

    assert other.run("up", "it", "-y", "--take-over").code == 0
    assert other.up("it").changed("it") == []

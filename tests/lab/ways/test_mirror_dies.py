"""A mirror that was measured, chosen and dies: the `up` that meets it says so, the next takes another."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from gpustrap.catalog.mirrors import mirrors_of
from registry_mirror import mirroring

pytestmark = pytest.mark.one_release
FIRST, SECOND = [urlsplit(row.url).hostname for row in mirrors_of("apt", "cn") if row.distro == "debian"][1:3]


def test_a_chosen_mirror_that_dies_leaves_its_place_to_another(project, box, bridge, ssh):
    dead = {SECOND}
    ssh(box, f"printf '{bridge} {FIRST}\\n{bridge} {SECOND}\\n' >>/etc/hosts")

    def wants(*packages):
        described = {"lab": box.release, "mirrors": {"measure": True, "apt": "auto"}, "base": {"extra": [*packages]}}
        project.write({box.name: {**described, "roles": ["mirrors", "base"]}}, region="cn")

    def chosen():
        return urlsplit(json.loads(ssh(box, "cat /var/lib/gpustrap/mirrors.json"))["chosen"]["apt"]).hostname

    def asked():
        return ssh(box, 'apt-get --print-uris update | sed -n "s,^\'http://\\([^/]*\\)/.*,\\1,p" | sort -u')

    index = "debian/dists/bookworm/InRelease", "debian/dists/bookworm/main/binary-amd64/Packages.xz"
    with mirroring(bridge, 80, dead):
        # A mirror has its index; ours asks for it here, not while this machine's DNS is asked for thirty other names.
        ssh(box, "; ".join(f"curl -fsS -o /dev/null http://{FIRST}/{each}" for each in index))
        wants("tree")
        assert "base | packages" in project.up().changed(box.name)
        assert (chosen(), asked()) == (FIRST, FIRST)

        dead ^= {FIRST, SECOND}
        wants("tree", "hello")
        failed = project.run("up", "-y", "--json").report(box.name)["failed"]
        assert (failed["role"], failed["operation"]) == ("base", "packages")
        assert FIRST in failed["error"]

        assert {"mirrors | apt", "base | packages"} <= set(project.up().changed(box.name))
        assert (chosen(), asked()) == (SECOND, SECOND)
        assert ssh(box, "dpkg -s hello | grep -c '^Status: install ok'") == "1"
        assert project.up().changed(box.name) == []

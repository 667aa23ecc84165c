"""A changed service on a real box: the version that was ready runs on where the new one does not get so."""

from __future__ import annotations

import pytest

SERVE = "exec python3 -m http.server 8080 --bind {}"


def wants(project, box, **service):
    web = {"port": 8080, "health": "/", "ready_seconds": 3, **service}
    project.write({box.name: {"lab": box.release, "roles": ["services"], "services": {"web": web}}})


@pytest.mark.one_release
def test_the_old_one_runs_again_and_svc_rollback_goes_back_later(project, box, ssh, get):
    wants(project, box, command=SERVE.format("0.0.0.0"), env={"MODE": "one"})
    project.up()

    wants(project, box, command=SERVE.format("127.0.0.1"), env={"MODE": "bad"})
    ran = project.run("up", "-y", "--json")

    failed = ran.report(box.name)["failed"]["error"]
    assert ran.code == 1 and "web listens on 127.0.0.1 only" in failed, failed
    assert "the version before runs again, nobody answered for" in failed
    assert "in /var/lib/gpustrap/units/web/failed" in failed
    assert get(f"{box.url}/") and ssh(box, "cat /var/lib/gpustrap/units/web/failed/unit/env").endswith("MODE=bad")

    wants(project, box, command=SERVE.format("0.0.0.0"), env={"MODE": "two"})
    project.up()
    assert project.up().changed(box.name) == []
    rolled = project.run("svc", "rollback", "web")
    assert rolled.code == 0 and "brings back what hosts.yml says" in rolled.stderr, rolled.stderr
    assert get(f"{box.url}/") and ssh(box, "cat /etc/gpustrap/services/web/env").endswith("MODE=one")
    project.up()
    assert ssh(box, "cat /etc/gpustrap/services/web/env").endswith("MODE=two")

    project.revert()
    assert ssh(box, "ls /var/lib/gpustrap 2>&1 || true").endswith("No such file or directory")

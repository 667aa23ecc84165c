"""`--diff` shows what changes inside of files, in a plan and in a run; a secret stays one."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.one_release


def test_lines_are_shown_and_secrets_are_not(project, box, monkeypatch):
    monkeypatch.setenv("TOKEN", "hush-hush-1")
    web = {"command": "exec sleep 1000", "env": {"MODE": "fast", "TOKEN": {"env": "TOKEN"}}}
    instance = {"lab": box.release, "roles": ["services"]}
    project.write({box.name: {**instance, "services": {"web": web}}})
    project.up()

    web = {**web, "command": "exec sleep 2000"}
    project.write({box.name: {**instance, "services": {"web": web, "new": {"command": "exec sleep 5000"}}}})
    monkeypatch.setenv("TOKEN", "hush-hush-2")
    plain, shown = project.run("plan"), project.run("plan", "--diff")

    assert plain.code == shown.code == 3
    assert "sleep 2000" not in plain.stderr
    for line in ("-exec sleep 1000", "+exec sleep 2000", "+exec sleep 5000"):
        assert line in shown.stderr, shown.stderr
    assert "/etc/gpustrap/services/web/command: updated" in shown.stderr
    assert "hush" not in shown.stderr

    run = project.run("up", "-y", "--diff")
    assert run.code == 0 and "+exec sleep 2000" in run.stderr and "hush" not in run.stderr, run.stderr
    project.write({box.name: {**instance, "services": {"web": web}}})
    assert "stopped and removed: new (not in hosts.yml)" in project.run("up", "-y").stderr
    assert project.run("plan", "--diff").code == 0

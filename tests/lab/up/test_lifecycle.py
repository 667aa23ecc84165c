"""What a person lives through with one instance: fresh, again, drift, a dead service, a reset, a killed run."""

from __future__ import annotations

import re

import pytest

from gpustrap.lab import targets

KEPT = "/var/lib/gpustrap/kept"


def managed_paths(ssh, box):
    """Every path that gpustrap has written to on the box, from its own records of what was there before."""
    listed = ssh(box, f"cd {KEPT} && find . -type f ! -name .made").splitlines()
    return sorted({"/" + path.split("/", 2)[2] for path in listed})


def operations_by_path(ran):
    """Path → the operation that has written it, from what a run says to a person."""
    found, operation = {}, None
    for line in ran.stderr.splitlines():
        if changed := re.match(r"changed +\S+: (.*)", line):
            operation = changed[1]
        elif path := re.match(r" +(/\S+): ", line):
            found[path[1]] = operation
    return found


def test_fresh_box_becomes_the_users_machine(everything, box, get):
    report = everything.up().report(box.name)

    assert report["ok"] and report["failed"] is None
    assert report["services"]["web"] == {"url": box.url, "local_url": "http://127.0.0.1:8080", "healthy": True}
    assert get(f"{box.url}/ping") == "PONG BY 0.0.0.0:8080"
    assert get(f"{box.url}/anything") == "HELLO, GPUSHARE!"


@pytest.mark.one_release
def test_second_up_changes_nothing_and_needs_three_execs_at_most(everything, box):
    everything.up()
    before = targets.sessions(box.name)

    report = everything.up().report(box.name)

    after = targets.sessions(box.name)
    assert report["changed"] == [] and report["uploads"] == 0
    assert report["execs"] == after["execs"] - before["execs"] <= 3
    assert after["connections"] - before["connections"] == 1
    assert after["sftp"] == before["sftp"]


@pytest.mark.one_release
def test_up_reports_as_many_execs_as_sshd_counts_on_a_fresh_box(everything, box):
    report = everything.up().report(box.name)

    assert report["execs"] == targets.sessions(box.name)["execs"]


@pytest.mark.one_release
def test_drift_of_each_managed_file_is_undone_by_its_operation_alone(everything, box, ssh):
    made_by = operations_by_path(everything.up())
    paths = managed_paths(ssh, box)
    assert len(paths) >= 15
    look = f"cat {' '.join(paths)}; stat -c '%a %U' {' '.join(paths)}"
    before = ssh(box, look)
    for drifted in (paths, paths[::2], paths[1::2]):
        # In a block, its first line is changed; in a whole file as well. Where keys are set, one of them: what cannot be read
        # any more would be a person's.
        keys, line = "*/pip.conf | */uv.toml | */.condarc", "0,/^[^#].*/s//drifted/"
        edit = f"case $path in {keys}) sed -i s,http://mirror,http://drifted, $path ;; *) sed -i '{line}' $path ;; esac"
        ssh(box, f"for path in {' '.join(drifted)}; do {edit}; done")
        assert ssh(box, f"grep -l drifted {' '.join(paths)}").split() == drifted

        changed = everything.up().changed(box.name)

        assert set(changed) == {made_by[path] for path in drifted}
        assert ssh(box, look) == before
    assert everything.up().changed(box.name) == []


@pytest.mark.one_release
def test_a_changed_mode_is_undone(everything, box, ssh):
    everything.up()
    ssh(box, "chmod 666 /etc/gpustrap/services/web/env")

    assert everything.up().changed(box.name) == ["services | web: files"]
    assert ssh(box, "stat -c %a /etc/gpustrap/services/web/env") == "600"


@pytest.mark.one_release
def test_what_others_wrote_beside_a_block_stays(everything, box, ssh):
    ssh(box, "printf '[user]\\n\\tname = me\\n' >/root/.gitconfig; printf 'email=me' >/root/.npmrc")
    everything.up()

    assert ssh(box, "git config --global user.name") == "me"
    assert ssh(box, "sed -n 1p /root/.npmrc") == "email=me"


def test_a_setting_taken_away_brings_back_what_was_there_byte_for_byte(everything, settings, box, ssh):
    look = (
        "for f in /root/.npmrc /root/.gitconfig /root/.bashrc /etc/apt/sources.list /root/.condarc; do"
        " [ -e $f ] && { echo $f; stat -c %a $f; sha256sum <$f; }; done; true"
    )
    ssh(
        box,
        "printf 'email=me' >/root/.npmrc; printf '[user]\\n\\tname = me\\n' >/root/.gitconfig;"
        " printf 'channels: [mine]\\n' >/root/.condarc; chmod 640 /root/.condarc /root/.npmrc",
    )
    everything.write({box.name: {"lab": box.release, "roles": ["network", "mirrors"]}})
    everything.up()
    before = ssh(box, look)
    everything.write({box.name: {"lab": box.release, **settings, "roles": ["network", "mirrors"]}})
    everything.up()
    assert ssh(box, look) != before

    everything.write({box.name: {"lab": box.release, "roles": ["network", "mirrors"]}})
    everything.up()

    assert ssh(box, look) == before


@pytest.mark.one_release
def test_a_killed_service_is_restored(hello, box, ssh, get):
    hello.up()
    ssh(box, "tmux -L gpustrap kill-server")

    assert hello.up().changed(box.name) == ["services | web: runs and is ready"]
    assert get(f"{box.url}/ping") == "PONG BY 0.0.0.0:8080"


@pytest.mark.one_release
def test_a_service_that_dies_is_started_again_by_itself(hello, box, ssh):
    hello.up()
    first = ssh(box, "pgrep -f 'python3 hello.py'")
    ssh(
        box,
        f"kill -9 {first.splitlines()[0]}; i=0; until curl -fsS 127.0.0.1:8080/ping 2>/dev/null;"
        " do i=$((i+1)); [ $i -lt 100 ] || exit 1; sleep 0.1; done",
    )

    assert ssh(box, "pgrep -f 'python3 hello.py'") != first
    assert hello.up().changed(box.name) == []


@pytest.mark.one_release
def test_a_service_whose_settings_changed_is_restarted_and_one_taken_away_ends(hello, box, ssh):
    hello.up()
    web = {"preset": "hello", "env": {"A": "b"}}
    hello.write({box.name: {"lab": box.release, "roles": ["services"], "services": {"web": web}}})
    assert hello.up().changed(box.name) == ["services | web: files", "services | web: runs and is ready"]

    hello.write({box.name: {"lab": box.release, "roles": ["services"]}})
    assert hello.up().changed(box.name) == [
        "services | nothing else runs",
        "services | they come back after a restart",
    ]

    assert ssh(box, "tmux -L gpustrap list-sessions 2>&1 | grep -c web || true") == "0"
    assert ssh(box, "ls /etc/gpustrap/services") == ""


@pytest.mark.one_release
def test_a_service_that_is_to_run_once_runs_once(project, box, ssh):
    job = {"command": "echo ran >>/data/job", "restart": "never"}
    project.write({box.name: {"lab": box.release, "roles": ["services"], "services": {"job": job}}})
    project.up()

    assert project.up().changed(box.name) == []
    assert ssh(box, "cat /data/job") == "ran"


def test_after_a_reset_all_is_back_and_data_is_kept(everything, box, ssh, get):
    everything.up()
    ssh(box, "echo mine >/data/file")
    reset = targets.reset(box.name)

    report = everything.up().report(box.name)

    assert len(report["changed"]) > 5
    assert get(f"{reset.url}/ping") == "PONG BY 0.0.0.0:8080"
    assert ssh(reset, "cat /data/file") == "mine"
    assert everything.up().changed(box.name) == []


@pytest.mark.one_release
@pytest.mark.parametrize("changes", [1, 4, 8])
def test_after_sigkill_in_the_middle_the_next_run_converges(everything, box, ssh, get, changes):
    seen = everything.killed_after(changes, "up", "-y")
    assert seen == changes

    everything.up()

    assert get(f"{box.url}/ping") == "PONG BY 0.0.0.0:8080"
    assert everything.up().changed(box.name) == []
    leftovers = ssh(
        box, "find / -xdev -name '*.new.*' -not -path '/proc/*' -o -xdev -path '/var/lib/gpustrap/in.*' -prune"
    )
    assert leftovers == ""

"""Replayed facts never change a result: `--no-replay` gives the same operations, on the same box."""

from __future__ import annotations

import pytest

from gpustrap.lab import targets

pytestmark = pytest.mark.one_release


def without_costs(ran, name):
    """A report less what may differ: time and round trips."""
    report = ran.report(name)
    return {key: value for key, value in report.items() if key not in ("execs", "seconds")}


def same_plan_both_ways(project, box):
    replayed, plain = project.run("plan", "--json"), project.run("plan", "--no-replay", "--json")
    assert replayed.code == plain.code, replayed.stderr + plain.stderr
    assert without_costs(replayed, box.name) == without_costs(plain, box.name)
    return replayed


def test_plans_are_the_same_fresh_converged_and_drifted(everything, box, ssh):
    fresh = same_plan_both_ways(everything, box)
    assert fresh.code == 3 and len(fresh.changed(box.name)) > 5

    everything.up()
    assert same_plan_both_ways(everything, box).code == 0

    ssh(
        box,
        "sed -i s/mirror/drift/ /root/.condarc; tmux -L gpustrap kill-server; rm /etc/profile.d/gpustrap-mirrors.sh",
    )
    drifted = same_plan_both_ways(everything, box)
    assert drifted.changed(box.name) == [
        "mirrors | conda",
        "mirrors | environment",
        "services | web: runs and is ready",
    ]


# For both boxes, since a proxy's exceptions hold the box's own name.
ONE_NAME = r"""printf '#!/bin/sh\n/usr/bin/uname "$@" | sed "s/$(/usr/bin/uname -n)/box/"\n' >/usr/local/bin/uname
chmod 755 /usr/local/bin/uname"""


@pytest.mark.parametrize("drift", [None, "sed -i s/mirror/drift/ /root/.condarc; tmux -L gpustrap kill-server"])
def test_up_ends_the_same_with_and_without_replay(project, settings, make_box, ssh, drift):
    """Two boxes, one made with replay and one without, get the same operations and the same files."""
    changed, states = [], []
    for more in ([], ["--no-replay"]):
        box = make_box()
        ssh(box, ONE_NAME)
        project.write({box.name: {"lab": box.release, **settings}})
        if drift is not None:
            assert project.run("up", "-y", *more).code == 0
            ssh(box, drift)
        ran = project.run("up", "-y", "--json", *more)
        assert ran.code == 0, ran.stderr
        changed.append(ran.changed(box.name))
        states.append(
            ssh(
                box,
                "cd / && find etc/gpustrap etc/profile.d root -type f ! -path '*/.cache/*' ! -path '*/.ssh/*'"
                " ! -name state ! -name log-start ! -name log-lost"
                " -exec stat -c '%n %a' {} + -exec sha256sum {} + | sort",
            )
        )

    assert changed[0] == changed[1] != []
    assert states[0] == states[1]


def test_a_run_that_changes_nothing_is_one_exec_and_sees_what_drifted(everything, box, ssh):
    everything.up()
    for verb in (("plan",), ("up", "-y"), ("verify",)):
        before = targets.sessions(box.name)["execs"]
        report = everything.run(*verb, "--json").report(box.name)
        assert report["execs"] == targets.sessions(box.name)["execs"] - before == 1, verb

    ssh(box, "sed -i s/mirror/drift/ /root/.condarc")
    ran = everything.run("up", "-y", "--json")
    assert (ran.code, ran.changed(box.name)) == (0, ["mirrors | conda"])

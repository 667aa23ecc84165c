"""`up`, then `revert`: what a person did in between stays, what gpustrap did goes, and it can be done again."""

from __future__ import annotations

import pytest

SOURCES = "/etc/apt/sources.list.d/debian.sources"
BEFORE = f"sha256sum /root/.bashrc /etc/environment; stat -c '%a %U' /root/.bashrc; ls -A /root /etc/profile.d /etc; cat {SOURCES}"


@pytest.mark.one_release
def test_what_a_person_did_since_stays_and_is_said(everything, box, ssh, get):
    before, apt = ssh(box, BEFORE), ssh(box, f"cat {SOURCES}")
    ssh(box, "printf 'registry=http://mine\\n' >/root/.npmrc")
    everything.up()
    ssh(
        box,
        f"echo '# mine' >>{SOURCES}; sed -i 's/^timeout.*/timeout = 5/' /root/.config/pip/pip.conf;"
        " sed -i 's,^registry=http://mirror.invalid.*,registry=http://other,' /root/.npmrc;"
        " echo result >/etc/gpustrap/services/web/result; git config --global user.name me",
    )
    planned = everything.run("revert", box.name, "--plan")
    assert planned.code == 3 and get(f"{box.url}/ping") == "PONG BY 0.0.0.0:8080"

    notes = everything.revert().report(box.name)["notes"]

    assert sorted(notes) == sorted(
        [
            f"{SOURCES} stays: it was changed since gpustrap wrote it; "
            "what stood there before is in /var/lib/gpustrap/left",
            "the block mirrors in /root/.npmrc stays: it was changed since gpustrap wrote it",
            "global.timeout in /root/.config/pip/pip.conf stays as it is: it was changed since gpustrap set it",
            "/etc/gpustrap/services/web stays: it holds 1 file not written by gpustrap",
            "/usr/local/bin/uv stays: the role python has installed it",
        ]
    )
    assert ssh(box, f"tail -n 1 {SOURCES}; cat /var/lib/gpustrap/left{SOURCES}") == f"# mine\n{apt}"
    assert ssh(box, "cat /root/.config/pip/pip.conf /root/.gitconfig") == "[global]\ntimeout = 5\n[user]\n\tname = me"
    assert "registry=http://other" in ssh(box, "cat /root/.npmrc")
    assert ssh(
        box, "cat /etc/gpustrap/services/web/*; ls -A /var/lib/gpustrap; pgrep -f 'python3 hello[.]py' || echo ended"
    ) == ("result\nleft\nended")
    assert everything.revert().changed(box.name) == []
    ssh(
        box,
        f"cp /var/lib/gpustrap/left{SOURCES} {SOURCES}; rm -r /etc/gpustrap /root/.npmrc /root/.gitconfig /root/.config",
    )
    assert ssh(box, BEFORE) == before


def test_a_box_is_as_before_byte_for_byte_but_for_what_is_said_to_stay(everything, box, standing, unsaid):
    before = standing(box)
    everything.up()
    assert len(unsaid(before ^ standing(box), [])) > 50

    notes = everything.revert().report(box.name)["notes"]

    assert notes == ["/usr/local/bin/uv stays: the role python has installed it"]
    assert unsaid(before ^ standing(box), notes) == []
    assert everything.revert().changed(box.name) == []


@pytest.mark.one_release
def test_after_sigkill_in_the_middle_the_next_revert_ends_it(everything, box, standing, unsaid):
    before = standing(box)
    everything.up()
    assert everything.killed_after(2, "revert", "-y") == 2

    notes = everything.revert().report(box.name)["notes"]

    assert notes == ["/usr/local/bin/uv stays: the role python has installed it"]
    assert unsaid(before ^ standing(box), notes) == []


@pytest.mark.one_release
def test_one_role_goes_alone_and_after_all_went_up_begins_anew(everything, settings, box, ssh, get):
    everything.up()
    everything.write({box.name: {"lab": box.release, **settings, "roles": ["mirrors", "services"]}})
    said = everything.up().stderr
    assert f"network is not among the roles any more; what it set stays until `gpustrap revert {box.name}" in said
    assert "mirrors is not among" not in said
    everything.write({box.name: {"lab": box.release, **settings}})
    (changed,) = everything.run("revert", box.name, "--roles", "mirrors", "-y", "--json").changed(box.name)
    assert changed == "mirrors | files"
    assert ssh(box, "cat /root/.npmrc 2>&1 | tail -n 1; ls /etc/profile.d | grep gpustrap").endswith(
        "No such file or directory\ngpustrap-network.sh\nzzzz-gpustrap-network.sh\nzzzz-gpustrap-services.sh"
    )
    assert get(f"{box.url}/ping") == "PONG BY 0.0.0.0:8080"
    everything.revert()

    assert len(everything.up().changed(box.name)) > 5
    assert get(f"{box.url}/ping") == "PONG BY 0.0.0.0:8080"
    assert everything.up().changed(box.name) == []

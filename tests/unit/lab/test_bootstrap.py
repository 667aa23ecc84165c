from __future__ import annotations

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.lab import bootstrap
from gpustrap.lab.bootstrap import Root

DEBIAN = "http://mirror.example/debian/"
ROOT = Root("bookworm", ("tmux", "git"), "echo 'in it'")


@pytest.mark.parametrize(
    ("listed", "mirror"),
    [
        ([DEBIAN, DEBIAN, "http://mirror.example/debian-security/"], [DEBIAN]),
        (["https://packages.example/linux/", DEBIAN], [DEBIAN]),
        (["http://mirror.example/ubuntu/"], []),
        (["file:/srv/debian/"], []),
        ([], []),
    ],
)
def test_debootstrap_takes_the_debian_mirror_of_this_machines_apt(programs, listed, mirror):
    programs(apt_get=f"printf '%s\\n' {' '.join(listed)}")
    assert bootstrap.apt_mirror() == mirror


@pytest.mark.parametrize(
    ("log", "line"),
    [
        ("I: Retrieving InRelease\nE: Failed getting release file\n", "E: Failed getting release file"),
        (
            "tar: root: Cannot open: No space left on device\n",
            "tar: root: Cannot open: No space left on device",
        ),
        ("\n", "it ended without a word"),
    ],
)
def test_a_failed_build_step_says_its_reason(log, line):
    assert bootstrap.reason(log) == line


@pytest.mark.parametrize(("uid", "builder"), [(0, "debootstrap"), (1000, "mmdebstrap")])
def test_root_builds_by_debootstrap_and_others_without_root(programs, monkeypatch, uid, builder):
    monkeypatch.setattr("os.geteuid", lambda: uid)
    programs(only=True)
    assert not bootstrap.can_build()
    programs(only=True, **{builder: ""})
    assert bootstrap.can_build()


def test_without_root_the_builder_makes_the_tar_itself_and_finishes_it(programs, monkeypatch, tmp_path):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    programs(mmdebstrap='printf "%s\\n" "$@"; exit 3', apt_get=f"echo {DEBIAN}")
    words = ["--mode=unshare", "--variant=minbase", "--include=tmux,git"]
    words += [f"--customize-hook={bootstrap.SOURCES_AS_DEBOOTSTRAP_HAS_THEM}; "]
    words[-1] += "chroot \"$1\" sh -c 'echo '\"'\"'in it'\"'\"'' sh bookworm"
    words += ["bookworm", str(tmp_path / "root.tar"), DEBIAN]
    monkeypatch.setattr(bootstrap, "reason", lambda log: log)
    with pytest.raises(InstanceFailed) as failed:
        bootstrap.build(ROOT, tmp_path)
    assert str(failed.value) == "mmdebstrap: " + "".join(f"{word}\n" for word in words)

from __future__ import annotations

import pytest

from gpustrap.errors import BadInput, InstanceFailed
from gpustrap.lab import images
from gpustrap.lab.engine import Engine
from gpustrap.lab.images import Recipe

DEBIAN = "http://mirror.example/debian/"


def test_an_unknown_release_gets_the_nearest_one():
    with pytest.raises(BadInput) as refused:
        images.check_release("debian12")
    assert str(refused.value) == ("no lab release 'debian12', expected debian-12 or debian-11; nearest: 'debian-12'")


@pytest.mark.parametrize(
    "changed", [{"packages": ("nano",)}, {"finish": "true"}, {"release": "debian-11"}, {"repository": "x"}]
)
def test_another_recipe_has_another_digest(changed):
    assert Recipe(**{"release": "debian-12", **changed}).digest != Recipe("debian-12").digest


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
    assert images.apt_mirror() == mirror


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
    assert images.reason(log) == line


@pytest.mark.parametrize(
    ("there", "uid", "text"),
    [
        (
            {},
            0,
            "building a lab image needs debootstrap\n"
            "hint: brew install podman && podman machine init && podman machine start",
        ),
        (
            {"debootstrap": ""},
            1000,
            "building a lab image with debootstrap needs root\n"
            "hint: run `lab up` once as root, or set GPUSTRAP_LAB_REGISTRY, for example to docker.io/library",
        ),
    ],
)
def test_a_machine_that_cannot_build_says_what_it_lacks(programs, monkeypatch, there, uid, text):
    programs(only=True, **there)
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    monkeypatch.setattr("os.geteuid", lambda: uid)
    with pytest.raises(InstanceFailed) as failed:
        images.check_debootstrap()
    assert str(failed.value) == text


def test_a_registry_that_does_not_answer_is_said_and_passed_over(programs, tmp_path, monkeypatch):
    programs(podman="echo 'Error: initializing source: i/o timeout' >&2; exit 125")
    monkeypatch.setenv("GPUSTRAP_LAB_REGISTRY", "registry.example/library")
    said: list[str] = []
    assert not images.pull(Engine("podman", str(tmp_path / "bin/podman"), {}), Recipe("debian-12"), said.append)
    assert said == [
        "pulling registry.example/library/debian:bookworm-slim",
        "podman pull: Error: initializing source: i/o timeout; building with debootstrap instead",
    ]


def test_no_registry_is_asked_unless_one_is_named(programs, tmp_path, monkeypatch):
    programs(podman=f"touch {tmp_path}/asked")
    monkeypatch.delenv("GPUSTRAP_LAB_REGISTRY", raising=False)
    assert not images.pull(Engine("podman", str(tmp_path / "bin/podman"), {}), Recipe("debian-12"), print)
    assert not (tmp_path / "asked").exists()

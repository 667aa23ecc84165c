from __future__ import annotations

import pytest

from gpustrap.errors import BadInput, InstanceFailed
from gpustrap.lab import images
from gpustrap.lab.engine import Engine
from gpustrap.lab.images import Recipe


def test_an_unknown_release_gets_the_nearest_one():
    with pytest.raises(BadInput) as refused:
        images.check_release("debian12")
    assert str(refused.value) == ("no lab release 'debian12', expected debian-12 or debian-11; nearest: 'debian-12'")


@pytest.mark.parametrize(
    "changed", [{"packages": ("nano",)}, {"finish": "true"}, {"release": "debian-11"}, {"repository": "x"}]
)
def test_another_recipe_has_another_digest(changed):
    assert Recipe(**{"release": "debian-12", **changed}).digest != Recipe("debian-12").digest


def test_a_registry_that_does_not_answer_is_said_and_passed_over(programs, tmp_path, monkeypatch):
    programs(podman="echo 'Error: initializing source: i/o timeout' >&2; exit 125", debootstrap="", mmdebstrap="")
    monkeypatch.setenv("GPUSTRAP_LAB_REGISTRY", "registry.example/library")
    said: list[str] = []
    assert not images.pull(Engine("podman", str(tmp_path / "bin/podman"), {}), Recipe("debian-12"), said.append)
    assert said == [
        "pulling registry.example/library/debian:bookworm-slim",
        "podman pull: Error: initializing source: i/o timeout; building the image here instead",
    ]


def test_where_nothing_builds_the_usual_registry_is_asked_and_its_silence_is_the_end(programs, tmp_path, monkeypatch):
    programs(only=True, podman="echo 'Error: initializing source: i/o timeout' >&2; exit 125")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.delenv("GPUSTRAP_LAB_REGISTRY", raising=False)
    said: list[str] = []
    with pytest.raises(InstanceFailed) as failed:
        images.pull(Engine("podman", str(tmp_path / "bin/podman"), {}), Recipe("debian-12"), said.append)
    assert said == ["pulling docker.io/library/debian:bookworm-slim"]
    assert str(failed.value) == (
        "podman pull: Error: initializing source: i/o timeout\n"
        "hint: `sudo apt-get install mmdebstrap` on Debian and Ubuntu, or name a registry that answers: "
        "GPUSTRAP_LAB_REGISTRY=docker.io/library"
    )


def test_no_registry_is_asked_where_the_image_can_be_built(programs, tmp_path, monkeypatch):
    programs(podman=f"touch {tmp_path}/asked", debootstrap="", mmdebstrap="")
    monkeypatch.delenv("GPUSTRAP_LAB_REGISTRY", raising=False)
    assert not images.pull(Engine("podman", str(tmp_path / "bin/podman"), {}), Recipe("debian-12"), print)
    assert not (tmp_path / "asked").exists()

from __future__ import annotations

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.lab import prepare
from gpustrap.lab.flavour import RELEASES, flavour_names


@pytest.fixture
def made(monkeypatch):
    """What is made, in this order; nothing is."""
    steps = []
    monkeypatch.setattr(prepare, "install_missing", lambda _say: steps.append("programs"))
    monkeypatch.setattr(prepare, "find_engine", lambda: "engine")
    monkeypatch.setattr(prepare, "ensure_image", lambda _engine, release, _say: steps.append(release))
    monkeypatch.setattr(
        prepare, "ensure_flavour", lambda _engine, release, flavour, _say: steps.append(f"{release} {flavour.name}")
    )
    return steps


def test_the_programs_then_every_release_then_every_flavour(made):
    assert prepare.main() == 0
    newest = RELEASES[0]
    assert made == ["programs", *RELEASES, *(f"{newest} {name}" for name in flavour_names())]


def test_what_cannot_be_had_is_said(made, monkeypatch, capsys):
    def refuse(*_words):
        raise InstanceFailed("debootstrap: no network")

    monkeypatch.setattr(prepare, "ensure_image", refuse)
    assert (prepare.main(), capsys.readouterr().out, made) == (1, "debootstrap: no network\n", ["programs"])

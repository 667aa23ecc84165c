from __future__ import annotations

import pytest

from gpustrap.cli import exit, lab
from gpustrap.cli.main import app
from gpustrap.lab import targets

HOSTS = """defaults: {roles: []}
instances:
  av: {lab: debian-11, flavour: vast}
  plain: {lab: debian-11}
  rented: {ssh: ssh root@192.0.2.1}
"""


@pytest.fixture
def made(tmp_path, monkeypatch):
    """What `lab up` is to make, as the lab is told."""
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text(HOSTS)
    monkeypatch.chdir(tmp_path)
    asked: list[tuple[str, str | None, str | None]] = []
    monkeypatch.setattr(
        targets, "up", lambda name, release, _say, *, flavour, **_: asked.append((name, release, flavour))
    )
    monkeypatch.setattr(lab, "show", lambda _target: None)
    return asked


@pytest.mark.parametrize(
    ("words", "release", "flavour"),
    [
        (["av"], "debian-11", "vast"),
        (["plain"], "debian-11", None),
        (["rented"], None, None),
        (["other"], None, None),
        (["av", "--flavour", "autodl"], None, "autodl"),
        (["av", "--release", "debian-12"], "debian-12", None),
    ],
)
def test_a_target_is_made_as_hosts_yml_says_unless_asked_for_otherwise(made, words, release, flavour):
    assert exit.run(app, ["lab", "up", *words]) == 0
    assert made == [(words[0], release, flavour)]

"""`doctor --fix` writes what leaves the choice to what is measured, and overrules nobody."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from gpustrap import content
from gpustrap.resolve.net.judge import Verdict
from gpustrap.run.fix import fix, safe_settings

MEND = "its own proxy: `network: {proxy: provider}` in hosts.yml"


def verdict(subject, state="blocked", mend=""):
    return Verdict(subject, subject, "x.lan", state, "black_hole", "packets vanish", mend)


@pytest.fixture
def instance(monkeypatch):
    """`instance(mirrors={…}, network={…})`: with these roles alone."""
    monkeypatch.syspath_prepend(content.builtin_root())

    def of(pasted=None, **roles):
        models = {role: content.role_module(role, "settings").Settings(**told) for role, told in roles.items()}
        return SimpleNamespace(name="a", settings=models, pasted=pasted)

    return of


@pytest.mark.parametrize(
    ("roles", "verdicts", "settings"),
    [
        ({"mirrors": {}}, [verdict("pip"), verdict("npm")], [("mirrors", "measure", "true")]),
        ({"mirrors": {}}, [verdict("pip", "slow"), verdict("github"), verdict("box")], []),
        ({"mirrors": {"pypi": "USTC"}}, [verdict("pip")], []),
        ({"mirrors": {"measure": True}}, [verdict("pip")], []),
        ({"network": {}}, [verdict("hf", mend=MEND)], [("network", "proxy", "provider")]),
        ({"network": {"proxy": "none"}}, [verdict("hf", mend=MEND)], []),
        ({}, [verdict("pip"), verdict("hf", mend=MEND)], []),
    ],
)
def test_a_blocked_service_whose_place_nobody_has_written(instance, roles, verdicts, settings):
    assert list(safe_settings(instance(**roles), verdicts)) == settings


@pytest.mark.parametrize(
    ("text", "said"),
    [("instances:\n  a:\n    ssh: ssh a\n", "hosts.yml says"), ("instances:\n  a: {ssh: ssh a}\n", "by hand")],
)
def test_each_is_written_once_and_said(tmp_path: Path, instance, text, said):
    path = tmp_path / "inventory" / "hosts.yml"
    path.parent.mkdir()
    path.write_text(text)
    (line,) = fix(tmp_path, instance(mirrors={}), [verdict("pip")])
    assert said in line and "`mirrors: {measure: true}`" in line
    assert ("measure" in path.read_text()) == (said == "hosts.yml says")


def test_what_was_pasted_stands_in_no_file(instance):
    assert list(fix(Path("/nonexistent"), instance("ssh a", mirrors={}), [verdict("pip")])) == []

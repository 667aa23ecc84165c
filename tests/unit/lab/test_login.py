from __future__ import annotations

from types import SimpleNamespace

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.lab import login
from gpustrap.lab.login import running_box


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "the lab target is not there\nhint: `gpustrap up demo` makes it"),
        (
            SimpleNamespace(is_unfinished=True, state="created"),
            "the lab target is not there\nhint: `gpustrap up demo` makes it",
        ),
        (
            SimpleNamespace(is_unfinished=False, state="exited"),
            "the lab target is stopped\nhint: `gpustrap lab up demo` starts it",
        ),
    ],
)
def test_looking_makes_no_lab_target_and_starts_none(monkeypatch, found, said):
    monkeypatch.setattr(login, "find_engine", lambda: None)
    monkeypatch.setattr(login, "find_box", lambda _engine, _name: found)
    monkeypatch.setattr(login, "make_ready", lambda *_: pytest.fail("made"))
    with pytest.raises(InstanceFailed) as failed:
        running_box("demo")
    assert str(failed.value) == said

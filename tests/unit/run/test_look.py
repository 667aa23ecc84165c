from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.inventory.instance import Instance
from gpustrap.inventory.ssh import SshTarget
from gpustrap.run import look as looking
from gpustrap.run.connection import Reach


class FakeSession:
    """Stands for a connection: `fails` is what connecting raises."""

    def __init__(self, survey, fails=None):
        self.found, self.fails, self.closed = survey, fails, False

    def connect(self):
        if self.fails:
            raise self.fails

    def survey(self):
        return self.found

    def close(self):
        self.closed = True


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (InstanceFailed("it does not answer", operation="connect"), "connect: it does not answer"),
        (EOFError(), "the connection was lost (EOFError)\nhint: run the same command again: it goes on where it was"),
        (ValueError("abc"), "an answer that gpustrap cannot read (ValueError: abc)\n"
         "hint: `gpustrap --debug …` shows where; please report it"),
    ],
)  # fmt: skip
def test_what_one_instance_does_is_its_own_failure_and_the_others_are_seen(
    tmp_path: Path, monkeypatch, survey, error, sentence
) -> None:
    sessions = {"bad": FakeSession(survey, error), "good": FakeSession(survey)}
    monkeypatch.setattr(looking, "Session", lambda name, _data: sessions[name])
    monkeypatch.setattr(looking, "reach", lambda *_args, **_named: Reach({}))
    instances = [Instance(name, SshTarget("h"), None, None, "cn", (), {}) for name in sessions]

    seen = looking.look(instances, tmp_path, services=False)

    assert (str(seen["bad"].failed), seen["bad"].survey) == (sentence, None)
    assert (seen["good"].failed, seen["good"].survey) == (None, survey)
    assert all(session.closed for session in sessions.values())

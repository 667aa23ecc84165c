from __future__ import annotations

import hashlib
from types import SimpleNamespace
from typing import Any

import pytest

from gpustrap.engine.facts.detached import DetachedJob, Job, JobState
from gpustrap.engine.facts.files import FileState, FileStates
from gpustrap.engine.facts.hub import HubSnapshots
from gpustrap.engine.hub_seen import Snapshot
from gpustrap.engine.operations import hub
from gpustrap.engine.operations.files import ManagedFile
from gpustrap.engine.operations.hub import _download
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.download import Download
from gpustrap.resolve.hub import Client, Store, Wanted


@pytest.mark.parametrize(
    ("variables", "sizes", "download"),
    [
        (("X=1", "HF_ENDPOINT=https://m.lan/a?b=c"), (3, 4), Download(7, "hf", "https://m.lan/a?b=c")),
        (("HF_HOME=/x",), (3,), Download(3, "hf", None)),
        ((), (3, 0), Download(None, "hf", None)),
    ],
)
def test_a_download_is_as_large_as_the_hub_says_of_all_and_comes_from_the_endpoint(variables, sizes, download) -> None:
    client = Client("/python", Store("/c", "/r"), variables)
    assert _download(client, [Snapshot("lacking", bytes=size) for size in sizes]) == download


@pytest.fixture
def fetches(monkeypatch: pytest.MonkeyPatch):
    """`fetches(Snapshot(…), …)`: how many commands follow where this is seen and the job's script stands."""

    def of(*seen: Snapshot) -> int:
        job = Job("hub", "/jobs/hub")
        script = ManagedFile(job.script, "x", "755")
        stands = FileState("file", "755", hashlib.sha256(script.data).hexdigest(), ours=True)
        facts: dict[type, Any] = {
            HubSnapshots: dict(enumerate(seen)),
            DetachedJob: JobState(),
            FileStates: {job.script: stands},
        }
        host = SimpleNamespace(get_fact=lambda fact, **_: facts[fact], noop=lambda _: None)
        for name, value in (("host", host), ("note", lambda _: None), ("note_download", lambda _: None)):
            monkeypatch.setattr(hub, name, value)
        wanted = [Wanted("model", "org/name")] * len(seen)
        return len([*hub.fetched._inner(Client("/python", Store("/c", "/r")), wanted, script, job)])

    return of


GONE = {"trouble": "gated", "fields": {"repo": "org/name"}, "definite": True}


def test_what_is_complete_is_not_refused_whatever_the_hub_says_of_it_by_now(fetches) -> None:
    assert fetches(Snapshot("complete", **GONE), Snapshot("lacking")) == 1
    assert fetches(Snapshot("complete", **GONE)) == 0


def test_what_trying_again_does_not_mend_is_refused_before_anything_is_fetched(fetches) -> None:
    with pytest.raises(InstanceFailed) as refused:
        fetches(Snapshot("lacking"), Snapshot("unknown", **GONE))
    assert "org/name" in refused.value.error

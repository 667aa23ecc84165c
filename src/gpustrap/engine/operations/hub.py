"""Models and datasets in the cache of Hugging Face's client, fetched by a detached job."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence

from pyinfra import host
from pyinfra.api import StringCommand, operation

from gpustrap.engine.by_facts import by_facts
from gpustrap.engine.facts.detached import DetachedJob, Job
from gpustrap.engine.facts.files import FileStates
from gpustrap.engine.facts.hub import HubSnapshots
from gpustrap.engine.hub_seen import Snapshot
from gpustrap.engine.hub_why import unfinished, why
from gpustrap.engine.hub_words import failure
from gpustrap.engine.notes import note, note_download
from gpustrap.engine.operations.detached import awaited, was_cut_off
from gpustrap.engine.operations.files import ManagedFile, change, managed
from gpustrap.engine.pyinfra_internals import commands_of
from gpustrap.language import tr
from gpustrap.resolve.download import Download
from gpustrap.resolve.hub import Client, Wanted


@operation()
@by_facts
def fetched(
    client: Client, wanted: Sequence[Wanted], script: ManagedFile, job: Job
) -> Generator[StringCommand, None, None]:
    """
    Have every file of the wanted revisions, each checked by size and digest.

    + client: which client fetches, and where to
    + wanted: the revisions
    + script: fetches them; is to stand at the job's script
    + job: under which the script runs
    """
    there = host.get_fact(HubSnapshots, client=client, wanted=wanted)
    state = host.get_fact(DetachedJob, job=job)
    seen = [there.get(at, Snapshot()) for at in range(len(wanted))]
    lacking = [at for at, one in enumerate(seen) if one.state != "complete"]
    if not lacking:
        host.noop(tr("{count} revisions are complete", count=len(wanted)))
        return
    for one in seen:
        if one.definite and one.state != "complete":
            raise failure(one.trouble, one.fields)
    for line in (*unfinished(state.running), *was_cut_off(state), *(why(wanted[at], seen[at]) for at in lacking)):
        note(line)
    note_download(_download(client, [seen[at] for at in lacking]))
    if change(script, host.get_fact(FileStates, wanted=[(script.dest, "")]).get(script.dest), "0"):
        yield from commands_of(managed)(files=[script])
    yield awaited(job, hashlib.sha256(script.data).hexdigest()[:16], state)


def _download(client: Client, lacking: Sequence[Snapshot]) -> Download:
    """By the hub's own sizes, where it could be asked for all."""
    told = dict(word.partition("=")[::2] for word in client.variables)
    size = sum(one.bytes for one in lacking) if all(one.bytes for one in lacking) else None
    return Download(size, "hf", told.get("HF_ENDPOINT"))

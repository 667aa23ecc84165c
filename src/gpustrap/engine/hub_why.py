"""Why a revision is fetched, in words for `plan`."""

from __future__ import annotations

from collections.abc import Iterator

from gpustrap.engine.hub_seen import Snapshot
from gpustrap.engine.hub_words import failure
from gpustrap.language import tr
from gpustrap.resolve.hub import Wanted

MB = 1_000_000


def unfinished(running: bool) -> Iterator[str]:
    """That the last run's download is still at work."""
    if running:
        yield tr("the download is at work and is waited for")


def why(wanted: Wanted, seen: Snapshot) -> str:
    """What of a revision is to be fetched, and why."""
    words = {"repo": wanted.repo, "revision": wanted.revision, "files": seen.files, "mb": -(-seen.bytes // MB)}
    if seen.state == "moved":
        return tr(
            "{repo}: {revision} has moved from {old} to {new}: {files} files to fetch, {mb} MB",
            **words,
            old=seen.commit[:10],
            new=seen.newest[:10],
        )
    if seen.state == "lacking":
        return tr("{repo} at {revision}: {files} files to fetch, {mb} MB", **words)
    if seen.trouble:
        return tr("{repo} at {revision}: {why}", **words, why=failure(seen.trouble, seen.fields).error)
    return tr("{repo} at {revision}: is fetched once the client is there", **words)

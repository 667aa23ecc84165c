"""Says of each wanted revision whether it is there, whether it has moved, what is missing. Runs on the instance.

`look ARGUMENTS`: a JSON object a line. What is pinned and complete asks nobody. Nothing is changed.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from gpustrap.engine.hub.asked import Listing, Trouble, gated_client, listed, newest, too_large
from gpustrap.engine.hub.held import held, stored
from gpustrap.engine.hub.told import read_arguments
from gpustrap.engine.hub.troubles import trouble_of
from gpustrap.resolve.hub import Store, Wanted

GIB = 1 << 30
DEFINITE = ("gated", "repository", "revision", "forbidden", "large", "room")


def look(store: Store, wanted: Wanted, silent: Trouble | None = None) -> dict[str, Any]:
    """`state`: complete, moved, lacking or unknown; `trouble` is why it cannot be had, or could not be asked.

    `silent`: why the hub is not asked.
    """
    commit = held(store, wanted)
    if commit and wanted.pinned:
        return {"state": "complete", "commit": commit}
    if silent:
        return _refused(commit, silent)
    try:
        now = newest(store, wanted, tries=1)
        if now == commit:
            return {"state": "complete", "commit": commit}
        listing = listed(store, wanted, now, tries=1)
        refuse(store, wanted, listing)
        return {"state": "moved" if commit else "lacking", "commit": commit, **missing(store, wanted, listing)}
    except Exception as error:
        return _refused(commit, trouble_of(error, wanted))


def _refused(commit: str, trouble: Trouble) -> dict[str, Any]:
    state = "complete" if commit and trouble.word not in ("large", "room") else "unknown"
    definite = trouble.word in DEFINITE
    return {"state": state, "commit": commit, "trouble": [trouble.word, trouble.fields], "definite": definite}


def missing(store: Store, wanted: Wanted, listing: Listing) -> dict[str, Any]:
    lacking = [file for file in listing.files if not _blob(store, wanted, file.digest).exists()]
    return {"newest": listing.commit, "files": len(lacking), "bytes": sum(file.size for file in lacking)}


def refuse(store: Store, wanted: Wanted, listing: Listing) -> None:
    """Raise what keeps it from being fetched, before anything is."""
    if large := too_large(listing.files):
        raise Trouble("large", repo=wanted.repo, file=large.path, gb=round(large.size / 1e9))
    needed = sum(_still(store, wanted, file.digest, file.size) for file in listing.files)
    free = shutil.disk_usage(_there(Path(store.cache))).free
    if needed > free:
        # In whole GiB: the same question is asked twice, and has to be answered the same.
        raise Trouble("room", repo=wanted.repo, needed=-(-needed // GIB), free=free // GIB, place=store.cache)


def _still(store: Store, wanted: Wanted, digest: str, size: int) -> int:
    blob = _blob(store, wanted, digest)
    part = blob.with_name(f"{digest}.gpustrap")
    return 0 if blob.exists() else size - (part.stat().st_size if part.exists() else 0)


def _blob(store: Store, wanted: Wanted, digest: str) -> Path:
    return stored(store, wanted) / "blobs" / digest


def _there(path: Path) -> Path:
    """The nearest folder above that is there."""
    return path if path.exists() else _there(path.parent)


def look_at_all() -> None:
    """Each is a line. A hub that does not answer is asked once, and nobody waits for one that wants time."""
    store, all_wanted = read_arguments(sys.argv[1])
    gated_client(most=0)
    silent: Trouble | None = None
    for at, wanted in enumerate(all_wanted):
        told = look(store, wanted, silent)
        if told.get("trouble", [""])[0] in ("unreached", "rate"):
            silent = Trouble(*told["trouble"][:1], **told["trouble"][1])
        print("hub " + json.dumps({"at": at, **told}), flush=True)

"""Fetches what is wanted of a hub, whole or not at all. Runs on the instance.

`fetch ARGUMENTS`. The client itself begins a file anew when its process was killed (huggingface_hub 2.4.0), so files
are fetched here, by the client's own http_get, into a part that the next run goes on with. A part becomes a blob of the
client's cache only when its digest is what the hub says; then the client lays out the snapshot and finds all of it.
"""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gpustrap.engine.hub.asked import File, Listing, Trouble, gated_client, listed, token_of
from gpustrap.engine.hub.files import digest_of, state_of
from gpustrap.engine.hub.held import held, name, stored, write_record
from gpustrap.engine.hub.left import take_away
from gpustrap.engine.hub.look import refuse
from gpustrap.engine.hub.progress import Progress
from gpustrap.engine.hub.told import read_arguments
from gpustrap.engine.hub.troubles import tell, trouble_of
from gpustrap.engine.hub.whole import Known, checked, known_of, lay_out, quiet, without_damaged
from gpustrap.resolve.hub import Store, Wanted

PIECE = 1 << 17  # what a kill loses of each file at most; the client's own is 10 MB
RETRIES = 2  # without a byte in between; the client's own 5 make six minutes of a black hole behind a mirror


def fetch(store: Store, wanted: Wanted) -> None:
    """Have every file of the revision, each checked by size and digest. Raises what keeps it from that."""
    listing = listed(store, wanted)
    if held(store, wanted) == listing.commit:
        return
    take_away(store, wanted)
    blobs = stored(store, wanted) / "blobs"
    blobs.mkdir(parents=True, exist_ok=True)
    known = known_of(store, wanted)
    without_damaged(blobs, listing.files, known)
    refuse(store, wanted, listing)
    with Progress(wanted.repo.rpartition("/")[2], sum(file.size for file in listing.files), _had(blobs, listing.files)):
        _fetch_parts(store, wanted, listing, known)
        lay_out(store, wanted, listing.commit)
    write_record(store, wanted, listing.commit, checked(store, wanted, listing, known))
    name(store, wanted, listing.commit)
    print(f"[gpustrap] {wanted.repo}: all {len(listing.files)} files are there and checked", flush=True)


def _had(blobs: Path, files: Sequence[File]) -> Any:
    def had() -> int:
        states = [state_of(blobs / file.digest) or state_of(_part(blobs, file)) or [0] for file in files]
        return sum(state[0] for state in states)

    return had


def _part(blobs: Path, file: File) -> Path:
    return blobs / f"{file.digest}.gpustrap"


def _fetch_parts(store: Store, wanted: Wanted, listing: Listing, known: Known) -> None:
    """At most `workers` at the same time. After the first trouble no further file is begun."""
    from huggingface_hub import constants

    constants.DOWNLOAD_CHUNK_SIZE = PIECE
    blobs, troubles = stored(store, wanted) / "blobs", list[Trouble]()
    lacking = {file.digest: file for file in listing.files if not file.xet and not (blobs / file.digest).exists()}

    def one(file: File) -> None:
        try:
            if not troubles:
                known[file.digest] = _fetch_part(store, wanted, listing.commit, file, blobs)
        except Exception as error:
            troubles.append(trouble_of(error, wanted, file.path))

    with ThreadPoolExecutor(store.workers) as workers:
        list(workers.map(one, lacking.values()))
    if troubles:
        raise troubles[0]


def _fetch_part(store: Store, wanted: Wanted, commit: str, file: File, blobs: Path) -> list[Any]:
    part = _part(blobs, file)
    with part.open("ab", buffering=0) as data:
        _alone(data, part)
        if data.tell() > file.size:
            data.truncate(0)
            data.seek(0)
        _get(store, wanted, commit, file, data)
    if digest_of(part, file.kind) != file.digest:
        part.unlink()
        raise Trouble("digest", repo=wanted.repo, file=file.path)
    part.replace(blobs / file.digest)
    return [*(state_of(blobs / file.digest) or ()), file.digest]


def _alone(data: Any, part: Path) -> None:
    try:
        fcntl.flock(data, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Trouble("taken", file=str(part)) from None
    except OSError:  # a disk without flock
        pass


def _get(store: Store, wanted: Wanted, commit: str, file: File, data: Any) -> None:
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    url = hf_hub_url(wanted.repo, file.path, repo_type=wanted.kind, revision=commit)
    headers: Mapping[str, str] = build_hf_headers(token=token_of(store))
    # What is not compressed on the way can be gone on with.
    asked = {**headers, "Accept-Encoding": "identity"}
    had = data.tell()
    http_get(
        url, data, resume_size=had, headers=asked, expected_size=file.size, tqdm_class=quiet(), _nb_retries=RETRIES
    )


def fetch_all() -> None:
    """What is wanted, one after the other; a trouble with one keeps the others from nothing."""
    store, all_wanted = read_arguments(sys.argv[1])
    gated_client()
    failed = [trouble for wanted in all_wanted if (trouble := _tried(store, wanted))]
    for trouble in failed:
        tell(trouble)
    sys.exit(1 if failed else 0)


def _tried(store: Store, wanted: Wanted) -> Trouble | None:
    try:
        fetch(store, wanted)
    except Exception as error:
        return trouble_of(error, wanted)
    return None

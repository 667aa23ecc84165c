"""Whether a snapshot is whole: every file by its digest. Runs on the instance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gpustrap.engine.hub.asked import File, Listing, Trouble, token_of
from gpustrap.engine.hub.files import digest_of, state_of
from gpustrap.engine.hub.held import record_of, stored
from gpustrap.resolve.hub import Store, Wanted

Known = dict[str, list[Any]]  # blob → size, time and digest, as it was checked


def known_of(store: Store, wanted: Wanted) -> Known:
    """Blobs that were checked before, for this revision or the one before, and have not been written to since."""
    snapshots, record = stored(store, wanted) / "snapshots", record_of(store, wanted)
    paths = {snapshots / record.get("commit", "") / path: told for path, told in record.get("files", {}).items()}
    return {path.resolve().name: told for path, told in paths.items() if state_of(path) == list(told[:2])}


def without_damaged(blobs: Path, files: Sequence[File], known: Known) -> None:
    """A blob that is not what its name says is removed, so that it is fetched."""
    for file in files:
        blob = blobs / file.digest
        if not blob.exists() or known.get(file.digest, [])[:2] == state_of(blob):
            continue
        if digest_of(blob, file.kind) == file.digest:
            known[file.digest] = [*(state_of(blob) or ()), file.digest]
        else:
            print(f"[gpustrap] {file.path} was damaged, and is fetched again", flush=True)
            blob.unlink()


def quiet() -> Any:
    from tqdm import tqdm

    return type("Quiet", (tqdm,), {"__init__": lambda bar, *_, **__: tqdm.__init__(bar, disable=True)})


def lay_out(store: Store, wanted: Wanted, commit: str) -> None:
    """By the client: links to the blobs and the listing. What comes by Xet is fetched here."""
    from huggingface_hub import snapshot_download

    snapshot_download(
        wanted.repo,
        repo_type=wanted.kind,
        revision=commit,
        cache_dir=store.cache,
        allow_patterns=list(wanted.allow) or None,
        ignore_patterns=list(wanted.ignore) or None,
        max_workers=store.workers,
        token=token_of(store),
        tqdm_class=quiet(),
    )


def checked(store: Store, wanted: Wanted, listing: Listing, known: Known) -> Known:
    """Each file of the snapshot as it was checked. Raises the trouble of one that is not what the hub says."""
    folder = stored(store, wanted) / "snapshots" / listing.commit
    return {file.path: _check(folder / file.path, file, wanted, known) for file in listing.files}


def _check(path: Path, file: File, wanted: Wanted, known: Known) -> list[Any]:
    now = state_of(path)
    if now is None:
        raise Trouble("missing", repo=wanted.repo, file=file.path)
    if path.resolve().name == file.digest and known.get(file.digest, [])[:2] == now:
        return known[file.digest]
    if now[0] == file.size and digest_of(path, file.kind) == file.digest:
        return [*now, file.digest]
    path.resolve().unlink()
    path.unlink(missing_ok=True)
    raise Trouble("digest", repo=wanted.repo, file=file.path)

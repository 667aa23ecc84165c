"""What of a wanted revision stands in the client's cache, by the record of what was checked. Runs on the instance."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from gpustrap.engine.hub.files import state_of
from gpustrap.resolve.hub import Store, Wanted


def stored(store: Store, wanted: Wanted) -> Path:
    return Path(store.cache, wanted.folder)


def record_of(store: Store, wanted: Wanted) -> dict[str, Any]:
    """`commit`, and `files`: path → size, time and digest of each as it was checked; empty for no record."""
    with suppress(OSError, ValueError):
        told = json.loads(Path(store.records, wanted.record).read_text("utf-8"))
        if isinstance(told.get("commit"), str) and isinstance(told.get("files"), dict):
            return dict(told)
    return {}


def write_record(store: Store, wanted: Wanted, commit: str, files: dict[str, list[Any]]) -> None:
    file = Path(store.records, wanted.record)
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.new")
    new.write_text(json.dumps({"commit": commit, "files": files}), encoding="utf-8")
    new.replace(file)


def name(store: Store, wanted: Wanted, commit: str) -> None:
    """Have the client find the commit by the revision, also without a network."""
    if not wanted.pinned:
        file = stored(store, wanted) / "refs" / wanted.revision
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_name(f"{file.name}.gpustrap")
        new.write_text(commit, encoding="utf-8")
        new.replace(file)


def held(store: Store, wanted: Wanted) -> str:
    """The commit of which every file stands as it was checked, and which the client finds by the revision; or ""."""
    record, folder = record_of(store, wanted), stored(store, wanted)
    commit = record.get("commit", "")
    if not commit or _named(folder, wanted) != commit:
        return ""
    files = record["files"].items()
    there = all(state_of(folder / "snapshots" / commit / path) == list(told[:2]) for path, told in files)
    return commit if there else ""


def _named(folder: Path, wanted: Wanted) -> str:
    with suppress(OSError):
        return wanted.revision if wanted.pinned else (folder / "refs" / wanted.revision).read_text("utf-8").strip()
    return ""

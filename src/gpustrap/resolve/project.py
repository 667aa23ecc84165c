"""What has to be sent of a project's folder, what goes, and what was changed on the instance meanwhile. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gpustrap.laptop.tree import Entry, text_of

OnBoxChanges = Literal["refuse", "stash", "keep"]
OTHER = "other"  # the mode of what is no file and no link


@dataclass(frozen=True)
class Seen:
    """The folder on the instance. `place` is absent, empty, there, or blocked (no folder stands there).

    `known` is what was sent, a path twice where the last run was cut short; `states` has the paths of it that are
    not as sent, None for one that is gone.
    """

    place: Literal["absent", "empty", "there", "blocked"] = "absent"
    known: tuple[Entry, ...] = field(default=(), repr=False)
    states: Mapping[str, Entry | None] = field(default_factory=dict)
    unfinished: bool = False  # the last run was cut short


@dataclass(frozen=True)
class Sync:
    """What has to be done. `changed` on the instance is what nobody here has: it is never lost."""

    send: tuple[Entry, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]
    record: str  # of what will then have been sent
    done: bool  # nothing is left to do


def folder_name(path: Path | None, git: str | None) -> str:
    """What its folder on the instance is called where hosts.yml does not say it."""
    source = str(path) if path is not None else (git or "").removesuffix(".git")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", re.split(r"[/:]", source.rstrip("/"))[-1]).strip("-.") or "app"


def unknown(wanted: Iterable[Entry], seen: Seen) -> tuple[str, ...]:
    """The paths of which the instance has to say whether something of its own stands there."""
    known = {entry.path for entry in seen.known}
    return tuple(entry.path for entry in wanted if entry.path not in known) if seen.place == "there" else ()


def compare(
    wanted: Iterable[Entry], seen: Seen, others: Mapping[str, Entry], on_box_changes: OnBoxChanges = "refuse"
) -> Sync:
    """`others`: what stands at the paths that were not sent. What was changed there stays as it is, or is stashed."""
    now: dict[str, Entry | None] = {entry.path: entry for entry in seen.known}
    now |= {**seen.states, **others}
    ours = _sums(seen.known)
    entries = {entry.path: entry for entry in wanted}
    changed = tuple(
        sorted(path for path, entry in now.items() if entry and _is_foreign(entry, ours, entries.get(path)))
    )
    left = set() if on_box_changes == "stash" else set(changed)
    send = tuple(entry for path, entry in entries.items() if path not in left and now.get(path) != entry)
    gone = tuple(sorted(path for path, entry in now.items() if entry and path not in left.union(entries)))
    record = text_of([*_others_than(entries.values(), left), *(one for one in seen.known if one.path in left)])
    done = not send and not gone and not seen.unfinished and record == text_of(seen.known)
    return Sync(send, gone, changed, record, done)


def _sums(known: Iterable[Entry]) -> dict[str, set[str]]:
    sums: dict[str, set[str]] = {}
    for entry in known:
        sums.setdefault(entry.path, set()).add(entry.sum)
    return sums


def _is_foreign(entry: Entry, ours: Mapping[str, set[str]], wanted: Entry | None) -> bool:
    """Whether what stands there is neither what was sent nor what will be. Another mode alone loses nothing."""
    return entry.sum not in ours.get(entry.path, ()) and (wanted is None or entry.sum != wanted.sum)


def _others_than(entries: Iterable[Entry], left: set[str]) -> Iterator[Entry]:
    return (entry for entry in entries if entry.path not in left)

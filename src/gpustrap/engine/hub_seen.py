"""What an instance says of one wanted revision, read with care: a box may say anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from gpustrap.engine.facts.fields import clean

State = Literal["complete", "moved", "lacking", "unknown"]
MOST_FIELDS = 12


@dataclass(frozen=True)
class Snapshot:
    """One revision. `commit` is what is there, `newest` what the revision means now; `files` and `bytes` are missing.

    `trouble`: why it cannot be had, or why the hub could not be asked, as a word with its fields; `definite`: trying
    again does not mend it.
    """

    state: State = "unknown"
    commit: str = ""
    newest: str = ""
    files: int = 0
    bytes: int = 0
    trouble: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    definite: bool = False


def read(row: Mapping[str, Any]) -> Snapshot:
    """Of what a box says. Raises ValueError for what no program of ours says."""
    state = row["state"]
    if state not in get_args(State):
        raise ValueError(f"{state!r:.40}")
    word, told = row.get("trouble") or ("", {})
    return Snapshot(
        state,
        clean(str(row.get("commit", "")))[:40],
        clean(str(row.get("newest", "")))[:40],
        int(row.get("files", 0)),
        int(row.get("bytes", 0)),
        clean(str(word))[:20],
        fields_of(told),
        row.get("definite") is True,
    )


def fields_of(told: Mapping[str, Any]) -> dict[str, str]:
    """What belongs to a trouble, such as the host that did not answer."""
    return {clean(str(key))[:20]: clean(str(value))[:300] for key, value in [*told.items()][:MOST_FIELDS]}

"""Where the last run's connections went, so that the next run begins them before it has read hosts.yml.

They are begun only where neither hosts.yml nor ~/.ssh/config is another than then. What is read later decides all the
same: a connection to where nobody goes any more is closed without a word.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from gpustrap.laptop import links
from gpustrap.laptop.atomic import write_atomically
from gpustrap.laptop.paths import home, project_digest

Ways = Mapping[str, links.Way]  # by instance


def begin_last(project: Path, hosts_file: Path, names: Collection[str] = ()) -> None:
    """Begin the connections to these instances, or to all, as they were the last time."""
    with suppress(ValueError, TypeError, KeyError, AttributeError):  # whatever stands in a file that somebody broke
        kept = _kept(_memory(project))
        for name, (host, port, known_hosts) in kept["ways"].items() if kept["files"] == _stamps(hosts_file) else ():
            if name in names or not names:
                links.begin(host, port, Path(known_hosts))


def remember(project: Path, hosts_file: Path, ways: Ways) -> None:
    """Keep where to, beside what earlier runs with the same files kept of other instances."""
    with suppress(OSError, TypeError):  # a full disk: the next run begins later
        stamps, file = _stamps(hosts_file), _memory(project)
        new = {name: [host, port, str(known)] for name, (host, port, known) in ways.items()}
        kept = _kept(file)
        old = kept["ways"] if kept.get("files") == stamps else {}
        if kept != (told := {"files": stamps, "ways": {**old, **new}}):
            write_atomically(file, json.dumps(told))


def _kept(file: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        kept = json.loads(file.read_text(encoding="utf-8"))
        return kept if isinstance(kept, dict) else {}
    return {}


def _memory(project: Path) -> Path:
    return home() / f"links-{project_digest(project)}.json"


def _stamps(hosts_file: Path) -> list[list[int]]:
    """What tells these files from what they were: size and time of change; nothing of one that is not there."""
    stamps = []
    for path in (hosts_file, Path("~/.ssh/config").expanduser()):
        with suppress(OSError):
            found = path.stat()
            stamps.append([found.st_size, found.st_mtime_ns])
    return stamps

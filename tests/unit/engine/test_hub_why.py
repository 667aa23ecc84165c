from __future__ import annotations

import pytest

from gpustrap.resolve.hub import Wanted

ONE = Wanted("model", "org/name")


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (
            {"state": "moved", "commit": "a" * 40, "newest": "b" * 40, "files": 2, "bytes": 1_000_001},
            "org/name: main has moved from aaaaaaaaaa to bbbbbbbbbb: 2 files to fetch, 2 MB",
        ),
        ({"state": "lacking", "files": 3, "bytes": 1}, "org/name at main: 3 files to fetch, 1 MB"),
        ({"state": "unknown", "trouble": "revision", "fields": {"repo": "org/name", "revision": "main"}},
         "org/name at main: org/name has no revision main"),
        ({}, "org/name at main: is fetched once the client is there"),
    ],
)  # fmt: skip
def test_it_is_said_why_something_is_fetched(seen: dict[str, object], why: str) -> None:
    from gpustrap.engine.hub_seen import Snapshot
    from gpustrap.engine.hub_why import why as of

    assert of(ONE, Snapshot(**seen)) == why  # type: ignore[arg-type]


def test_that_the_last_runs_download_is_at_work_is_said() -> None:
    from gpustrap.engine.hub_why import unfinished

    assert [*unfinished(True)] == ["the download is at work and is waited for"]
    assert [*unfinished(False)] == []

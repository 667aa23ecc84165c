from __future__ import annotations

import threading

from gpustrap.ui.progress import progress_of


def test_its_lines_are_those_that_are_shown_as_progress(capsys) -> None:
    from gpustrap.engine.hub.progress import Progress

    told, enough = iter([1_000_000, 2_000_000]), threading.Event()

    def had() -> int:
        found = next(told, None)
        if found is None:
            enough.set()
        return found or 4_000_000

    with Progress("name", 3_999_999, had, every=0.01):
        assert enough.wait(10)
    first = progress_of(capsys.readouterr().out.splitlines()[0])
    assert first is not None
    assert (first.name, first.had_mb, first.total_mb, first.mb_per_second) == ("name", 2, 4, 100.0)

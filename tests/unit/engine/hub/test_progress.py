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


def test_no_line_comes_after_it_was_left() -> None:
    from gpustrap.engine.hub.progress import Progress

    asked, under_way = iter([0]), threading.Event()

    def had() -> int:
        for first in asked:
            return first
        under_way.set()
        progress.ended.wait(10)
        return 1

    progress = Progress("name", 1, had, every=0.01)
    with progress:
        assert under_way.wait(10)
    assert not progress.thread.is_alive()

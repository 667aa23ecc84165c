from __future__ import annotations

from gpustrap.run import patience


def test_every_wait_for_a_person_counts_also_one_that_ends_in_ctrl_c(monkeypatch) -> None:
    clock = iter((10.0, 13.0, 20.0, 24.5))
    monkeypatch.setattr(patience.time, "monotonic", lambda: next(clock))
    waited = patience.Patience()
    with waited.counted():
        pass
    try:
        with waited.counted():
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert waited.seconds == 7.5

from __future__ import annotations

import time

import pytest

from gpustrap.run.patience import Patience


def test_what_is_waited_for_a_person_adds_up_also_where_she_breaks_off(monkeypatch):
    now = iter([10.0, 12.5, 20.0, 21.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(now))
    patience = Patience()
    with patience.counted():
        pass
    with pytest.raises(KeyboardInterrupt), patience.counted():
        raise KeyboardInterrupt
    assert patience.seconds == 3.5

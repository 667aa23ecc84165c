from __future__ import annotations

from gpustrap.ui import doing as ui


def test_what_takes_long_shows_for_how_long(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(ui.time, "monotonic", lambda: clock[0])
    it = ui.Doing("torch | install", since=100.0)
    shown = []
    for clock[0] in (101.9, 102.0, 165.2):
        shown.append(str(it))
    assert shown == ["torch | install", "torch | install (2 s)", "torch | install (65 s)"]

"""The built-in roles on the path."""

from __future__ import annotations

import pytest

from gpustrap import content


@pytest.fixture(autouse=True)
def builtin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(content.builtin_root())

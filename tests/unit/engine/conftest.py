"""The built-in roles and templates, and one survey to change where it matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gpustrap import content
from gpustrap.resolve.box.survey import Survey


@pytest.fixture(autouse=True)
def builtin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Templates come from the built-in content only, unless a test names a project."""
    from gpustrap.engine import templates  # not before tests/conftest.py has been heard

    monkeypatch.syspath_prepend(content.builtin_root())
    templates.use_project(content.builtin_root())
    yield
    templates.use_project(Path())


@pytest.fixture
def survey(survey: Survey) -> Survey:
    """The same box, of which neither tools nor sources of apt are known."""
    return replace(survey, tools={}, apt_sources=())

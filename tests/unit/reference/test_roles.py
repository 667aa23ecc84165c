from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from gpustrap import content
from gpustrap.reference.roles import roles_page

SETTINGS = '''\
"""Settings."""
from pydantic import BaseModel, Field
from gpustrap.inventory.secrets import Secret
class Color(BaseModel):
    """One color."""
    name: str = Field(description="As painters say it")
class Settings(BaseModel):
    """What is painted."""
    color: Color | None = Field(None, description="What is on it")
    token: Secret | None = Field(None, description="Its lock")
'''
SECTION = """\
## paint

Role `paint`: paint on the wall.

What is painted.

| key     | type              | default | meaning |
| ------- | ----------------- | ------- | ------- |
| `color` | [Color](#color)   | –       | What is on it |
| `token` | [Secret](#secret) | –       | Its lock |

`gpustrap verify` proves, where it applies:

- the wall is painted

"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two roles with the same nested form; tasks.py and verify.py would raise if they were run."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(content, "builtin_root", lambda: tmp_path)
    for role in ("paint", "paint_more"):
        folder = tmp_path / "roles" / role
        folder.mkdir(parents=True)
        (folder / "settings.py").write_text(SETTINGS)
        (folder / "tasks.py").write_text(f'"""Role `{role}`: paint on the wall.\n\nMore."""\nraise SystemExit\n')
        (folder / "verify.py").write_text(
            "def helper(): ...\ndef test_the_wall_is_painted(host): ...\nraise SystemExit\n"
        )
    content.use_project(tmp_path)
    return tmp_path


def test_a_role_is_told_from_its_own_files(root: Path):
    page = roles_page(root)
    assert "| [paint](#paint)           | paint on the wall |\n" in page
    assert SECTION in page


def test_a_nested_form_of_one_role_stands_under_it(root: Path):
    shutil.rmtree(root / "roles" / "paint_more")
    page = roles_page(root)
    assert "| `color` | [Color](#paint-color) |" in page
    assert page.index("\n## paint\n") < page.index("\n### paint: Color\n\nOne color.\n") < page.index("\n## Keys")


def test_a_nested_form_that_two_roles_share_is_told_once(root: Path):
    page = roles_page(root)
    assert page.count("One color.") == 1
    assert page.count("\n## Color\n") == 1

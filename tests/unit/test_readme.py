"""What README.md shows is true, in both languages: its hosts.yml is read, its verbs and roles are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from gpustrap import content
from gpustrap.cli.main import app
from gpustrap.inventory.hosts import load_hosts
from gpustrap.reference.readme import readme

README, CHINESE = (
    (content.builtin_root() / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")
)
both = pytest.mark.parametrize("text", [README, CHINESE], ids=["en", "zh-CN"])


@both
def test_the_hosts_file_shown_is_read(tmp_path: Path, text: str) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text(shown, encoding="utf-8")
    assert list(load_hosts(tmp_path).instances) == ["demo", "trainer"]


@both
def test_every_role_is_in_the_table_and_no_other(text: str) -> None:
    table = re.split(r"^## (?:Roles|角色|Providers|平台)$", text, flags=re.MULTILINE)[1]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(content.role_names(Path()))


@both
def test_the_table_of_providers_is_as_the_catalog_says(text: str) -> None:
    assert readme(text) == text, "`./gpustrap reference` renews it"
    assert len(re.findall(r"^\| (?:provider|平台) +\|", text, re.MULTILINE)) == 1


@both
def test_every_verb_shown_is_one(text: str) -> None:
    verbs = get_command(app).commands
    shown = set(re.findall(r"(?:\$ |`)(?:\./)?gpustrap ([a-z]+)", text))
    assert shown <= set(verbs), shown - set(verbs)


def test_both_languages_show_the_same_session_with_the_demo() -> None:
    """What it answers is run in each language by tests/lab/test_docs.py."""
    sessions = [re.findall(r"^```console\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[0] for text in (README, CHINESE)]
    commands, numbers = (
        [re.findall(form, session, re.MULTILINE) for session in sessions] for form in (r"^\$ .*$", r"\d+(?:\.\d+)*")
    )
    assert commands[0] == commands[1] != []
    assert numbers[0] == numbers[1]

"""What README.md shows is true: its hosts.yml is read, its verbs and roles are there."""

from __future__ import annotations

import re
from pathlib import Path

from typer.main import get_command

from gpustrap import content
from gpustrap.cli.main import app
from gpustrap.inventory.hosts import load_hosts
from gpustrap.reference.readme import readme

README = (content.builtin_root() / "README.md").read_text(encoding="utf-8")


def test_the_hosts_file_shown_is_read(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text(shown, encoding="utf-8")
    assert list(load_hosts(tmp_path).instances) == ["demo", "trainer"]


def test_every_role_is_in_the_table_and_no_other() -> None:
    table = README.split("## Roles")[1].split("## Providers")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(content.role_names(Path()))


def test_the_table_of_providers_is_as_the_catalog_says() -> None:
    assert readme(README) == README, "`./gpustrap reference` renews it"
    assert len(re.findall(r"^\| provider +\|", README, re.MULTILINE)) == 1


def test_every_verb_shown_is_one() -> None:
    verbs = get_command(app).commands
    shown = set(re.findall(r"(?:\$ |`)(?:\./)?gpustrap ([a-z]+)", README))
    assert shown <= set(verbs), shown - set(verbs)

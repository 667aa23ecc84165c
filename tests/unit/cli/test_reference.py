from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from gpustrap import content
from gpustrap.cli import exit, reference
from gpustrap.cli.main import app

ROOT = content.builtin_root()
WRITTEN = sorted(
    str(page.relative_to(ROOT)) for page in (*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*")) if page.is_file()
)
# Hosts of the public Debian, Python and npm registries, in halves: they stand nowhere, not even here.
REGISTRIES = [
    ".".join(halves)
    for halves in (("debian", "org"), ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose pages are known: one to write, and one that is as it should be."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "old.md").write_text("as it is\n")
    monkeypatch.setattr(content, "builtin_root", lambda: tmp_path)
    monkeypatch.setattr(reference, "_pages", lambda _root, _app: {"docs/new.md": "new\n", "docs/old.md": "as it is\n"})
    return tmp_path


def test_the_committed_pages_are_as_the_code_says():
    """By a process of its own: roles that other tests made are loaded in this one."""
    done = subprocess.run([sys.executable, "-m", "gpustrap", "reference", "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_command_lines_page_has_every_verb():
    """A run is about its own verb alone; this one is about all of them."""
    verbs = [name for name, one in get_command(app).commands.items() if not one.hidden]
    page = (ROOT / "docs" / "cli.md").read_text()
    assert [verb for verb in verbs if f"\n## gpustrap {verb}\n" not in page] == []


def test_a_check_names_the_stale_pages_and_what_renews_them_and_writes_nothing(checkout: Path, capsys):
    assert exit.run(app, ["reference", "--check"]) == 1
    assert capsys.readouterr() == ("", "not as the code says: docs/new.md\nhint: `./gpustrap reference` renews them\n")
    assert not (checkout / "docs" / "new.md").exists()


def test_only_stale_pages_are_written_and_then_none_is(checkout: Path, capsys):
    assert exit.run(app, ["reference"]) == 0
    assert capsys.readouterr() == ("wrote docs/new.md\n", "")
    assert (checkout / "docs" / "new.md").read_text() == "new\n"
    assert exit.run(app, ["reference"]) == 0
    assert exit.run(app, ["reference", "--check"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_checkout_without_docs_gets_them(checkout: Path):
    shutil.rmtree(checkout / "docs")
    assert exit.run(app, ["reference"]) == 0
    assert sorted(page.name for page in (checkout / "docs").iterdir()) == ["new.md", "old.md"]


@pytest.mark.parametrize("words", [[], ["--check"]])
def test_an_installed_package_has_no_pages(checkout: Path, words, capsys):
    (checkout / "pyproject.toml").unlink()
    assert exit.run(app, ["reference", *words]) == 2
    assert capsys.readouterr() == (
        "",
        "the reference pages are in a checkout of gpustrap, and this is an installed package\n"
        "hint: clone the project and run `./gpustrap reference` there\n",
    )


@pytest.mark.parametrize("page", WRITTEN)
def test_no_page_names_a_public_registry(page):
    found = [name for name in REGISTRIES if re.search(rf"\b{re.escape(name)}\b", (ROOT / page).read_text())]
    assert found == []


@pytest.mark.parametrize("page", [page for page in WRITTEN if page.endswith(".md")])
def test_every_link_to_a_file_leads_to_one(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / page).read_text())
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []

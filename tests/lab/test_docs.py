"""What the pages show is what happens: the same commands, in a project of their own, print the same lines."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpustrap.lab import targets

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.one_release


@pytest.fixture
def here(project, removed_with):
    """A project whose lab targets go with the test."""
    removed_with(project.folder)
    return project


@pytest.fixture
def demo(here):
    """The checkout's own hosts.yml, in a project of its own."""
    shutil.copy(ROOT / "inventory" / "hosts.yml", here.folder / "inventory")
    return here


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(text: str) -> list[str]:
    """The console blocks that show what a command of ours answers."""
    found = re.findall(r"^```console\n(\$ .*?)^```", text, re.M | re.S)
    return [block for block in found if re.search(r"^[^$\n]", block, re.M)]


def steps(block: str) -> Iterator[tuple[str, list[str]]]:
    """Each command and the lines below it."""
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, _, lines = part.partition("\n")
        yield command, plain(lines)


def plain(text: str) -> list[str]:
    """Its lines, with one word for each port and for each time."""
    text = re.sub(r"\d+\.\d (s\b|秒)", r"N \1", re.sub(r"127\.0\.0\.1:\d+", "HERE", text))
    return text.strip().splitlines()


def as_shown(lines: list[str], shown: list[str]) -> list[str]:
    """The lines that are to be compared: `…` stands for all that follow, and so does nothing at all."""
    if not shown:
        return []
    return [*lines[: len(shown) - 1], "…"] if shown[-1] == "…" else lines


def answers(project, command: str, language: str) -> str:
    if re.match(r"(\./)?gpustrap ", command):
        done = project.run(*shlex.split(command)[1:], env={"LANG": language})
        return done.stderr + done.stdout
    port = targets.target("demo", project.folder).http_port
    command = re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{port}", command)
    return subprocess.run(command.split(), capture_output=True, text=True, timeout=60).stdout


def goes_as_shown(project, block: str, language: str = "C.UTF-8") -> None:
    shown = [step for step in steps(block) if not step[0].startswith("git ")]
    ran = [(command, as_shown(plain(answers(project, command, language)), lines)) for command, lines in shown]
    assert ran == shown


@pytest.mark.parametrize(("page", "language"), [("README.md", "C.UTF-8"), ("README.zh-CN.md", "zh_CN.UTF-8")])
def test_the_demo_goes_as_it_is_shown(demo, page, language):
    goes_as_shown(demo, blocks(read(page))[0], language)


def test_a_reset_goes_as_it_is_shown(demo):
    hosts = demo.folder / "inventory" / "hosts.yml"
    hosts.write_text(hosts.read_text().replace("demo:", "rented1:"))
    demo.up("rented1")
    goes_as_shown(demo, blocks(read("docs/after-a-reset.md").partition("## Try it without an account")[2])[0])


def test_adding_a_role_goes_as_it_is_shown(here):
    page = read("docs/adding-a-role.md")
    files = dict(re.findall(r"^`((?:roles|templates|inventory)/\S+)`.*?^```\w*\n(.*?)^```", page, re.M | re.S))
    assert len(files) == 5
    for name, text in files.items():
        (here.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (here.folder / name).write_text(text)
    hosts, settings = here.folder / "inventory/hosts.yml", here.folder / "roles/identity/settings.py"
    first, misspelt, drifted, decided = blocks(page)

    goes_as_shown(here, first)
    hosts.write_text(files["inventory/hosts.yml"].replace("email:", "mail:"))
    goes_as_shown(here, misspelt)
    hosts.write_text(files["inventory/hosts.yml"])
    goes_as_shown(here, drifted)
    hosts.write_text(files["inventory/hosts.yml"].replace(", email: trainer@example.com", ""))
    settings.write_text(
        files["roles/identity/settings.py"].replace("email: Line = Field(", "email: Line | None = Field(None, ")
    )
    (here.folder / "roles/identity/resolve.py").write_text(
        re.search(r'```python\n("""Which name.*?)```', page, re.S)[1]
    )
    goes_as_shown(here, decided)

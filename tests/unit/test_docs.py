"""Every block that the written pages show is what it looks like: commands that gpustrap takes, YAML and Python.

What a command prints is compared where it can be asked offline (`gpustrap reference --check`), and on a box for README's
demo, a reset and a role of one's own (tests/lab/test_docs.py).
"""

from __future__ import annotations

import re
import shlex

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from gpustrap import content
from gpustrap.cli.lang import settle
from gpustrap.cli.main import app
from gpustrap.inventory.ssh import parse_ssh

ROOT = content.builtin_root()
PAGES = sorted((*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")))
BLOCKS = [
    pytest.param(kind, text, id=f"{page.relative_to(ROOT)}:{at}")
    for page in PAGES
    for at, (kind, text) in enumerate(
        re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    )
]
COMMANDS = sorted({
    (str(page.relative_to(ROOT)), command)
    for page in PAGES
    for block in re.findall(r"^```console\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for line in re.findall(r"^\$ (.*)", block, re.MULTILINE)
    for command in line.split(" && ")
})  # fmt: skip
OTHERS = ("cd", "curl", "git", "ln", "pip", "uv")  # programs that everybody knows


def must_be_taken(words: list[str]) -> None:
    """Raise click's UsageError or BadInput for words that gpustrap does not take. Nothing is run."""
    command, context = get_command(app), None
    words = settle(words, ("ssh", "test"))
    while True:
        context = command.make_context(command.name, list(words), parent=context)
        rest = [*context._protected_args, *context.args] if hasattr(command, "commands") else []
        if not rest:
            return
        name, command, words = command.resolve_command(context, rest)
        command.name = name


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_every_command_shown_is_one(page, command):
    called, *words = [word for word in shlex.split(command, comments=True) if not word.startswith(">")]
    if called in ("gpustrap", "./gpustrap"):
        must_be_taken(words)
    elif called == "ssh":
        assert parse_ssh(command).host
    else:
        assert called in OTHERS


def test_a_command_that_is_none_is_seen():
    with pytest.raises(Exception, match="No such option"):
        must_be_taken(["up", "--no-such-option"])
    with pytest.raises(Exception, match="No such command"):
        must_be_taken(["lab", "no-such-verb"])


@pytest.mark.parametrize(("kind", "text"), [one for one in BLOCKS if one.values[0] in ("yaml", "python")])
def test_every_block_of_yaml_or_python_can_be_read(kind, text):
    if kind == "python":
        compile(text, "page", "exec")
    else:
        assert YAML(typ="safe", pure=True).load(text)


def test_no_block_is_of_a_kind_that_nobody_checks():
    assert {one.values[0] for one in BLOCKS} <= {"console", "yaml", "python", "sh", ""}

from __future__ import annotations

from typing import Annotated

import typer
from typer.main import get_command

from gpustrap.reference.commands import commands_page

app = typer.Typer(rich_markup_mode=None, add_completion=False)
group = typer.Typer(help="Things in boxes.")


@app.callback()
def options(debug: Annotated[bool, typer.Option("--debug", help="Show more.")] = False) -> None: ...


@app.command(epilog="Example: gpustrap go one · gpustrap go -y")
def go(
    names: Annotated[list[str] | None, typer.Argument(metavar="INSTANCE", help="Default: all.")] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Never ask.")] = False,
    release: Annotated[str, typer.Option(help="Which one.")] = "debian-12",
    secret: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Go there. And
    back.

    Exit code: 0 there · 1 not.
    """


@app.command(hidden=True)
def unseen() -> None:
    """Not for people."""


@group.command()
def ls(box: Annotated[str, typer.Argument(help="The box.")]) -> None:
    """List a box."""


app.add_typer(group, name="box", epilog="Example: gpustrap box ls one")

PAGE = """\
## gpustrap go

Go there. And back.

```console
gpustrap go [OPTIONS] [INSTANCE]...
```

| argument or option  | means |
| ------------------- | ----- |
| `INSTANCE`          | Default: all. |
| `-y`, `--yes`       | Never ask. |
| `--release RELEASE` | Which one. Default: `debian-12`. |

Exit code: 0 there · 1 not.

```console
$ gpustrap go one
$ gpustrap go -y
```

## gpustrap box

Things in boxes.

```console
$ gpustrap box ls one
```

### gpustrap box ls

List a box.

```console
gpustrap box ls BOX
```

| argument or option | means |
| ------------------ | ----- |
| `BOX`              | The box. |
"""
OVERVIEW = """\
| verb                            | does |
| ------------------------------- | ---- |
| [`gpustrap go`](#gpustrap-go)   | Go there |
| [`gpustrap box`](#gpustrap-box) | Things in boxes |

## Options before the verb

| argument or option | means |
| ------------------ | ----- |
| `--debug`          | Show more. |
"""


def test_each_visible_verb_is_told_whole_with_the_verbs_of_its_group():
    assert commands_page(get_command(app)).partition("## gpustrap go")[2] == PAGE.partition("## gpustrap go")[2]


def test_the_page_begins_with_all_verbs_and_the_options_before_them():
    assert OVERVIEW in commands_page(get_command(app))


def test_a_terminal_s_width_changes_nothing(monkeypatch):
    before = commands_page(get_command(app))
    monkeypatch.setenv("COLUMNS", "30")
    assert commands_page(get_command(app)) == before

"""`gpustrap reference`: what the pages say that is made from the code, written anew or compared with it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from gpustrap.errors import BadInput, Fault

COMMAND = "./gpustrap reference"


def reference(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; name the pages that are stale.")] = False,
) -> None:
    """Write the reference pages of docs/ from the code, and what written pages show of the catalog.

    The pages are those of roles, verbs and catalog, and the schema of hosts.yml. In README.md and the other pages of
    docs/ these are the providers, and what `torch explain` and `gpus` answer. The catalogs of messages are renewed too.

    Exit code: 0 written, or all as the code says · 1 `--check` found a stale page · 2 this is no checkout.
    """
    from gpustrap.reference.messages import catalogs

    root = _checkout()
    pages = {name: text.encode() for name, text in _pages(root, context.find_root().command).items()}
    stale = {name: text for name, text in {**pages, **catalogs(root)}.items() if _read(root / name) != text}
    if check:
        if stale:
            print(Fault(f"not as the code says: {', '.join(stale)}", hint=f"`{COMMAND}` renews them"), file=sys.stderr)
        raise typer.Exit(1 if stale else 0)
    for name, text in stale.items():
        _write(root / name, text)
        typer.echo(f"wrote {name}")


def _checkout() -> Path:
    """The checkout that gpustrap runs from. Raises BadInput elsewhere."""
    from gpustrap import content

    root = content.builtin_root()
    if not (root / "pyproject.toml").is_file():
        message = "the reference pages are in a checkout of gpustrap, and this is an installed package"
        raise BadInput(Fault(message, hint=f"clone the project and run `{COMMAND}` there"))
    return root


def _pages(root: Path, app: Any) -> dict[str, str]:
    """Every page by its place in the checkout, with the text that it has to have."""
    import json

    from gpustrap.inventory.schema import hosts_schema
    from gpustrap.reference.catalog import catalog_page
    from gpustrap.reference.commands import commands_page
    from gpustrap.reference.roles import roles_page
    from gpustrap.reference.transcripts import transcripts

    schema = json.dumps(hosts_schema(root), indent=2, ensure_ascii=False)  # first: it finds the roles
    written = {str(page.relative_to(root)): page.read_text(encoding="utf-8") for page in _written(root)}
    return {
        **{name: transcripts(_with_providers(name, text), _answer) for name, text in written.items()},
        "docs/roles.md": roles_page(root),
        "docs/cli.md": commands_page(app),
        "docs/catalog.md": catalog_page(),
        "docs/hosts.schema.json": f"{schema}\n",
    }


def _written(root: Path) -> list[Path]:
    """The pages that a person wrote, and those that are made anew in the end."""
    return sorted((*root.glob("README*.md"), *(root / "docs").rglob("*.md")))


def _with_providers(name: str, text: str) -> str:
    from gpustrap.reference.readme import readme

    return readme(text) if name.startswith("README") else text


def _answer(words: list[str]) -> str:
    """What gpustrap prints, refusals included, by a process of its own: roles that are loaded here do not count."""
    import subprocess

    command = [sys.executable, "-m", "gpustrap", "--lang", "en", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode()


def _read(page: Path) -> bytes | None:
    return page.read_bytes() if page.is_file() else None


def _write(page: Path, text: bytes) -> None:
    page.parent.mkdir(exist_ok=True)
    page.write_bytes(text)

"""Makes docs/roles.md: a section for every built-in role, read from its files. Only settings.py is imported."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from gpustrap import content
from gpustrap.inventory.instance_keys import InstanceKeys, settings_model
from gpustrap.inventory.secrets import Secret
from gpustrap.reference import settings
from gpustrap.reference.markdown import anchor, listing, page, paragraphs, table, text

INTRO = """\
What stands under a role's name in `inventory/hosts.yml`, in `defaults` or in an instance. A key that is left out has
its default; `–` there means that nothing is set. `gpustrap schema` prints the same for editors, own roles included."""
KEYS = "Keys of an instance"


def roles_page(root: Path) -> str:
    """The page for the roles of the checkout `root`."""
    names = content.role_names(root)
    schemas = {name: settings.schema_of(settings_model(name)) for name in names}
    shared = _shared(schemas)
    heads = [(f"[{name}](#{anchor(name)})", _purpose(root, name)) for name in names]
    return page(
        "# Roles and their settings",
        INTRO,
        table(("role", "is for"), heads),
        *(_role(root, name, schemas[name], shared) for name in names),
        f"## {KEYS}",
        settings.form(settings.schema_of(InstanceKeys), _links("", shared)),
        *(part for name, form in shared.items() for part in (f"## {name}", settings.form(form, _links("", shared)))),
    )


def _shared(schemas: Mapping[str, settings.Schema]) -> dict[str, settings.Schema]:
    """The nested forms that more than one role uses, by name. Each is described once, at the end of the page."""
    forms = {name: form for schema in schemas.values() for name, form in settings.forms_in(schema).items()}
    count = Counter(name for schema in schemas.values() for name in settings.forms_in(schema))
    kept = {name: form for name, form in forms.items() if count[name] > 1 and name != Secret.__name__}
    return {Secret.__name__: settings.schema_of(Secret), **kept}  # of an instance's keys too


def _role(root: Path, name: str, schema: settings.Schema, shared: Mapping[str, settings.Schema]) -> str:
    link = _links(name, shared)
    own = {form: inner for form, inner in settings.forms_in(schema).items() if form not in shared}
    promises = _promises(root, name)
    return "\n\n".join(
        [
            f"## {name}",
            paragraphs(_first_line(root, name)),
            settings.form(schema, link),
            *(["`gpustrap verify` proves, where it applies:", listing(promises)] if promises else []),
            *(
                part
                for form, inner in own.items()
                for part in (f"### {_heading(name, form)}", settings.form(inner, link))
            ),
        ]
    )


def _links(role: str, shared: Mapping[str, settings.Schema]) -> settings.Link:
    """What turns the name of a nested form into a link, for the tables of `role`."""

    def link(form: str) -> str:
        return f"[{form}](#{anchor(form if form in shared else _heading(role, form))})"

    return link


def _heading(role: str, form: str) -> str:
    return f"{role}: {form}"


def _purpose(root: Path, role: str) -> str:
    """What the role is for: the first line of tasks.py after "Role `NAME`: ", without the full stop."""
    return text(_first_line(root, role).partition(": ")[2].rstrip("."))


def _first_line(root: Path, role: str) -> str:
    """The first line of the docstring in tasks.py. The file is only parsed: to import it would load the engine."""
    return (ast.get_docstring(_parsed(root / "roles" / role / "tasks.py")) or "").partition("\n")[0]


def _promises(root: Path, role: str) -> list[str]:
    """The names of the tests in verify.py, as sentences."""
    file = root / "roles" / role / "verify.py"
    tests = [node.name for node in _parsed(file).body if isinstance(node, ast.FunctionDef)] if file.is_file() else []
    return [name.removeprefix("test_").replace("_", " ") for name in tests if name.startswith("test_")]


def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))

"""A new role of a project's own, written from one that works."""

from __future__ import annotations

from pathlib import Path

from gpustrap import content
from gpustrap.errors import BadInput, Fault
from gpustrap.inventory.document import displayed
from gpustrap.inventory.instance_keys import InstanceKeys
from gpustrap.inventory.own_roles import name_fault
from gpustrap.language import tr

EXAMPLE = "example_role"  # its name in the files of templates/role
FILES = {"settings.py": "roles", "tasks.py": "roles", "verify.py": "roles", "text.j2": "templates"}


def write_role(project: Path, name: str) -> list[Path]:
    """Write the role `name`, and return its files. Raises BadInput, and writes nothing, where that cannot be."""
    _must_be_new(project, name)
    written = {project / root / name / file: file for file, root in FILES.items()}
    if there := [path for path in written if path.exists()]:
        raise BadInput(*(Fault(tr("is there already, and is never overwritten"), displayed(path)) for path in there))
    starter = content.builtin_root() / "templates" / "role"
    try:
        for path, file in written.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text((starter / file).read_text(encoding="utf-8").replace(EXAMPLE, name), encoding="utf-8")
    except OSError as error:
        message = tr("cannot be written: {strerror}", strerror=(error.strerror or type(error).__name__).lower())
        raise BadInput(Fault(message, displayed(project))) from None
    return list(written)


def _must_be_new(project: Path, name: str) -> None:
    if fault := name_fault(name):
        raise BadInput(fault)
    if name in InstanceKeys.model_fields:
        raise BadInput(Fault(tr("'{name}' is a key of an instance, so a role of that name has no settings", name=name)))
    if name in content.role_names(project):
        hint = tr("files of your own in its folder come before the built-in ones")
        raise BadInput(Fault(tr("there is a role '{name}' already", name=name), hint=hint))

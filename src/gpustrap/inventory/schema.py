"""JSON Schema of hosts.yml, from the models that check it, so that editors complete and check it too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from gpustrap import content
from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.presets import load_presets
from gpustrap.catalog.torch import load_catalog
from gpustrap.errors import BadInput, Fault
from gpustrap.inventory.document import displayed
from gpustrap.inventory.instance_keys import InstanceKeys, SharedKeys, settings_model
from gpustrap.lab.flavour import RELEASES
from gpustrap.language import tr
from gpustrap.laptop.atomic import write_atomically

SCHEMA_FILE = Path("inventory", "hosts.schema.json")
MODELINE = f"# yaml-language-server: $schema={SCHEMA_FILE.name}"


def hosts_schema(project: Path) -> dict[str, Any]:
    """The schema (draft 2020-12) of `project`'s hosts.yml, with the settings of every role there is.

    No key is required, as what an instance lacks may stand in `defaults`, but for ssh or lab.
    """
    schema = hosts_model(project).model_json_schema()
    _require_nothing(schema)
    _complete(schema)
    schema["$defs"]["Instance"]["oneOf"] = [{"required": ["ssh"]}, {"required": ["lab"]}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def hosts_model(project: Path) -> type[BaseModel]:
    """The whole file as one model. It does not merge: `load_hosts` does, and checks more."""
    content.use_project(project)
    roles = content.role_names(project)
    with_settings = [role for role in roles if role not in InstanceKeys.model_fields]
    settings: dict[str, Any] = {role: _settings(role) for role in with_settings}
    one_role: Any = Literal[roles]
    shared = SharedKeys.model_fields["roles"]
    settings["roles"] = (tuple[one_role, ...] | None, Field(default=None, description=shared.description))
    defaults = create_model("Defaults", __base__=SharedKeys, **settings)
    instance = create_model("Instance", __base__=InstanceKeys, **settings)
    instances = dict[str, instance | None]
    return create_model(
        "hosts.yml",
        __config__=ConfigDict(extra="forbid"),
        defaults=(defaults | None, Field(default=None, description="What every instance starts from")),
        instances=(instances | None, Field(default=None, description="What you rent, by name")),
    )


def write_schema(project: Path) -> Path | None:
    """Write the project's schema beside its hosts.yml; one that is there stays, and the answer is None."""
    path = project / SCHEMA_FILE
    if path.exists():
        return None
    text = json.dumps(hosts_schema(project), indent=2, ensure_ascii=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, f"{text}\n")
    except OSError as error:
        words = (error.strerror or type(error).__name__).lower()
        raise BadInput(Fault(tr("cannot be written: {reason}", reason=words), displayed(project))) from None
    return path


def _settings(role: str) -> tuple[Any, Any]:
    model = settings_model(role)
    said = (model.__doc__ or "").strip().partition("\n")[0]
    return model | None, Field(default=None, description=f"The role {role}. {said}".strip())


def _complete(schema: dict[str, Any]) -> None:
    """The names that an editor proposes. Another text is one too where the program reads more than these."""
    known = {
        ("ServiceSettings", "preset"): ([*load_presets()], False),
        ("torch__settings__Settings", "gpu"): ([*(card.name for card in load_cards()), "none"], True),
        ("torch__settings__Settings", "cuda"): (_cudas(), True),
        ("Instance", "lab"): ([*RELEASES], False),
    }
    for (owner, key), (names, others) in known.items():
        for part in (part for name, part in schema["$defs"].items() if name.endswith(owner)):
            if value := part.get("properties", {}).get(key):
                more = [{"type": "string"}] if others else []
                value["anyOf"] = [{"type": "string", "enum": names}, *more, {"type": "null"}]


def _cudas() -> list[str]:
    builds = {build.cuda for build in load_catalog().builds if build.cuda}
    return [".".join(map(str, cuda)) for cuda in sorted(builds, reverse=True)] + ["cpu"]


def _require_nothing(schema: dict[str, Any]) -> None:
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("required", None)

"""JSON Schema of hosts.yml, from the models that check it, so that editors complete and check it too."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from gpustrap import content
from gpustrap.inventory.instance_keys import InstanceKeys, SharedKeys, settings_model


def hosts_schema(project: Path) -> dict[str, Any]:
    """The schema (draft 2020-12) of `project`'s hosts.yml, with the settings of every role there is.

    No key is required, as what an instance lacks may stand in `defaults`, but for ssh or lab.
    """
    schema = hosts_model(project).model_json_schema()
    _require_nothing(schema)
    schema["$defs"]["Instance"]["oneOf"] = [{"required": ["ssh"]}, {"required": ["lab"]}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def hosts_model(project: Path) -> type[BaseModel]:
    """The whole file as one model. It does not merge: `load_hosts` does, and checks more."""
    content.use_project(project)
    roles = content.role_names(project)
    with_settings = [role for role in roles if role not in InstanceKeys.model_fields]
    settings: dict[str, Any] = {role: (settings_model(role) | None, None) for role in with_settings}
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


def _require_nothing(schema: dict[str, Any]) -> None:
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("required", None)

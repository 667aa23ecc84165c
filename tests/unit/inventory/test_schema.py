from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from gpustrap import content
from gpustrap.inventory.document import parse, read_text
from gpustrap.inventory.hosts import load_hosts
from gpustrap.inventory.schema import MODELINE, hosts_model, hosts_schema, write_schema

DEFAULT_FILE = Path(__file__).parents[3] / "inventory" / "hosts.yml"


def resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """`part` with its reference followed, and of an `anyOf` the member that is not null."""
    for member in part.get("anyOf", []):
        if member.get("type") != "null":
            part = member
    return schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part


def test_the_schema_knows_the_keys_of_every_role(project: Path) -> None:
    schema = hosts_schema(project)
    instances = resolved(schema, schema["properties"]["instances"])
    instance = resolved(schema, instances["additionalProperties"])
    services = resolved(schema, instance["properties"]["services"])
    service = resolved(schema, next(iter(services["patternProperties"].values())))
    assert list(instance["properties"]) == [
        *("password", "sudo_password", "region", "roles", "allow_listening", "ssh", "lab", "flavour", "public_url"),
        *("base", "hub", "project", "services"),
    ]
    assert resolved(schema, instance["properties"]["roles"])["items"] == {
        "type": "string",
        "enum": ["base", "hub", "project", "services"],
    }
    assert (service["properties"]["port"]["minimum"], service["properties"]["port"]["maximum"]) == (1, 65535)
    assert service["additionalProperties"] is False


def test_defaults_have_no_target(project: Path) -> None:
    schema = hosts_schema(project)
    defaults = resolved(schema, schema["properties"]["defaults"])
    assert {"ssh", "lab"}.isdisjoint(defaults["properties"])


def test_only_a_target_is_required_as_the_rest_may_stand_in_defaults(project: Path) -> None:
    schema = hosts_schema(project)
    assert schema["$defs"]["Instance"].pop("oneOf") == [{"required": ["ssh"]}, {"required": ["lab"]}]
    assert '"required"' not in json.dumps(schema)


def test_the_schema_is_of_draft_2020_12_and_plain_json(project: Path) -> None:
    schema = json.loads(json.dumps(hosts_schema(project)))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_schemas_model_takes_the_default_file(project: Path, write_role: Any) -> None:
    for role in ("network", "mirrors", "python"):
        write_role(role)
    written = parse(read_text(DEFAULT_FILE), "hosts.yml")
    assert written is not None
    model = hosts_model(project).model_validate(written.plain())
    assert model.model_dump(mode="json", exclude_unset=True) == written.plain()


def test_the_default_file_is_a_demo_that_needs_no_account(project: Path, write_role: Any) -> None:
    for role in ("network", "mirrors", "python"):
        write_role(role)
    shutil.copyfile(DEFAULT_FILE, project / "inventory" / "hosts.yml")
    (demo,) = load_hosts(project).instances.values()
    assert (demo.name, demo.lab, demo.ssh, demo.region) == ("demo", "debian-12", None, "auto")
    assert demo.roles == ("network", "mirrors", "base", "python", "services")


def test_an_editor_shows_what_a_key_means(project: Path) -> None:
    definitions = hosts_schema(project)["$defs"]
    assert (
        definitions["Instance"]["properties"]["ssh"]["description"],
        definitions["Secret"]["properties"]["env"]["description"],
    ) == (
        "The provider's ssh command, pasted, or an ssh_config name",
        "Name of an environment variable on this computer",
    )


def test_an_editor_is_told_the_names_and_what_each_key_is(monkeypatch) -> None:
    """Of the roles that are built in."""
    schema = hosts_schema(content.builtin_root())
    told = {name.rpartition("roles__")[2]: part.get("properties", {}) for name, part in schema["$defs"].items()}
    assert "hello" in told["ServiceSettings"]["preset"]["anyOf"][0]["enum"]
    assert {"RTX 4090", "none"} <= set(told["torch__settings__Settings"]["gpu"]["anyOf"][0]["enum"])
    assert {"12.8", "cpu"} <= set(told["torch__settings__Settings"]["cuda"]["anyOf"][0]["enum"])
    assert "debian-12" in told["Instance"]["lab"]["anyOf"][0]["enum"] and "anyOf" in told["Instance"]["flavour"]
    lacking = [(owner, key) for owner, keys in told.items() for key, value in keys.items()
               if "description" not in value and owner != "Secret"]  # fmt: skip
    assert lacking == []


def test_the_schema_is_written_beside_hosts_yml_and_never_over_one(project: Path) -> None:
    path = write_schema(project)
    assert path is not None and json.loads(path.read_text()) == hosts_schema(project)
    assert f"# yaml-language-server: $schema={path.name}" == MODELINE
    path.write_text("mine")
    assert write_schema(project) is None and path.read_text() == "mine"

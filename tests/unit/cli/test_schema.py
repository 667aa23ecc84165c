from __future__ import annotations

import json
from pathlib import Path

import pytest

from gpustrap import content
from gpustrap.cli import exit
from gpustrap.cli.main import app


@pytest.mark.usefixtures("project")
def test_the_schema_knows_the_projects_roles(capsys):
    assert exit.run(app, ["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"ssh", "lab", "services", "mirrors"} <= schema["$defs"]["Instance"]["properties"].keys()


def test_a_schema_needs_no_project(project: Path, monkeypatch, capsys):
    empty = project / "roles"
    monkeypatch.chdir(empty)
    (project / "inventory" / "hosts.yml").unlink()
    assert content.builtin_root() not in empty.parents
    assert exit.run(app, ["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "hosts.yml"

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gpustrap.errors import BadInput
from gpustrap.inventory.hosts import load_hosts
from gpustrap.inventory.instance_keys import InstanceKeys, settings_model
from gpustrap.inventory.ssh import SshTarget


def test_a_pasted_command_becomes_a_target() -> None:
    assert InstanceKeys.model_validate({"ssh": "ssh -p 9 root@h"}).ssh == SshTarget("h", 9, "root")


@pytest.mark.parametrize(
    ("keys", "kind", "hint"),
    [
        ({"ssh": "ssh -p 0 root@h"}, "ssh", None),
        ({"ssh": "ssh root@h ls"}, "ssh", "paste only the part that connects"),
        ({"ssh": 22}, "string_type", None),
        ({"lab": "a b"}, "literal_error", None),
        ({"region": "mars"}, "literal_error", None),
        ({"labb": "x"}, "extra_forbidden", None),
        ({"password": "hunter2"}, "value_error", None),
    ],
)
def test_what_a_key_does_not_take_is_an_error_of_pydantic_s(keys, kind, hint) -> None:
    with pytest.raises(ValidationError) as refused:
        InstanceKeys.model_validate(keys)
    (error,) = refused.value.errors()
    assert (error["type"], error.get("ctx", {}).get("hint")) == (kind, hint)
    assert "hunter2" not in error["msg"]


@pytest.mark.usefixtures("project")
def test_settings_that_cannot_be_loaded_name_the_role() -> None:
    with pytest.raises(BadInput, match=r"^role 'nope': settings.py cannot be loaded: ModuleNotFoundError: "):
        settings_model("nope")


def hosts(project: Path, instance: str) -> Path:
    (project / "inventory" / "hosts.yml").write_text(f"defaults: {{roles: [base]}}\ninstances:\n  demo: {instance}\n")
    return project


def test_a_lab_instance_may_have_a_flavour(project: Path) -> None:
    flavours = [
        load_hosts(hosts(project, text)).instances["demo"].flavour
        for text in (
            "{lab: debian-12, flavour: vast}",
            "{lab: debian-12}",
            "{lab: debian-12, flavour: null}",
        )
    ]
    assert flavours == ["vast", None, None]


@pytest.mark.parametrize(
    ("instance", "said"),
    [
        ("{lab: debian-12, flavour: vasst}", "got 'vasst'; nearest: 'vast'"),
        ("{lab: debian-12, flavour: [vast]}", "got a list"),
        ("{ssh: ssh root@gpu, flavour: vast}", "only a lab instance has a flavour"),
    ],
)
def test_another_flavour_is_refused_where_it_stands(project: Path, instance: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        load_hosts(hosts(project, instance))
    (fault,) = refused.value.faults
    assert (fault.line, fault.key) == (3, "instances.demo.flavour")
    assert fault.message.startswith("expected autodl, ") or fault.message == said
    assert said in str(refused.value)

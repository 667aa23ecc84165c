from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.errors import BadInput
from gpustrap.inventory.hosts import load_hosts


def hosts(project: Path, instance: str) -> Path:
    (project / "inventory" / "hosts.yml").write_text(f"defaults: {{roles: [base]}}\ninstances:\n  demo: {instance}\n")
    return project


def test_a_lab_instance_may_have_a_flavour(project: Path) -> None:
    flavours = [load_hosts(hosts(project, text)).instances["demo"].flavour for text in (
        "{lab: debian-12, flavour: vast}", "{lab: debian-12}", "{lab: debian-12, flavour: null}",
    )]  # fmt: skip
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

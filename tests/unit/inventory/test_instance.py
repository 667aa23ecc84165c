from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap import content
from gpustrap.errors import BadInput
from gpustrap.inventory.document import parse
from gpustrap.inventory.instance import Checker, Instance


def check(project: Path, text: str, defaults: str = "{}") -> Instance:
    content.use_project(project)
    checker = Checker(project, "f")
    _, written = checker.sections(parse(f"instances:\n  a:\n    {text}\n", "f"))
    base, _ = checker.sections(parse(f"defaults: {defaults}\n", "f"))
    return checker.checked(checker.named("a", written.data["a"], base))


def refusal(project: Path, text: str) -> list[str]:
    with pytest.raises(BadInput) as refused:
        check(project, text)
    return [str(fault) for fault in refused.value.faults]


def test_what_is_not_written_comes_from_the_defaults(project: Path) -> None:
    one = check(
        project, "{lab: debian-12, base: {packages: [git]}}", "{roles: [base], region: cn, base: {packages: [vim]}}"
    )
    assert (one.name, one.lab, one.ssh, one.region, one.roles) == ("a", "debian-12", None, "cn", ("base",))
    assert one.settings["base"].model_dump() == {"packages": ["git"]}


@pytest.mark.parametrize("url", ["http://i-1.gpushare.com:28080", "http://203.0.113.7:{port}", "https://x-{port}.y/z"])
def test_an_address_from_outside_may_be_that_of_each_port(project: Path, url: str) -> None:
    assert check(project, f"{{ssh: h, roles: [], public_url: '{url}'}}").public_url == url


def test_settings_of_a_role_that_is_not_listed_are_checked_and_left_out(project: Path) -> None:
    assert list(check(project, "{lab: debian-12, roles: [], base: {packages: []}}").settings) == []
    assert refusal(project, "{lab: debian-12, roles: [], base: {pakages: []}}") == [
        "f:3: instances.a.base.pakages: unknown key; nearest: 'packages'"
    ]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("{roles: []}", ["f:2: instances.a: expected one of ssh and lab, got neither"]),
        ("{lab: debian-12, ssh: h, roles: []}", ["f:2: instances.a: expected one of ssh and lab, got both"]),
        (
            "{ssh: h, roles: [], public_url: 'i-1.gpushare.com:{port}'}",
            ["f:3: instances.a.public_url: expected a URL such as http://HOST:PORT"],
        ),
        (
            "{lab: debian-12, roles: [], allow_listening: [8080, 70000, 41641/udp, 'a b']}",
            [
                "f:3: instances.a.allow_listening.1: expected a port, PORT/udp or the name of a program, got 70000",
                "f:3: instances.a.allow_listening.3: expected a port, PORT/udp or the name of a program, got 'a b'",
            ],
        ),
        ("{lab: debian-12}", ["f:2: instances.a: no roles\nhint: write roles: [NAME, …] here or under defaults"]),
        ("{lab: debian-12, roles: [bas]}", ["f:3: instances.a.roles: no role 'bas'; nearest: 'base'"]),
        ("{lab: debian-12, roles: [base, base]}", ["f:3: instances.a.roles: role 'base' stands twice"]),
        (
            "[1]",
            [
                "f:2: instances.a: expected a mapping (key: value), got a list",
                "f:2: instances.a: expected one of ssh and lab, got neither",
                "f:2: instances.a: no roles\nhint: write roles: [NAME, …] here or under defaults",
            ],
        ),
    ],
)
def test_every_fault_is_collected_with_its_line(project: Path, text: str, faults: list[str]) -> None:
    assert refusal(project, text) == faults


def test_a_role_whose_tasks_are_missing_is_told_from_one_that_nobody_has(project: Path) -> None:
    (project / "roles" / "links").mkdir(parents=True)
    assert refusal(project, "{lab: debian-12, roles: [links]}") == [
        "f:3: instances.a.roles: roles/links has no tasks.py\nhint: `gpustrap role new NAME` writes a whole role"
    ]


def test_a_pasted_instance_is_typed_as_its_command() -> None:
    one = Instance("h:9", None, None, None, "auto", (), {}, pasted="ssh -p 9 root@h")
    assert one.typed == "'ssh -p 9 root@h'"

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gpustrap.errors import BadInput
from gpustrap.inventory.hosts import Hosts, Instance, load_hosts, select
from gpustrap.inventory.schema import hosts_schema
from gpustrap.inventory.secrets import Secret
from gpustrap.inventory.ssh import SshTarget

ADD = 'hint: gpustrap add "ssh -p PORT root@HOST" adds one'
TWO = """
defaults: {region: cn, roles: [base, services], base: {packages: [git]}}
instances:
  demo: {lab: debian-12}
  trainer: {ssh: ssh -p 28123 root@i-1.gpushare.com, roles: [base]}
"""


def load(project: Path, text: str) -> Hosts:
    (project / "inventory" / "hosts.yml").write_text(text, encoding="utf-8")
    return load_hosts(project)


def refusal(project: Path, text: str | bytes) -> str:
    content = text if isinstance(text, bytes) else text.encode()
    (project / "inventory" / "hosts.yml").write_bytes(content)
    with pytest.raises(BadInput) as refused:
        load_hosts(project)
    return str(refused.value).replace("inventory/hosts.yml", "FILE")


def settings(instance: Instance) -> dict[str, Any]:
    return {role: model.model_dump(exclude_none=True) for role, model in instance.settings.items()}


def test_an_instance_has_what_the_file_says_and_defaults_for_the_rest(project: Path) -> None:
    hosts = load(
        project,
        """
        instances:
          trainer:
            ssh: ssh -p 28123 root@i-1.gpushare.com
            password: {env: BOX_PASSWORD}
            region: global
            roles: [hub, base]
            hub: {token: {env: HF_TOKEN}, prefetch: [Qwen/Qwen3-0.6B]}
          demo: {lab: debian-12, roles: []}
        """,
    )
    trainer, demo = hosts.instances.values()
    assert (trainer.name, trainer.ssh, trainer.lab, trainer.password, trainer.region, trainer.roles) == (
        "trainer",
        SshTarget("i-1.gpushare.com", 28123, "root"),
        None,
        Secret(env="BOX_PASSWORD"),
        "global",
        ("hub", "base"),
    )
    assert settings(trainer) == {
        "hub": {"token": {"env": "HF_TOKEN"}, "prefetch": ("Qwen/Qwen3-0.6B",)},
        "base": {"packages": []},
    }
    assert demo == Instance("demo", None, "debian-12", None, "auto", (), {})
    assert hosts.path == project / "inventory" / "hosts.yml"


def test_defaults_are_merged_key_by_key_and_lists_are_replaced(project: Path) -> None:
    hosts = load(
        project,
        """
        defaults:
          region: cn
          roles: [base, services]
          password: {env: ALL}
          base: {packages: [git, tmux]}
          services: {web: {preset: hello, port: 81}}
        instances:
          plain: {lab: debian-12}
          own:
            lab: debian-12
            region: global
            roles: [services, base]
            password: {file: own}
            base: {packages: [vim]}
            services: {web: {port: 82}, api: {command: run}}
          fewer: {lab: debian-12, roles: [base]}
        """,
    )
    plain, own, fewer = hosts.instances.values()
    assert (plain.region, plain.roles, plain.password) == ("cn", ("base", "services"), Secret(env="ALL"))
    assert (own.region, own.roles, own.password) == (
        "global",
        ("services", "base"),
        Secret(file=project / "own"),
    )
    assert settings(own)["base"] == {"packages": ["vim"]}
    assert {name: (s.get("preset"), s["port"]) for name, s in settings(own)["services"].items()} == {
        "web": ("hello", 82),
        "api": (None, 8080),
    }
    assert list(fewer.settings) == ["base"]


def test_a_role_with_nothing_under_its_name_has_its_defaults(project: Path) -> None:
    hosts = load(project, "instances:\n  a:\n    lab: debian-12\n    roles: [base]\n    base:\n")
    assert settings(hosts.instances["a"]) == {"base": {"packages": []}}


def test_anchors_and_merge_keys_work_across_instances(project: Path) -> None:
    hosts = load(
        project,
        """
        instances:
          a: &a {lab: debian-12, roles: [base], base: {packages: [git]}}
          b: {<<: *a, lab: debian-11}
        """,
    )
    assert (hosts.instances["b"].lab, settings(hosts.instances["b"])) == (
        "debian-11",
        {"base": {"packages": ["git"]}},
    )


@pytest.mark.parametrize("text", ["defaults:\ninstances:\n", "defaults: {}", "instances: {}"])
def test_a_file_may_have_no_instances(project: Path, text: str) -> None:
    assert load(project, text).instances == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"FILE: the file is empty\n{ADD}"),
        ("# nothing yet\n", f"FILE: the file is empty\n{ADD}"),
        ("- a\n", "FILE:1: expected a mapping (key: value), got a list"),
        ("just words\n", "FILE:1: expected a mapping (key: value), got 'just words'"),
        ("instance: {}\n", "FILE:1: instance: unknown key; nearest: 'instances'"),
        ("instances: [a]\n", "FILE:1: instances: expected a mapping (key: value), got a list"),
        ("defaults: 5\n", "FILE:1: defaults: expected a mapping (key: value), got 5"),
        (
            "instances:\n  a: {lab: debian-12, roles: []}\n  a: {lab: debian-11, roles: []}\n",
            "FILE:3: instances.a: written twice, first in line 2",
        ),
        (
            "instances:\n  a: {lab: debian-12\n  b: {lab: debian-11}\n",
            "FILE:3: not YAML: column 4: while parsing a flow mapping, expected ',' or '}', but got ':'",
        ),
        (b"instances:\n  a: {lab: '\xff'}\n", "FILE:2: not UTF-8: byte 0xff\nhint: save the file as UTF-8"),
    ],
)
def test_a_file_of_another_form_is_refused(project: Path, text: str | bytes, message: str) -> None:
    assert refusal(project, text) == message


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("roles: []", "FILE:2: instances.a: expected one of ssh and lab, got neither"),
        ("lab: debian-12, ssh: y, roles: []", "FILE:2: instances.a: expected one of ssh and lab, got both"),
        ("lab: debian-12", "FILE:2: instances.a: no roles\nhint: write roles: [NAME, …] here or under defaults"),
        ("lab: debian-12, roles: base", "FILE:2: instances.a.roles: expected a list, got 'base'"),
        ("lab: debian-12, roles: [5]", 'FILE:2: instances.a.roles.0: expected text, got 5; write it in quotes: "5"'),
        ("lab: debian-12, roles: [bse]", "FILE:2: instances.a.roles: no role 'bse'; nearest: 'base'"),
        ("lab: debian-12, roles: [base, base]", "FILE:2: instances.a.roles: role 'base' stands twice"),
        ("lab: debian-12, roles: [], regin: cn", "FILE:2: instances.a.regin: unknown key; nearest: 'region'"),
        ("lab: debian-12, roles: [], servces: {}", "FILE:2: instances.a.servces: unknown key; nearest: 'services'"),
        (
            "lab: debian-12, roles: [], region: cm",
            "FILE:2: instances.a.region: expected cn, global or auto, got 'cm'; nearest: 'cn'",
        ),
        (
            "lab: debain-12, roles: []",
            "FILE:2: instances.a.lab: expected debian-12 or debian-11, got 'debain-12'; nearest: 'debian-12'",
        ),
        ("ssh: 5, roles: []", 'FILE:2: instances.a.ssh: expected text, got 5; write it in quotes: "5"'),
        ("ssh: ssh -p 99999 x, roles: []", "FILE:2: instances.a.ssh: port must be 1 to 65535, got 99999"),
        (
            "ssh: 'ssh root:hunter2@x', roles: []",
            "FILE:2: instances.a.ssh: a password stands before the host, "
            "where files and process lists show it\n"
            "hint: use an ssh key, or write the password's place beside it: password: {env: NAME}",
        ),
        (
            "ssh: x, password: hunter2, roles: []",
            "FILE:2: instances.a.password: a secret in the clear ends up in backups and commits; "
            "expected one of {env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}",
        ),
        ("lab: debian-12, roles: [project]", "FILE:2: instances.a.project.repo: missing, and it has no default"),
        (
            "lab: debian-12, roles: [base], base: 5",
            "FILE:2: instances.a.base: expected a mapping (key: value), got 5",
        ),
        (
            "lab: debian-12, roles: [], services: {web: {port: 0}}",
            "FILE:2: instances.a.services.web.port: expected a number from 1 to 65535, got 0",
        ),
    ],
)
def test_a_wrong_instance_is_named_by_line_and_key(project: Path, keys: str, message: str) -> None:
    assert refusal(project, f"instances:\n  a: {{{keys}}}\n") == message


def test_an_instance_of_nothing_or_of_a_word_is_refused(project: Path) -> None:
    text = "defaults: {roles: []}\ninstances:\n  a:\n  b: 5\n  ' c': {lab: debian-12}\n"
    assert refusal(project, text).splitlines() == [
        "FILE:3: instances.a: expected one of ssh and lab, got neither",
        "FILE:4: instances.b: expected a mapping (key: value), got 5",
        "FILE:4: instances.b: expected one of ssh and lab, got neither",
        "FILE:5: instances. c: a name has letters, digits, dots, dashes and _, and begins with a letter or a digit",
    ]


def test_a_fault_of_the_defaults_is_said_once_where_it_was_written(project: Path) -> None:
    text = """
defaults:
  roles: [base, bse]
  ssh: x
  base: {packages: git}
instances:
  a: {lab: debian-12}
  b: {lab: debian-12}
"""
    assert refusal(project, text).splitlines() == [
        "FILE:3: defaults.roles: no role 'bse'; nearest: 'base'",
        "FILE:4: defaults.ssh: unknown key",
        "FILE:5: defaults.base.packages: expected a list, got 'git'",
    ]


def test_all_faults_of_a_file_come_at_once_in_the_order_of_the_lines(project: Path) -> None:
    text = """
defaults: {roles: [base]}
instances:
  a: {lab: debian-12, region: mars}
  b:
    base: {packges: []}
    lab: debian-12
    hub: {token: hunter2}
"""
    assert refusal(project, text).splitlines() == [
        "FILE:4: instances.a.region: expected cn, global or auto, got 'mars'",
        "FILE:6: instances.b.base.packges: unknown key; nearest: 'packages'",
        "FILE:8: instances.b.hub.token: a secret in the clear ends up in backups and commits; "
        "expected one of {env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}",
    ]


@pytest.mark.parametrize(
    ("settings_py", "reason"),
    [
        ("import nothing_of_this_name", "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise type('Odd', (BaseException,), {})('no')", "Odd: no"),
    ],
)
def test_a_role_whose_settings_cannot_be_loaded_is_bad_input(
    project: Path, write_role: Any, settings_py: str, reason: str
) -> None:
    write_role("broken", f"Settings = None\n{settings_py}")
    message = f"roles/broken/settings.py:2: role 'broken': settings.py cannot be loaded: {reason}"
    assert refusal(project, "instances: {a: {lab: debian-12, roles: [broken]}}") == message


@pytest.mark.parametrize(
    ("raised", "reason"), [("SystemExit(3)", "SystemExit: 3"), ("ZeroDivisionError('no')", "ZeroDivisionError: no")]
)
def test_a_check_of_a_persons_own_settings_that_raises_is_bad_input(
    project: Path, write_role: Any, raised: str, reason: str
) -> None:
    write_role(
        "strict",
        "from pydantic import BaseModel, model_validator\n\n\nclass Settings(BaseModel):\n"
        f"    @model_validator(mode='after')\n    def check(self):\n        raise {raised}\n",
    )
    said = refusal(project, "instances: {a: {lab: debian-12, roles: [strict]}}")
    assert said.endswith(f": a check in the settings.py of role 'strict' fails: {reason}")


def test_a_role_named_like_a_key_has_its_defaults(project: Path, write_role: Any) -> None:
    write_role("region")
    (one,) = load(project, "instances: {a: {lab: debian-12, region: cn, roles: [region]}}").instances.values()
    assert (one.region, one.roles, one.settings["region"].model_dump()) == ("cn", ("region",), {"packages": []})
    assert hosts_schema(project)["$defs"]["Instance"]["properties"]["region"]["enum"] == ["cn", "global", "auto"]


def test_a_missing_file_is_named(project: Path) -> None:
    with pytest.raises(BadInput) as refused:
        load_hosts(project)
    assert str(refused.value) == "inventory/hosts.yml: cannot be read: no such file or directory"


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ([], ["demo", "trainer"]),
        (["trainer"], ["trainer"]),
        (["trainer", "demo", "trainer"], ["trainer", "demo"]),
        (["root@box"], ["box"]),
        (["ssh -p 2222 root@box", "demo"], ["box:2222", "demo"]),
        (["ssh://[2001:db8::1]:22"], ["2001:db8::1:22"]),
    ],
)
def test_instances_are_chosen_by_name_or_by_pasted_command(project: Path, names: list[str], chosen: list[str]) -> None:
    assert [instance.name for instance in select(load(project, TWO), names)] == chosen


RENTED = """
defaults: {region: cn, roles: [base]}
instances:
  demo: {lab: debian-12}
  trainer: {ssh: ssh -p 29231 root@127.0.0.1, region: global}
"""


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["ssh -p 29231 root@127.0.0.1"], ["trainer"]),
        (["ssh://root@127.0.0.1:29231", "trainer"], ["trainer"]),
        (["ssh -p 29232 root@127.0.0.1"], ["127.0.0.1:29232"]),
        (["ssh -p 29231 me@127.0.0.1"], ["127.0.0.1:29231"]),
        (["ssh root@h", "ssh -p 22 root@H"], ["h"]),
        (["ssh a@h", "ssh b@h"], ["h", "b@h"]),
        (["ssh root@trainer", "trainer"], ["root@trainer", "trainer"]),
        (["ssh root@demo"], ["root@demo"]),
    ],
)
def test_one_box_is_one_instance_however_it_is_written(project: Path, names: list[str], chosen: list[str]) -> None:
    assert [instance.name for instance in select(load(project, RENTED), names)] == chosen


def test_a_pasted_command_that_leads_to_a_box_of_the_file_takes_its_settings(project: Path) -> None:
    hosts = load(project, RENTED)
    assert select(hosts, ["ssh -C -p 29231 root@127.0.0.1"]) == (hosts.instances["trainer"],)


@pytest.mark.parametrize(
    ("word", "typed"), [("trainer", "trainer"), ("ssh -p 9 root@h", "'ssh -p 9 root@h'"), ("root@h", "root@h")]
)
def test_an_instance_knows_the_word_that_means_it(project: Path, word: str, typed: str) -> None:
    (one,) = select(load(project, RENTED), [word])
    assert one.typed == typed


def test_two_names_of_one_box_are_bad_input_with_both_lines(project: Path) -> None:
    with pytest.raises(BadInput) as refused:
        load(
            project,
            RENTED + "  again: {ssh: 'ssh://root@127.0.0.1:29231/'}\n  third:\n    ssh: root@127.0.0.1 -p29231\n",
        )
    once = "a box has one name: keep one of the two"
    assert str(refused.value) == (
        "inventory/hosts.yml:6: instances.again.ssh: the same box as 'trainer', whose command is in line 5\n"
        f"hint: {once}\n"
        "inventory/hosts.yml:8: instances.third.ssh: the same box as 'trainer', whose command is in line 5\n"
        f"hint: {once}"
    )


def test_a_pasted_command_takes_the_files_defaults(project: Path) -> None:
    (pasted,) = select(load(project, TWO), ["ssh -p 2222 root@box"])
    assert (pasted.ssh, pasted.lab, pasted.region, pasted.roles) == (
        SshTarget("box", 2222, "root"),
        None,
        "cn",
        ("base", "services"),
    )
    assert settings(pasted) == {"base": {"packages": ["git"]}, "services": {}}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["trianer"], "FILE: no instance 'trianer'; nearest: 'trainer'\nhint: instances: demo, trainer"),
        (
            ["x", "demo", "y"],
            "FILE: no instance 'x'\nhint: instances: demo, trainer\n"
            "FILE: no instance 'y'\nhint: instances: demo, trainer",
        ),
        (
            ["ssh box ls"],
            "more than an ssh command: what stands behind the host\nhint: paste only the part that connects",
        ),
    ],
)
def test_an_unknown_name_is_refused(project: Path, names: list[str], message: str) -> None:
    hosts = load(project, TWO)
    with pytest.raises(BadInput) as refused:
        select(hosts, names)
    assert str(refused.value).replace("inventory/hosts.yml", "FILE") == message


@pytest.mark.parametrize("text", ["defaults: {region: cn}", "instances: {a: {ssh: root@a, roles: [base]}}"])
def test_a_pasted_command_has_a_new_projects_roles_where_the_defaults_have_none(
    project: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gpustrap.inventory.hosts.ROLES", ("base", "services"))
    (pasted,) = select(load(project, text), ["ssh -p 2222 root@box"])
    assert pasted.roles == ("base", "services")


def test_a_pasted_command_needs_defaults_that_are_whole(project: Path) -> None:
    hosts = load(project, "\ndefaults: {roles: [project]}\n")
    with pytest.raises(BadInput) as refused:
        select(hosts, ["root@box"])
    message = "inventory/hosts.yml:2: defaults.project.repo: missing, and it has no default"
    assert str(refused.value) == message


def test_no_names_and_no_instances_is_refused(project: Path) -> None:
    hosts = load(project, "defaults: {}")
    with pytest.raises(BadInput) as refused:
        select(hosts, [])
    assert str(refused.value) == f"inventory/hosts.yml: no instances\n{ADD}"

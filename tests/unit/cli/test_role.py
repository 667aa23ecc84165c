from __future__ import annotations

import pytest

from gpustrap import content
from gpustrap.cli import exit
from gpustrap.cli.main import app
from gpustrap.inventory.hosts import load_hosts
from gpustrap.inventory.own_roles import faults_of_role


def say(capsys, *words):
    code = exit.run(app, words)
    return code, *capsys.readouterr()


def test_a_new_role_is_one_that_hosts_yml_may_name(project, capsys):
    assert say(capsys, "role", "new", "motd_2") == (
        0,
        "wrote roles/motd_2/settings.py\nwrote roles/motd_2/tasks.py\nwrote roles/motd_2/verify.py\n"
        "wrote templates/motd_2/text.j2\n"
        "next: add motd_2 to `roles` in inventory/hosts.yml, then `gpustrap plan`\n",
        "",
    )
    hosts = project / "inventory" / "hosts.yml"
    hosts.write_text(hosts.read_text().replace("[services]", "[services, motd_2]"))
    assert faults_of_role(project, "motd_2") == []
    assert load_hosts(project).instances["demo"].settings["motd_2"].text == "set up by gpustrap"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("my-role", "a role's name has letters, digits and underscores only, got 'my-role'\nhint: call it my_role\n"),
        (
            "base",
            "there is a role 'base' already\nhint: files of your own in its folder come before the built-in ones\n",
        ),
        ("region", "'region' is a key of an instance, so a role of that name has no settings\n"),
    ],
)
def test_a_name_that_no_role_can_have_is_refused(project, capsys, name, said):
    assert say(capsys, "role", "new", name) == (2, "", said)
    assert list((project / "roles").iterdir()) == []


def test_what_is_there_is_not_written_over(project, capsys):
    (project / "templates" / "mine").mkdir(parents=True)
    (project / "templates" / "mine" / "text.j2").touch()
    assert say(capsys, "role", "new", "mine") == (
        2, "", "templates/mine/text.j2: is there already, and is never overwritten\n"
    )  # fmt: skip
    assert not (project / "roles" / "mine").exists()


@pytest.mark.parametrize("words", [["role", "new", "mine"], ["add", "ssh root@203.0.113.9"]])
def test_gpustraps_own_folder_is_not_written_to(project, capsys, monkeypatch, words):
    monkeypatch.chdir(content.builtin_root())
    assert say(capsys, *words) == (
        2, "", "this is gpustrap's own folder, which an update replaces\n"
        "hint: `gpustrap init ~/gpus` makes a project of your own\n"
    )  # fmt: skip

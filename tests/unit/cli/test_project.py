from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from gpustrap.cli import exit
from gpustrap.cli.main import app
from gpustrap.inventory.hosts import load_hosts

ROOT = Path(__file__).parents[3]


def say(capsys, *words: str) -> tuple[int, str, str]:
    code = exit.run(app, words)
    return code, *capsys.readouterr()


@pytest.mark.parametrize(
    ("written", "words", "go"), [("", ["init"], ""), ("my boxes/", ["init", "my boxes"], "cd 'my boxes' && ")]
)
def test_a_new_project_says_what_it_wrote_and_what_comes_next(tmp_path, monkeypatch, capsys, written, words, go):
    monkeypatch.chdir(tmp_path)
    assert say(capsys, *words) == (
        0,
        f"wrote {written}inventory/hosts.yml\nwrote {written}inventory/hosts.py\nwrote {written}deploy.py\n"
        f"wrote {written}.gitignore\nwrote {written}inventory/hosts.schema.json\nnext: {go}gpustrap up demo\n",
        "",
    )
    assert list(load_hosts(tmp_path / written).instances) == ["demo"]


def test_a_new_project_keeps_a_gitignore(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path(".gitignore").write_text("mine\n")
    assert say(capsys, "init") == (
        0,
        "wrote inventory/hosts.yml\nwrote inventory/hosts.py\nwrote deploy.py\nwrote inventory/hosts.schema.json\n"
        "kept .gitignore: it should name /secrets/\nnext: gpustrap up demo\n",
        "",
    )
    assert Path(".gitignore").read_text() == "mine\n"


@pytest.mark.parametrize("file", ["inventory/hosts.yml", "inventory/hosts.py", "deploy.py"])
def test_the_checkout_itself_is_a_new_project(file):
    assert (ROOT / file).read_text() == (ROOT / "templates" / "init" / Path(file).name).read_text()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["ssh -p 28124 root@i-2.gpushare.com"],
            "added gpushare to inventory/hosts.yml, an instance of gpushare (恒源云)\nnext: gpustrap plan gpushare\n",
        ),
        (
            ["ssh root@203.0.113.7", "--name", "mine"],
            "added mine to inventory/hosts.yml (its address does not show the provider)\nnext: gpustrap plan mine\n",
        ),
        (
            ["ssh gpu-box"],
            "added gpu-box to inventory/hosts.yml (its address does not show the provider)\nnext: gpustrap plan gpu-box\n",
        ),
    ],
)
def test_an_added_instance_is_named_and_its_provider_told(capsys, words, said):
    assert say(capsys, "add", *words) == (0, said, "")


LEFT_OUT = "left out: what stands before the command, what stands behind the host\n"
NO_PASSWORD = "the password is written nowhere: `gpustrap up h` at a terminal asks for it, and lets a key in\n"


@pytest.mark.parametrize(
    ("words", "ssh", "said"),
    [
        ("add ssh -p 9 root@h", "ssh -p 9 root@h", ""),
        ("add ssh -p9 -L 8080:localhost:8080 -i ~/key root@h", "ssh -p9 -L 8080:localhost:8080 -i ~/key root@h", ""),
        ("add --name h ssh root@h -p 9", "ssh root@h -p 9", ""),
        ("add ssh -p 9 root@h --name h", "ssh -p 9 root@h", ""),
        ("add ssh -o 'ProxyCommand=nc %h %p' root@h", "ssh -o 'ProxyCommand=nc %h %p' root@h", ""),
        ("add 'ssh –p 9 root＠h'", "ssh -p 9 root@h", ""),
        ("add '登录指令：ssh -p 9 root@h 复制\n登录密码：hunter2 复制'", "ssh -p 9 root@h", LEFT_OUT + NO_PASSWORD),
    ],
)
def test_a_command_is_added_as_it_is_pasted(project, capsys, words, ssh, said):
    code, _, err = say(capsys, *shlex.split(words))
    assert (code, err) == (0, said)
    hosts = (project / "inventory" / "hosts.yml").read_text()
    assert YAML(typ="safe", pure=True).load(hosts)["instances"]["h"] == {"ssh": ssh}
    assert "hunter2" not in hosts


def test_a_password_beside_a_command_is_for_the_first_login_of_up(project, capsys, monkeypatch):
    given = []
    monkeypatch.setattr("gpustrap.run.up.up", lambda instances, *_: given.extend(instances) or {})
    assert say(capsys, "up", "ssh root@h\nhunter2")[0] == 0
    (one,) = given
    assert (one.name, one.typed, one.given.get_secret_value()) == ("h", "'ssh root@h'", "hunter2")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["ssh root@203.0.113.7", "--name", "demo"],
            "inventory/hosts.yml:4: instances.demo: there is such an instance already\n",
        ),
        (["ssh"], "no host in the ssh command\nhint: the form is ssh -p PORT USER@HOST\n"),
    ],
)
def test_what_cannot_be_added_is_bad_input(capsys, words, said):
    assert say(capsys, "add", *words) == (2, "", said)

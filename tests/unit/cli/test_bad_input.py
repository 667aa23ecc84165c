"""Bad input ends with 2, says file, line, key and the nearest right word, and touches nothing."""

from __future__ import annotations

import json
import os

import pytest

import warm

CASES = {
    "unknown key": (
        b"instances:\n  a:\n    lab: debian-12\n    roles: []\n    regoin: cn\n",
        "inventory/hosts.yml:5: instances.a.regoin: unknown key; nearest: 'region'\n",
    ),
    "wrong type": (
        b"instances:\n  a:\n    lab: debian-12\n    roles: services\n",
        "inventory/hosts.yml:4: instances.a.roles: ",
    ),
    "port out of range": (
        b"instances:\n  a:\n    lab: debian-12\n    roles: [services]\n    services:\n"
        b"      web: {command: x, port: 70000}\n",
        "inventory/hosts.yml:6: instances.a.services.web.port: ",
    ),
    "ssh port out of range": (
        b"instances:\n  a:\n    ssh: ssh -p 70000 root@h\n    roles: []\n",
        "inventory/hosts.yml:3: instances.a.ssh: ",
    ),
    "unknown role": (
        b"instances:\n  a:\n    lab: debian-12\n    roles: [servces]\n",
        "inventory/hosts.yml:4: instances.a.roles: no role 'servces'; nearest: 'services'\n",
    ),
    "unknown preset": (
        b"instances:\n  a:\n    lab: debian-12\n    roles: [services]\n    services: {web: {preset: helo}}\n",
        "inventory/hosts.yml:5: instances.a.services.web.preset: ",
    ),
    "secret in the clear": (
        b"instances:\n  a:\n    ssh: ssh root@h\n    password: hunter2\n    roles: []\n",
        "inventory/hosts.yml:4: instances.a.password: a secret in the clear ends up in backups and commits; ",
    ),
    "YAML syntax": (b"instances:\n  a: {lab: debian-12\n", "inventory/hosts.yml:"),
    "empty file": (b"", "inventory/hosts.yml: the file is empty\n"),
    "duplicate key": (
        b"instances:\n  a: {lab: debian-12, roles: []}\n  a: {lab: debian-11, roles: []}\n",
        "inventory/hosts.yml:3: ",
    ),
    "not UTF-8": (b"instances:\n  a: {lab: debian-12, roles: []} # \xff\xfe\n", "inventory/hosts.yml:2: "),
}


FIELDS = {"file", "line", "key", "message", "nearest", "hint"}


def run(folder, *words):
    home = folder / "home"
    environment = {**os.environ, "GPUSTRAP_HOME": str(home), "GPUSTRAP_PROJECT": str(folder)}
    done = warm.run(words, folder, environment, seconds=60)
    assert not home.exists(), "something was touched"
    return done


@pytest.mark.parametrize("verb", [["up", "-y", "--json"], ["plan"], ["verify"], ["status"]], ids=lambda verb: verb[0])
@pytest.mark.parametrize("case", CASES)
def test_a_file_that_is_wrong_ends_with_2(tmp_path, case, verb):
    content, message = CASES[case]
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_bytes(content)

    done = run(tmp_path, *verb)

    assert done.code == 2, done.stderr
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr + done.stdout
    if "--json" in verb:
        [fault, *_] = json.loads(done.stdout)["error"]
        said = ":".join(str(fault[part]) for part in ("file", "line") if fault[part])
        assert (set(fault), done.stderr.startswith(f"{said}: ")) == (FIELDS, True)
    else:
        assert done.stdout == ""


def test_several_faults_come_at_once(tmp_path):
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_bytes(
        b"instances:\n  a: {lab: debian-12, roles: [nope]}\n  b: {lab: debian-12, roles: [], regoin: cn}\n"
    )

    lines = run(tmp_path, "plan").stderr.splitlines()

    assert [line.split(": ")[0] for line in lines if line.startswith("inventory")] == [
        "inventory/hosts.yml:2",
        "inventory/hosts.yml:3",
    ]


def test_unknown_verbs_and_options_end_with_2_and_no_traceback(tmp_path):
    for words in (["pu"], ["up", "--jsno"]):
        done = run(tmp_path, *words)
        assert done.code == 2 and "Traceback" not in done.stderr

"""The screens that a newcomer sees, by the real program in Chinese: no English sentence is left."""

from __future__ import annotations

import json
import os
import re

import pytest

import warm

NEW = "ssh -p 28123 root@203.0.113.10"
# What is no English sentence: commands and names in backquotes or quotes, addresses, paths, options.
NAMES = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"|\S*[/@:=.*_-]\S*|\b[A-Z][\w+.-]*")
SENTENCE = re.compile(r"\b[a-z]{2,}(?: [a-z]{2,}){2,}")


def said(words, cwd, *, language="zh_CN.UTF-8", **variables):
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    environment |= {
        "LANG": language,
        "PYTHONUTF8": "1",
        "HOME": str(cwd),
        "GPUSTRAP_HOME": str(cwd / "own"),
        **variables,
    }
    done = warm.run(words, cwd, environment, seconds=60)
    return done.code, done.stdout, done.stderr


@pytest.fixture
def project(tmp_path):
    code, *_ = said(["init", "--empty"], tmp_path)
    assert code == 0
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code", "begins"),
    [
        (["plan", "nosuch"], 2, "inventory/hosts.yml: 没有实例 'nosuch'\n提示：现有实例：demo\n"),
        (["up", "demo", "--roles", "torhc"], 2, "--roles: 没有角色 'torhc'；最接近的：'torch'\n提示：现有角色："),
        (["add", NEW, "--name", "a b"], 2, "'a b' 不能当实例名：只用字母、数字、点和连字符，例如 gpu-1\n"),
        (["add", "see the page"], 2, "粘贴的内容里没有 ssh 命令\n提示：写法是 ssh -p PORT USER@HOST\n"),
        (["add", "ssh root@ssh.runpod.io"], 2, "ssh.runpod.io 只给一个终端，没法在里面装东西\n提示：用 ssh root@IP -p PORT"),
        (["up", "-q", "-v"], 2, "--quiet: -q 和 -v 不能同时用\n"),
        (["status", "demo"], 1, "demo: 连不上：lab 实例不存在\n提示：用 `gpustrap up demo` 创建它\n"),
        (["torch", "explain", "--gpu", "RTX 409"], 2, "gpu: 资料里没有显卡 'RTX 409'；最接近的："),
        (["torch", "explain", "--gpu", "1080", "--cuda", "13.0"], 1, "不行，卡在 gpu："),
        (["gpus", "RTX 4090", "--fits", "7B fp16 inference"], 0, "显卡      架构"),
        (["--lang", "fr"], 2, "--lang: 'fr' 不在可选值里：en, zh_CN\n"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said_in_chinese(words, code, begins, project):
    ended, out, err = said(words, project)
    assert ended == code
    assert (out + err).startswith(begins)
    sentences = [found[0] for line in (out + err).splitlines() for found in SENTENCE.finditer(NAMES.sub("·", line))]
    assert sentences == []


def test_a_bad_hosts_yml_is_explained_in_chinese(project):
    hosts = project / "inventory" / "hosts.yml"
    hosts.write_text("instances:\n  a:\n    ssh: ssh -p 99999 root@h\n    rolse: [base]\n    region: moon\n")
    assert said(["plan"], project)[2] == (
        "inventory/hosts.yml:2: instances.a: 一个角色都没写\n"
        "提示：在这里或 defaults 下面写 roles: [NAME, …]\n"
        "inventory/hosts.yml:3: instances.a.ssh: 端口必须是 1 到 65535，写的是 99999\n"
        "inventory/hosts.yml:4: instances.a.rolse: 不认识的键；最接近的：'roles'\n"
        "inventory/hosts.yml:5: instances.a.region: 应该是 cn、global 或 auto，写的是 'moon'\n"
    )


def test_the_flag_beats_the_environment_and_json_is_the_same_for_everybody(project):
    assert said(["plan", "nosuch", "--lang", "en"], project)[2].startswith("inventory/hosts.yml: no instance 'nosuch'")
    assert "没有实例" in said(["plan", "nosuch", "--lang", "zh_CN"], project, language="C")[2]
    chinese, english = (said(["plan", "nosuch", "--json"], project, language=each) for each in ("zh_CN.UTF-8", "C"))
    assert chinese == english
    assert json.loads(chinese[1])["error"][0]["message"] == "no instance 'nosuch'"


def test_where_chinese_cannot_be_shown_it_is_english(project):
    assert said(["plan", "nosuch"], project, PYTHONUTF8="0", PYTHONIOENCODING="ascii")[2].startswith(
        "inventory/hosts.yml: no instance"
    )

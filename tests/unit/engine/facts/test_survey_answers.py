"""Every line of the survey's answer, on one box that says them all; and what the question asks for."""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from gpustrap.engine.facts import survey as survey_fact
from gpustrap.engine.facts.survey import SurveyFact
from gpustrap.resolve.box.configuration import Configuration, GitRule, SetKey, SetVariable
from gpustrap.resolve.box.survey import Disk, Survey

TEXT = "deb http://a.lan/debian bookworm main\n"
SAID = [
    "os_id\tubuntu", "os_version\t22.04", "os_codename\tjammy", "arch\taarch64", "hostname\tbox-1", "user\tubuntu",
    "home\t/home/ubuntu", "shell\t/bin/zsh", "glibc\t2.35", "python\t3.10.12", "conda\t/opt/conda",
    "container\t/.dockerenv exists", "container\tthe cgroup", "hypervisor\tyes", "systemd\tyes", "root\tyes",
    "owner\tproject/trainer", "cpu_max\t150000 100000", "cpu_cfs\t100000 100000", "nproc\t64",
    "memory_max\t2048", "memory_total\t64", "disk\t100 50 /", "disk\t100 50 relative", "disk\t9 8 /",
    "driver\t570.86.10", "listening\t8080", "listening\t22", "listening\t0", "listening\t65535", "listening\t65536",
    "tool\ttmux /usr/bin/tmux", "tool\ttmux /other", "tool\tbare", "env\tA=b=c", "env\tnothing",
    f"apt_source\t{base64.b64encode(TEXT.encode()).decode()} /etc/apt/sources.list", "apt_source\t!! /etc/apt/bad.list",
    "option\te 3 /root/.bashrc", "set\tPIP_INDEX_URL 7 /root/.bashrc", "set\tPIP_INDEX_URL 7 /root/.bashrc", "set\tUV_INDEX_URL x pid1", "set\tcut off",
    "key\tglobal index-url /etc/pip.conf", "key\t- registry /a b", "key\tcut off",
    "git_rule\tfile:/root/.gitconfig url.https://x/.insteadof https://github.com/", "git_rule\tword",
    "apt_proxy\t/etc/apt/apt.conf", "apt_moved\t/etc/apt/apt.conf.d/9x", "hf_token\t/root/.cache/huggingface/token",
    "trusted_host\ta.lan b.lan", "trusted_host\ta.lan", "rc_file\t.profile", "conda_forge\tyes", "ours\tPIP_INDEX_URL",
    'torch_memory\t{"cards": []}', 'measured\t{"at": 1}', "accelerator\tno_proxy='a.lan'", 'accelerator\thttp_proxy="http://p:1"',
    "accelerator\tno_proxy=b.lan", "accelerator\tempty=", "accelerator\tmode='X'", "service\tweb", "service\tweb", "wrote\tmirrors", "wrote\taccess", "wrote\taccess",
    "sudo\tyes", "sh\tbusybox", "lacks\ttar", "hangs\tgit", "nonsense", "empty\t",
]  # fmt: skip


def test_a_box_that_says_everything_is_read_as_it_says() -> None:
    assert SurveyFact().process(SAID) == Survey(
        os_id="ubuntu", os_version="22.04", os_codename="jammy", arch="aarch64", hostname="box-1", user="ubuntu",
        home="/home/ubuntu", shell="/bin/zsh", glibc=(2, 35), python=(3, 10, 12), conda="/opt/conda",
        kind="container", kind_reason="/.dockerenv exists", systemd=True, provider="plain",
        provider_reason="no trace of a known provider", cpus=1.5, memory_bytes=2048, cores=64,
        disks=(Disk("/", 100 * 1024, 50 * 1024, None),), driver=(570, 86, 10), listening=(22, 8080, 65535),
        tools={"tmux": "/usr/bin/tmux"}, apt_sources=("/etc/apt/sources.list",),
        apt_texts={"/etc/apt/sources.list": TEXT}, env={"A": "b=c"}, root=True, owner="project/trainer",
        torch_memory='{"cards": []}', measured='{"at": 1}', accelerator={"no_proxy": "a.lan", "http_proxy": "http://p:1", "mode": "X"},
        services=("web",), wrote=("access", "mirrors"), sudo="yes", sh="busybox", lacks=("tar",), hangs=("git",),
        configuration=Configuration(
            variables=(SetVariable("PIP_INDEX_URL", "/root/.bashrc", 7), SetVariable("UV_INDEX_URL", "pid1", 0)),
            keys=(SetKey("global", "index-url", "/etc/pip.conf"), SetKey("-", "registry", "/a b")),
            options=(SetVariable("e", "/root/.bashrc", 3),),
            git_rules=(GitRule("/root/.gitconfig", "url.https://x/.insteadof", "https://github.com/"),),
            apt_moved=("/etc/apt/apt.conf.d/9x",), apt_proxies=("/etc/apt/apt.conf",), hf_tokens=("/root/.cache/huggingface/token",),
            trusted_hosts=("a.lan", "b.lan"), rc_files=(".profile",), conda_forge=True,
            ours=frozenset({"PIP_INDEX_URL"}),
        ),
    )  # fmt: skip
    assert isinstance(SurveyFact().process(SAID).configuration.ours, frozenset)


def test_a_box_that_says_no_such_thing_has_none() -> None:
    found = SurveyFact().process([])
    assert (found.owner, found.torch_memory, found.root, found.systemd, found.conda) == (None, None, False, False, None)
    assert found.cores == 0
    assert found.configuration == Configuration()


@pytest.mark.parametrize(
    ("said", "version"), [("2.35", (2, 35)), ("2.x", None), ("", None), ("2.", None), ("570.86.10", (570, 86, 10))]
)
def test_a_version_is_whole_or_unknown(said: str, version: tuple[int, ...] | None) -> None:
    assert SurveyFact().process([f"glibc\t{said}"]).glibc == version


TOOLS = ("apt-get", "conda", "curl", "fish", "git", "nginx", "node", "npm", "nvcc", "nvidia-smi", "pip", "pip3",
         "python3", "rclone", "ss", "sudo", "tmux", "uv", "wget", "zsh")  # fmt: skip


# What ends a shell one day: an option that stays on, in a file that is no fish's, where `set -e` takes a variable away.
# And what names a proxy: the last line counts.
FILES = {
    ".bashrc": "# mine\nset -xeo pipefail\nset -o nounset\nalias pip='pip -i x'\nuv() { :; }\nfunction git {\nalias ll=ls\n"
    "export BASH_ENV=~/no BASH_ENV=HOME/env\npip install x\n",
    "env": "export PIP_INDEX_URL=http://theirs\n",
    ".profile": "set -eu\nset +e +u\nset -- -e\nset -o pipefail\n(set -e; true)\nf() {\n  set -e\n}\n",
    ".curlrc": '-s\nproxy: http://other\n--proxy = "http://me:canary@p:1"\n',
    ".wgetrc": "https_proxy=http://me:canary@p:1\n",
    ".zshenv": "set -o errexit\n",
    ".config/fish/config.fish": "set -e PATH_OF_MINE\n",
}


def test_every_tool_and_file_that_a_role_asks_about_is_looked_for(tmp_path: Path) -> None:
    for name in TOOLS:
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    for file, text in FILES.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text.replace("HOME", str(tmp_path)))
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / ".npmrc").write_text("//a.lan/:_authToken=canary\nregistry=https://a.lan/\n")
    (tmp_path / "uv.toml").write_text('[[index]]\nurl = "https://a.lan"\ndefault = true\n')
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    asked = SurveyFact().command(["~/app", str(tmp_path), "/no/such"])

    said = subprocess.run(["sh"], input=asked, env=env, text=True, capture_output=True, check=True)

    lines = said.stdout.splitlines()
    assert [name for name in TOOLS if f"tool\t{name} {tmp_path}/{name}" not in lines] == []
    # The home is no project: what stands in it is looked at anyhow.
    assert [line for line in lines if line.startswith("project_file")] == [f"project_file\t{tmp_path}/app/.npmrc"]
    found = SurveyFact().process(lines).configuration
    assert SetKey("-", "registry", f"{tmp_path}/app/.npmrc") in found.keys
    mine = {(each.name, each.where) for each in found.options if each.place.startswith(str(tmp_path))}
    assert mine == {("e", f"{tmp_path}/.bashrc:2"), ("u", f"{tmp_path}/.bashrc:3"), ("e", f"{tmp_path}/.zshenv:1")}
    assert {(each.name, each.line) for each in found.renamed} == {("pip", 4), ("uv", 5), ("git", 6)}
    assert SetVariable("PIP_INDEX_URL", f"{tmp_path}/env", 1) in found.variables
    proxy = hashlib.sha256(b"http://me:canary@p:1").hexdigest()
    assert (
        found.own_proxies["proxy", f"{tmp_path}/.curlrc"]
        == found.own_proxies["https_proxy", f"{tmp_path}/.wgetrc"]
        == proxy
    )
    assert found.project_files == {f"{tmp_path}/app/.npmrc"}
    assert "canary" not in said.stdout


OURS = "http://me:canary@p:1"


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        (".curlrc", "-x http://o:1", {"proxy": "http://o:1"}),
        (".curlrc", "-xhttp://o:1", {"proxy": "http://o:1"}),
        (".curlrc", 'socks5 = "o:1"', {"socks5": "socks5://o:1"}),
        (".curlrc", "--socks5-hostname o:1", {"socks5-hostname": "socks5h://o:1"}),
        (".curlrc", "proxy1.0 = o:1", {"proxy1.0": "o:1"}),
        (".curlrc", f"socks5 = o:1\r\nproxy = {OURS}", {"proxy": OURS}),
        (".curlrc", 'preproxy = "socks5://o:1"', {"preproxy": "socks5://o:1"}),
        (".curlrc", 'noproxy = "*"', {"noproxy": "*"}),
        (".curlrc", "noproxy = localhost\n# proxy = o:1", {}),
        (".curlrc", 'proxy = ""', {"proxy": ""}),
        (".wgetrc", "HTTP-Proxy = o:1", {"http_proxy": "o:1"}),
        (".wgetrc", "httpsproxy=o:1", {"https_proxy": "o:1"}),
        (".wgetrc", "use_proxy = off", {"use_proxy": "off"}),
        (".wgetrc", "use_proxy = off\nuseproxy = on", {}),
        (".config/uv/uv.toml", "https-proxy = 'http://o:1'", {"https-proxy": "http://o:1"}),
        (".config/uv/uv.toml", '[pip]\nhttp-proxy = "http://o:1"', {}),
    ],
)
def test_each_way_in_which_a_client_is_sent_past_the_variables_is_told(tmp_path: Path, file, text, told) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    said = subprocess.run(["sh"], input=SurveyFact().command(), env=env, text=True, capture_output=True, check=True)
    found = SurveyFact().process(said.stdout.splitlines()).configuration.own_proxies
    digests = {(key, str(tmp_path / file)): hashlib.sha256(value.encode()).hexdigest() for key, value in told.items()}
    assert {place: digest for place, digest in found.items() if place[1].startswith(str(tmp_path))} == digests


def test_what_git_reads_in_some_folders_only_is_told_where_it_speaks_of_a_proxy(tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text(
        '[includeIf "gitdir:/work/a/"]\n\tpath = ~/a\n[includeIf "onbranch:x"]\n\tpath = b\n[include]\n\tpath = c\n'
    )
    (tmp_path / "a").write_text("[http]\n\tproxy = http://me:canary@p:1\n")
    (tmp_path / "b").write_text("[user]\n\tname = me\n")
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    said = subprocess.run(["sh"], input=SurveyFact().command(), env=env, text=True, capture_output=True, check=True)
    found = SurveyFact().process(said.stdout.splitlines()).configuration
    assert found.git_there == (("gitdir:/work/a/", f"{tmp_path}/a"),)
    assert "canary" not in said.stdout


# Where the images and providers of 2026-11 have conda: gpushare, AutoDL, Docker's continuumio images, openbayes …
CONDA = ("/root/miniconda3", "/usr/local/miniconda3", "/opt/conda", "/opt/miniconda3", "/environment/miniconda3",
         "/root/anaconda3")  # fmt: skip
MORE = ("/usr/local/anaconda3", "/opt/anaconda3", "/opt/miniforge3", "/opt/mambaforge", "/usr/local/miniforge3",
        "/root/miniforge3", "/root/mambaforge", "/opt/micromamba", "/databricks/conda")  # fmt: skip


def test_conda_is_looked_for_where_images_have_it() -> None:
    asked = SurveyFact().command()
    assert f"conda_prefixes={shlex.quote(' '.join(CONDA))}\n" in asked
    assert f"conda_roots={shlex.quote(' '.join((*CONDA, *MORE)))}\n" in asked


def test_each_program_of_the_box_has_its_seconds() -> None:
    lines = SurveyFact().command().splitlines()
    assert [line for line in lines if line.startswith("seconds=")] == ["seconds=10", "seconds=10", "seconds=5"]


def test_what_gpustrap_has_kept_on_the_box_is_asked_for_where_it_keeps_it() -> None:
    kept = {"measured=/var/lib/gpustrap/mirrors.json", "wrote=/var/lib/gpustrap/kept/wrote"}
    assert {*kept, "owned=/var/lib/gpustrap/owner"} <= {*SurveyFact().command().splitlines()}


def test_the_commands_and_scripts_of_several_providers_are_words_of_one_list(monkeypatch) -> None:
    rows = [
        SimpleNamespace(detect=SimpleNamespace(files=(), commands=(name,), env=()), public=(), accelerator=lent)
        for name, lent in (
            ("oss", SimpleNamespace(script="/a")),
            ("bayes", SimpleNamespace(script="/b")),
            ("oss", None),
        )
    ]
    monkeypatch.setattr(survey_fact, "load_providers", lambda: rows)
    assert {"commands='oss bayes'", "accelerators='/a /b'"} <= {*SurveyFact().command().splitlines()}


def test_the_traces_of_every_provider_are_looked_for(small_catalog) -> None:
    from gpustrap.catalog.providers import load_providers

    asked = SurveyFact().command()
    words = {line.partition("=")[0]: shlex.split(line.partition("=")[2]) for line in asked.splitlines()
             if line.startswith(("files=", "commands=", "variables="))}  # fmt: skip
    for row in load_providers():
        assert set(row.detect.files) <= set(words["files"][0].split())
        assert set(row.detect.commands) <= set(words["commands"][0].split())
        assert set(row.detect.env) <= set(words["variables"][0].split("|"))
    assert all(len(part) == len(set(part)) for part in (words["files"][0].split(), words["variables"][0].split("|")))

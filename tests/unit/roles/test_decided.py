"""Whole decisions, with every file, variable and reason, on boxes on which others have set much already.

Each case's decision stands in `decided/CASE.json`; after a wanted change `DECIDED=renew ./gpustrap test
tests/unit/roles/test_decided.py` writes them anew, and the difference is for a person to read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from gpustrap import content
from gpustrap.inventory.reveal import revealed
from gpustrap.resolve.box.configuration import Configuration, GitRule, SetKey, SetVariable
from gpustrap.resolve.box.survey import Disk, ImageConstraint, ImagePython, VisibleCard
from gpustrap.resolve.context import Context
from gpustrap.run.decisions import Decisions

DECIDED = Path(__file__).parent / "decided"
CROWDED = Configuration(
    variables=(
        SetVariable("http_proxy", "/etc/environment", 2), SetVariable("ALL_PROXY", "pid1"),
        SetVariable("PIP_PROXY", "/root/.bashrc", 7), SetVariable("NPM_CONFIG_HTTPS_PROXY", "environment"),
        SetVariable("GIT_CONFIG_GLOBAL", "/root/.profile", 3), SetVariable("PIP_INDEX_URL", "/etc/environment", 2),
        SetVariable("UV_NO_INDEX", "pid1"), SetVariable("npm_config_userconfig", "/root/.bashrc", 7),
        SetVariable("CONDARC", "/root/.profile", 4), SetVariable("HF_TOKEN", "pid1"),
        SetVariable("PIP_CONFIG_FILE", "environment"), SetVariable("PIP_NO_INDEX", "environment"),
        SetVariable("UV_CONFIG_FILE", "environment"), SetVariable("XDG_CONFIG_HOME", "environment"),
    ),
    keys=(
        SetKey("global", "proxy", "/root/.config/pip/pip.conf"), SetKey("-", "https-proxy", "/root/.npmrc"),
        SetKey("-", "proxy", "/root/.npmrc"), SetKey("-", "proxy_servers", "/root/.condarc"),
        SetKey("-", "proxy_servers", "/etc/conda/condarc.d/x.condarc"), SetKey("-", "https_proxy", "/etc/wgetrc"),
        SetKey("-", "http_proxy", "/root/.wgetrc"), SetKey("-", "proxy", "/root/.curlrc"),
        SetKey("install", "index_url", "/etc/pip.conf"), SetKey("global", "index-url", "/opt/venv/pip.conf"),
        SetKey("global", "index-url", "/root/.config/pip/pip.conf"), SetKey("list", "index-url", "/etc/pip.conf"),
        SetKey("global", "no-index", "/etc/pip.conf"), SetKey("pip", "index-url", "/root/.config/uv/uv.toml"),
        SetKey("-", "index-url", "/root/.config/uv/uv.toml"), SetKey("pip", "cache", "/root/.config/uv/uv.toml"),
    ),
    git_rules=(
        GitRule("/root/.gitconfig", "http.https://github.com.proxy", "set"),
        GitRule("/root/.gitconfig", "http.https://own.lan/.proxy", "set"),
        GitRule("/root/.gitconfig", "http.https://***@a.lan/.proxy", "set"),
        GitRule("/root/.gitconfig", "http.https://b.lan/.proxy", ""), GitRule("/root/.gitconfig", "http.proxy", "set"),
        GitRule("/etc/gitconfig", "url.https://x/.insteadof", "https://github.com/"),
        GitRule("command line:", "url.https://z/.insteadof", "https://github.com/"),
        GitRule("/root/.gitconfig", "url.https://y/.insteadof", "https://github.com/me/"),
    ),
    apt_proxies=("/etc/apt/apt.conf", "/etc/apt/apt.conf.d/80early", "/etc/apt/apt.conf.d/99late", "/usr/share/apt.conf"),
    hf_tokens=("/root/.cache/huggingface/token",), trusted_hosts=("own.lan",), rc_files=(".profile",),
    conda_forge=True, ours=frozenset({"ALL_PROXY"}),
)  # fmt: skip
OWN = {"git": "https://gh.lan", "pypi": "http://py.lan:8080/simple", "conda": "https://c.lan/", "hf": "https://hf.lan",
       "npm": "https://n.lan/", "python_build": "https://pb.lan", "apt": "http://a.lan/debian"}  # fmt: skip
UPSTREAM = dict.fromkeys(OWN, "upstream")
SERVICES = {
    "web": {"preset": "hello"}, "job": {"command": "train", "env": {"A": "b"}}, "raw": {"command": "x", "port": 9000},
    "api": {"command": "serve {port}", "port": 9001, "health": "/ok", "restart": "never", "ready_seconds": 5, "cwd": "/d"},
}  # fmt: skip
PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
CARD = VisibleCard("NVIDIA GeForce RTX 4090", (8, 9), 24564)
GIB = 1024**3
IMAGE = {
    "driver": (580, 65, 6), "gpus": (CARD,), "card_trouble": "nvidia-smi ended with 14",
    "tools": {"uv": "/usr/bin/uv", "tmux": "/usr/bin/tmux"}, "constraints": (ImageConstraint("PIP_CONSTRAINT", "/c.txt", ("numpy==1.26.4",)),),
    "disks": (Disk("/", 30 * GIB, 20 * GIB, True), Disk("/data", 99 * GIB, 50 * GIB, True)),
}  # fmt: skip
SYSTEM = ImagePython("/usr/bin/python3", (3, 11, 2))
CONDA = ImagePython("/opt/conda/bin/python", (3, 11, 9), torch="2.9.1+cu128", cuda=(12, 8), kind="conda", prefix="/opt/conda",
                    packages="/opt/conda/lib/python3.11/site-packages")  # fmt: skip
GATEWAY = {
    "port": 9001,
    "routes": {"/": "web", "/raw": "raw", "api.lan/v1/": {"service": "api", "strip": True}},
    "token": {"env": "A_TOKEN"},
}
BEHIND = {"api": {"command": "serve {port}", "port": 9002, "depends_on": ["web", "job"]}, "web": {"preset": "hello"},
          "raw": {"command": "x", "port": 9003},
          "job": {"command": "train", "memory_gib": 2, "nofile": 99, "tries": 3, "health": {"command": "ask"}}}  # fmt: skip
LENT = {"http_proxy": "http://10.0.0.9:1", "https_proxy": "http://10.0.0.9:2", "no_proxy": "localhost,own.lan",
        "SSL_CERT_FILE": "/etc/ssl/a.crt", "REQUESTS_CA_BUNDLE": "/etc/$(x)"}  # fmt: skip
FETCHED = ["org/name", {"dataset": "a/b", "revision": "v1", "allow": ["*.json"], "ignore": ["*.bin"]}]
HUB = {"token": {"env": "A_TOKEN"}, "prefetch": FETCHED, "workers": 2}
# What stands behind a + in the name of a case: other roles and their settings, those before the role and those after it.
AROUND: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "mirrors": ({"base": {}, "python": {}, "mirrors": OWN}, {}),
    "services": ({}, {"services": BEHIND}), "gateway": ({"gateway": GATEWAY}, {}),
}  # fmt: skip
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "network.proxy": ("network", {"proxy": "http://10.0.0.1:3128", "no_proxy": ["own.lan"]}, {"shell": "/bin/dash"}),
    "network.direct": ("network", {}, {}),
    "network.clean": ("network", {"proxy": "socks5://10.0.0.1:1080"}, {"configuration": Configuration()}),
    "mirrors.own": ("mirrors", OWN, {}),
    "mirrors.clean": ("mirrors", OWN, {"configuration": Configuration(), "os_id": "ubuntu", "os_codename": "noble"}),
    "mirrors.upstream": ("mirrors", UPSTREAM, {}),
    "mirrors.auto": ("mirrors", {"xet": "on", "hf_token_to_mirror": True}, {"apt_texts": {}}),
    "mirrors.no_sources": ("mirrors", {}, {"os_id": "ubuntu", "os_codename": "noble", "arch": "aarch64", "apt_texts": {}}),
    "mirrors.https": ("mirrors", {"apt": "https://a.lan/debian", "hf": "upstream", "xet": "off"}, {"apt_texts": {}}),
    "mirrors.apt_elsewhere": ("mirrors", {"apt": "http://a.lan/other"}, {}),
    "mirrors.ubuntu": ("mirrors", {"apt": "http://a.lan/ubuntu"}, {"os_id": "ubuntu", "os_codename": "jammy", "apt_texts": {
        "/etc/apt/sources.list": "deb http://a.lan/ubuntu jammy main\n", "/etc/apt/sources.list.d/x.list": "deb http://x.lan/y z w\n",
        "/etc/apt/sources.list.d/y.list": "deb http://y.lan/y z w\n",
        "/etc/apt/sources.list.d/old.list": "deb http://old-releases.ubuntu.com/ubuntu disco main\n"}}),
    "mirrors.ended": ("mirrors", {"apt": "http://a.lan/debian"}, {"os_codename": "buster"}),
    "mirrors.ended_archive": ("mirrors", {"apt": "http://old-releases.lan/ubuntu"}, {"os_id": "ubuntu", "os_codename": "disco", "apt_texts": {}}),
    "mirrors.others_alone": ("mirrors", {}, {"apt_texts": {"/etc/apt/sources.list.d/x.list": "deb http://x.lan/y z w\n"}}),
    "mirrors.old_alone": ("mirrors", {}, {"os_id": "ubuntu", "os_codename": "jammy", "apt_texts": {
        "/etc/apt/sources.list": "deb http://old-releases.ubuntu.com/ubuntu disco main\n"}}),
    "mirrors.fedora": ("mirrors", {}, {"os_id": "fedora", "os_codename": ""}),
    "mirrors.as_before": ("mirrors", OWN, {"configuration": Configuration(ours=frozenset(
        {"PIP_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_NO_INDEX", "UV_DEFAULT_INDEX", "UV_NO_INDEX", "NPM_CONFIG_REGISTRY"}))}),
    "network.as_before": ("network", {"proxy": "http://10.0.0.1:3128"}, {"configuration": Configuration(
        ours=frozenset({"all_proxy", "PIP_PROXY", "NPM_CONFIG_HTTPS_PROXY"}))}),
    "services": ("services", SERVICES, {"user": "ubuntu"}),
    "services.root": ("services", {"web": {"preset": "hello", "port": 9001}}, {}),
    "python.other_uv": ("python", {}, {"tools": {"pip3": "/usr/bin/pip3", "uv": "/opt/uv"}}),
    "python.laptop": ("python", {"source": "laptop"}, {"tools": {"pip": "/usr/bin/pip", "uv": "/usr/local/bin/uv"}}),
    "python.no_pip": ("python", {}, {"tools": {}}),
    "network+mirrors": ("network", {"proxy": "http://10.0.0.1:3128"}, {"configuration": Configuration()}),
    "python+mirrors": ("python", {}, {}),
    "torch+mirrors": ("torch", {"version": "2.9.1", "cuda": "12.6", "torchvision": False}, {**IMAGE, "tools": {"apt-get": "/x"}, "pythons": (SYSTEM,)}),
    "base": ("base", {"extra": ["htop", "curl"]}, {}),
    "network.laptop": ("network", {"proxy": "laptop", "no_proxy": ["own.lan"], "lent_hosts": [".lent.lan"]}, {"configuration": Configuration()}),
    "network.provider": ("network", {"proxy": "provider"}, {"provider": "autodl", "accelerator": LENT, "configuration": Configuration()}),
    "hub": ("hub", HUB, {**IMAGE, "pythons": (SYSTEM,)}),
    "hub+mirrors": ("hub", HUB, {**IMAGE, "tools": {"apt-get": "/x"}, "pythons": (), "user": "ubuntu", "configuration": Configuration()}),
    "gateway+services": ("gateway", {**GATEWAY, "tls": "self-signed"}, {}),
    "services+gateway": ("services", BEHIND, {}),
    "access": ("access", {"keys": [f"{PUBLIC} me", PUBLIC, f"{PUBLIC.replace('AEBAQ', 'AICAg')} you"]}, {}),
    "torch.fresh": ("torch", {"version": "2.9.1", "torchaudio": False}, {**IMAGE, "pythons": (SYSTEM,)}),
    "torch.image": ("torch", {}, {**IMAGE, "pythons": (SYSTEM, CONDA)}),
    "torch.into_image": ("torch", {"version": "2.9.1", "into": "image", "reuse": False}, {**IMAGE, "pythons": (SYSTEM,)}),
    "torch.no_card": ("torch", {"gpu": "RTX 4090", "driver": "570.86.10", "wheel_mirrors": [
        {"kind": "find-links", "url": "https://w.lan/{tag}"}]}, {**IMAGE, "gpus": (), "driver": None, "card_trouble": None}),
}  # fmt: skip


def plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return {"secret": value.get_secret_value()}
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, tuple | list | frozenset) else value


@pytest.mark.parametrize("name", CASES)
def test_the_whole_decision_on_a_box_of_others(name: str, settings, survey, frozen_catalog, monkeypatch) -> None:
    revealed.cache_clear()
    monkeypatch.setenv("A_TOKEN", "t0ken-0123456789")
    role, written, box = CASES[name]
    tools = dict.fromkeys(("apt-get", "tmux", "ss", "curl", "python3", "pip", "git"), "/x")
    texts = {"/etc/apt/sources.list": "deb http://any.lan/debian bookworm main\ndeb http://x.lan/y z w\n"}
    box = replace(survey, **{"configuration": CROWDED, "tools": tools, "apt_texts": texts, **box})
    before, after = AROUND.get(name.partition("+")[2], ({}, {}))
    every = {each: settings(each, values) for each, values in (before | {role: written} | after).items()}
    context = Decisions(box, Context("trainer", "cn", tuple(every), every, public_urls={9001: "http://h:1"})).context
    decided = content.role_module(role, "resolve").choose(every[role], box, context)
    text = json.dumps(plain(decided), indent=1, ensure_ascii=False) + "\n"
    file = DECIDED / f"{name}.json"
    if os.environ.get("DECIDED") == "renew":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")

"""The survey: one shell script, one exec, everything that roles and resolvers ask about an instance."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Literal

from pyinfra.api import FactBase

from gpustrap.catalog.providers import load_providers
from gpustrap.engine.facts import nvidia_smi, pythons
from gpustrap.engine.scripts import script
from gpustrap.resolve.box.configuration import Configuration, GitRule, SetKey, SetVariable
from gpustrap.resolve.box.provider import Recognised, Traces, recognise
from gpustrap.resolve.box.survey import Disk, Survey

TOOLS = """
    apt-get conda curl git node npm nvcc nvidia-smi pip pip3 python3 rclone ss tmux uv wget nginx sudo zsh fish
""".split()
CONDA_PREFIXES = """
    /root/miniconda3 /usr/local/miniconda3 /opt/conda /opt/miniconda3 /environment/miniconda3 /root/anaconda3
""".split()

# What our scripts are made of. Every Debian and Ubuntu has them; an image that somebody has stripped may not.
NEEDED = (
    "awk", "base64", "cat", "chmod", "chown", "cp", "cut", "grep", "gzip", "head", "id", "mkdir", "mktemp", "mv",
    "readlink", "rm", "sed", "sha256sum", "sort", "stat", "tail", "tar", "tr", "wc",
)  # fmt: skip
OS_RELEASE = "/etc/os-release"
OWNED = "/var/lib/gpustrap/owner"
# Seconds for each question that another program answers.
PATIENCE = 10
# Variables that clients read before their files. Their values may be secrets, so only names are asked.
SETTINGS = (
    r"(PIP|UV|CONDA|HF|HUGGINGFACE|HUGGING_FACE|GIT_CONFIG)_[A-Z0-9_]+",
    "(NPM_CONFIG|npm_config)_[A-Za-z_]+",
    "CONDARC",
    "MAMBARC",
    "TRANSFORMERS_OFFLINE",
    "(https?|all|no|ftp)_proxy",
    "(HTTPS?|ALL|NO|FTP)_PROXY",
    "XDG_CONFIG_HOME",
    "APT_CONFIG",
)
OURS = "ours"  # the survey's word for our own rules of git
# More than any field of ours needs, less than would fill a screen.
MOST_CHARACTERS = 100_000
MOST_NUMBER = 2**63


class SurveyFact(FactBase[Survey]):
    """All facts of the instance, as one `Survey`."""

    def command(self) -> str:
        providers = load_providers()
        own = script(
            "survey",
            seconds=PATIENCE,
            needed=" ".join(NEEDED),
            owned=OWNED,
            release=OS_RELEASE,
            conda_prefixes=" ".join(CONDA_PREFIXES),
            tools=" ".join(TOOLS),
            files=" ".join(_distinct(path for row in providers for path in row.detect.files)),
            commands=" ".join(_distinct(name for row in providers for name in row.detect.commands)),
            variables="|".join(_distinct(name for row in providers for name in row.detect.env)),
            settings="|".join(SETTINGS),
        )
        return own + nvidia_smi.command() + pythons.command()

    def process(self, output: list[str]) -> Survey:
        said: dict[str, list[str]] = defaultdict(list)
        for line in output:
            key, _, value = line.partition("\t")
            if value:
                said[key].append(value)
        return read_survey(said)


def read_survey(said: Mapping[str, Sequence[str]]) -> Survey:
    """A `Survey` from what the script printed: key → its values in order. Never raises.

    What cannot be read is unknown: None, 0, empty or passed over, whatever the box has said.
    """
    found, cards = pythons.read(said), nvidia_smi.read(said)
    said = {key: [clean(value) for value in values] for key, values in said.items()}

    def one(key: str) -> str:
        return said[key][0] if said.get(key) else ""

    env = dict(entry.split("=", 1) for entry in said.get("env", ()) if "=" in entry)
    provider = recognise(load_providers(), _traces(said, env))
    texts = _texts(said.get("apt_source", ()))
    kind, kind_reason = _kind(said.get("container", ()), one("hypervisor"))
    return Survey(
        os_id=one("os_id"), os_version=one("os_version"), os_codename=one("os_codename"), arch=one("arch"),
        hostname=one("hostname"), user=one("user"), home=one("home"), shell=one("shell"),
        glibc=_version(one("glibc")), python=_version(one("python")), conda=one("conda") or None,
        kind=kind, kind_reason=kind_reason, systemd=bool(one("systemd")),
        provider=provider.name, provider_reason=provider.reason,
        cpus=_cpus(one("cpu_max"), one("cpu_cfs"), one("nproc")),
        memory_bytes=_memory(one("memory_max"), one("memory_total")),
        disks=_disks(said.get("disk", ()), provider),
        driver=_version(cards.driver or one("driver")), gpus=cards.visible, card_trouble=cards.trouble,
        listening=tuple(sorted({port for text in said.get("listening", ()) if 0 < (port := number(text) or 0) < 65536})),
        tools=_pairs(said.get("tool", ())), apt_sources=tuple(texts), apt_texts=texts, env=env,
        pythons=found.pythons, constraints=found.constraints,
        configuration=read_configuration(said), torch_memory=one("torch_memory") or None,
        root=bool(one("root")), owner=one("owner") or None,
        sudo=one("sudo"), lacks=_distinct(said.get("lacks", ())),
    )  # fmt: skip


def _traces(said: Mapping[str, Sequence[str]], env: Iterable[str]) -> Traces:
    return Traces(
        files=frozenset(said.get("file", ())),
        commands=frozenset(said.get("command", ())),
        env=frozenset(env),
        hostname=next(iter(said.get("hostname", ())), ""),
    )


def clean(text: str) -> str:
    """`text` without what could steer a terminal: control characters, and those that turn its direction round."""
    return "".join(
        each for each in text[:MOST_CHARACTERS] if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )


def number(text: str) -> int | None:
    """A whole number as a box can have one; None for anything else."""
    text = text.strip()
    if not re.fullmatch(r"[0-9]{1,19}", text):
        return None
    return value if (value := int(text)) < MOST_NUMBER else None


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _kind(container: Sequence[str], hypervisor: str) -> tuple[Literal["container", "vm", "metal"], str]:
    if container:
        return "container", container[0]
    if hypervisor:
        return "vm", "the processor says it runs under a hypervisor"
    return "metal", "no sign of a container or a hypervisor"


def _version(text: str) -> tuple[int, ...] | None:
    parts = [number(part) for part in text.strip().split(".")]
    return tuple(part for part in parts if part is not None) if None not in parts else None


def _pairs(lines: Sequence[str]) -> dict[str, str]:
    """`NAME PATH` each; the first of a name counts."""
    return {name: path for name, _, path in (line.partition(" ") for line in reversed(lines)) if path}


def _texts(lines: Sequence[str]) -> dict[str, str]:
    """`BASE64 PATH` each: path → text. A file that is no UTF-8 is left out."""
    found: dict[str, str] = {}
    for text, _, path in (line.partition(" ") for line in lines):
        with suppress(ValueError):  # base64's and UTF-8's errors alike
            found[path] = base64.b64decode(text, validate=True).decode()
    return found


def _cpus(cpu_max: str, cpu_cfs: str, nproc: str) -> float:
    """The cgroup's quota in cores (v2 `QUOTA PERIOD` or v1 `QUOTA PERIOD`), else the count of processors."""
    for setting in (cpu_max, cpu_cfs):
        words = setting.split()
        quota, period = (number(words[0]), number(words[1])) if len(words) == 2 else (None, None)
        if quota and period:
            return quota / period
    return float(number(nproc) or 0)


def _memory(limit: str, total_kib: str) -> int:
    """The cgroup's limit where it is one (v1 says "none" by a number larger than any machine)."""
    total, bytes_ = (number(total_kib) or 0) * 1024, number(limit)
    return min(bytes_, total) if bytes_ and total else bytes_ or total


def _disks(lines: Sequence[str], provider: Recognised) -> tuple[Disk, ...]:
    """One a mount; a file system without a size (`-`) is passed over."""
    found: dict[str, Disk] = {}
    for line in lines:
        size, free, mount = [*line.split(" ", 2), "", "", ""][:3]
        total, left = number(size), number(free)
        if total is not None and left is not None and mount.startswith("/"):
            known = True if mount in provider.survives else False if mount in provider.wiped else None
            found.setdefault(mount, Disk(mount, total * 1024, left * 1024, known))
    return tuple(found.values())


def read_configuration(said: Mapping[str, Sequence[str]]) -> Configuration:
    """What others set, from the same lines. Never raises."""

    def one(key: str) -> str:
        return said[key][0] if said.get(key) else ""

    return Configuration(
        variables=tuple(
            dict.fromkeys(
                SetVariable(words[0], words[2], number(words[1]) or 0) for words in _rows(said, "set", " ", 3)
            )
        ),
        keys=tuple(dict.fromkeys(SetKey(*words) for words in _rows(said, "key", " ", 3))),
        fixed=tuple(
            dict.fromkeys(
                SetVariable(words[0], words[2], number(words[1]) or 0) for words in _rows(said, "fixed", " ", 3)
            )
        ),
        git_rules=_git_rules(said.get("git_rule", ())),
        apt_proxies=_distinct(said.get("apt_proxy", ())),
        hf_tokens=_distinct(said.get("hf_token", ())),
        trusted_hosts=_distinct(word for line in said.get("trusted_host", ()) for word in line.split()),
        git_global=one("git_global"),
        rc_files=_distinct(said.get("rc_file", ())),
        conda_forge=bool(said.get("conda_forge")),
        ours=frozenset(said.get("ours", ())),
    )


def _rows(said: Mapping[str, Sequence[str]], key: str, separator: str, fields: int) -> Iterator[list[str]]:
    for line in said.get(key, ()):
        words = line.split(separator, fields - 1)
        if len(words) == fields:
            yield words


def _git_rules(lines: Sequence[str]) -> tuple[GitRule, ...]:
    """In the order in which git reads them; `ours` stands where it has read our rules on the proxy."""
    found: dict[GitRule, None] = {}
    for at, line in enumerate(lines):
        if " " in line:
            found[_git_rule(line, late=OURS in lines[:at])] = None
    return tuple(found)


def _git_rule(line: str, *, late: bool) -> GitRule:
    """`file:PATH KEY VALUE`; the path has no tab, and a space only where somebody likes trouble."""
    origin, _, rule = line.partition(" ")
    key, _, value = rule.partition(" ")
    return GitRule(origin.removeprefix("file:"), key, value, late)

"""The survey: one shell script, one exec, everything that roles and resolvers ask about an instance."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Literal

from pyinfra.api import FactBase

from gpustrap.catalog.providers import Provider, load_providers
from gpustrap.engine.facts import nvidia_smi, pythons
from gpustrap.engine.facts.configuration import read_configuration
from gpustrap.engine.facts.fields import clean, distinct, number, version_of
from gpustrap.engine.scripts import script, text_of
from gpustrap.language import tr
from gpustrap.resolve.box.provider import Recognised, Traces, recognise
from gpustrap.resolve.box.survey import Disk, Survey

TOOLS = """
    apt-get conda curl git node npm nvcc nvidia-smi ollama pip pip3 python3 rclone ss tmux uv wget nginx sudo zsh fish
""".split()
CONDA_PREFIXES = """
    /root/miniconda3 /usr/local/miniconda3 /opt/conda /opt/miniconda3 /environment/miniconda3 /root/anaconda3
""".split()

# What our scripts are made of. Every Debian and Ubuntu has them; an image that somebody has stripped may not.
NEEDED = """
    awk base64 cat chmod chown cp cut grep gzip head id mkdir mktemp mv
    readlink rm sed sha256sum sort stat tail tar tr wc
""".split()
OS_RELEASE = "/etc/os-release"
OWNED = "/var/lib/gpustrap/owner"
MEASURED = "/var/lib/gpustrap/mirrors.json"
WROTE = "/var/lib/gpustrap/kept/wrote"  # per file: a digest and a role in each line (files-apply.sh)
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


class SurveyFact(FactBase[Survey]):
    """All facts of the instance, as one `Survey`. Files of clients in `folders`, plain paths, are looked at too."""

    def command(self, folders: Sequence[str] = ()) -> str:
        providers = load_providers()
        own = script(
            "survey",
            seconds=PATIENCE,
            needed=" ".join(NEEDED),
            owned=OWNED,
            wrote=WROTE,
            measured=MEASURED,
            release=OS_RELEASE,
            conda_prefixes=" ".join(CONDA_PREFIXES),
            tools=" ".join(TOOLS),
            files=" ".join(distinct(path for row in providers for path in row.detect.files)),
            commands=" ".join(distinct(name for row in providers for name in row.detect.commands)),
            accelerators=" ".join(distinct(_scripts())),
            variables="|".join(_variables(providers)),
            settings="|".join(SETTINGS),
            workplaces=" ".join(folders),
        )
        own += text_of("survey-settings")
        return text_of("unset") + text_of("limited") + own + nvidia_smi.command() + pythons.command()

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
        glibc=version_of(one("glibc")), python=version_of(one("python")), conda=one("conda") or None,
        kind=kind, kind_reason=kind_reason, systemd=bool(one("systemd")),
        provider=provider.name, provider_reason=provider.reason,
        cpus=_cpus(one("cpu_max"), one("cpu_cfs"), one("nproc")), cores=number(one("nproc")) or 0,
        memory_bytes=_memory(one("memory_max"), one("memory_total")),
        disks=_disks(said.get("disk", ()), provider),
        driver=version_of(cards.driver or one("driver")), gpus=cards.visible, card_trouble=cards.trouble,
        listening=tuple(sorted({port for text in said.get("listening", ()) if 0 < (port := number(text) or 0) < 65536})),
        tools=_pairs(said.get("tool", ())), apt_sources=tuple(texts), apt_texts=texts, env=env,
        pythons=found.pythons, constraints=found.constraints,
        configuration=read_configuration(said), torch_memory=one("torch_memory") or None,
        measured=one("measured") or None, accelerator=_assigned(said.get("accelerator", ())),
        services=distinct(said.get("service", ())), wrote=tuple(sorted(set(said.get("wrote", ())))),
        root=bool(one("root")), owner=one("owner") or None,
        sudo=one("sudo"), sh=one("sh"), lacks=distinct(said.get("lacks", ())), hangs=distinct(said.get("hangs", ())),
    )  # fmt: skip


def _variables(providers: Iterable[Provider]) -> tuple[str, ...]:
    """Those that tell a provider, and those that tell where its ports are reached; as regular expressions."""
    names = ((*row.detect.env, *(name for one in row.public for name in one.variables)) for row in providers)
    return distinct(name for of_row in names for name in of_row)


def _traces(said: Mapping[str, Sequence[str]], env: Iterable[str]) -> Traces:
    return Traces(
        files=frozenset(said.get("file", ())),
        commands=frozenset(said.get("command", ())),
        env=frozenset(env),
        hostname=next(iter(said.get("hostname", ())), ""),
    )


def _kind(container: Sequence[str], hypervisor: str) -> tuple[Literal["container", "vm", "metal"], str]:
    if container:
        return "container", container[0]
    if hypervisor:
        return "vm", tr("the processor says it runs under a hypervisor")
    return "metal", tr("no sign of a container or a hypervisor")


def _pairs(lines: Sequence[str]) -> dict[str, str]:
    """`NAME PATH` each; the first of a name counts."""
    return {name: path for name, _, path in (line.partition(" ") for line in reversed(lines)) if path}


def _scripts() -> list[str]:
    """Those by which providers lend a proxy."""
    rows = (row.accelerator for row in load_providers())
    return [row.script for row in rows if row is not None and row.script]


def _assigned(lines: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` each, quoted or not; the first of a name counts."""
    return {name: value.strip("\"'") for name, _, value in (line.partition("=") for line in reversed(lines)) if value}


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
        size, _, rest = line.partition(" ")
        free, _, mount = rest.partition(" ")
        total, left = number(size), number(free)
        if total is not None and left is not None and mount.startswith("/"):
            known = True if mount in provider.survives else False if mount in provider.wiped else None
            found.setdefault(mount, Disk(mount, total * 1024, left * 1024, known))
    return tuple(found.values())

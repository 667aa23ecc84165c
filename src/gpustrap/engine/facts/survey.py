"""The survey: one shell script, one exec, everything that roles and resolvers ask about an instance."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterable

from pyinfra.api import FactBase

from gpustrap.catalog.providers import load_providers
from gpustrap.engine.facts import nvidia_smi, pythons
from gpustrap.resolve.box.provider import Traces, recognise
from gpustrap.resolve.box.survey import Disk, Survey

TOOLS = (
    "apt-get", "conda", "curl", "git", "node", "npm", "nvcc", "nvidia-smi", "pip", "pip3", "python3",
    "rclone", "ss", "tmux", "uv", "wget", "nginx",
)  # fmt: skip
CONDA_PREFIXES = (
    "/root/miniconda3", "/usr/local/miniconda3", "/opt/conda", "/opt/miniconda3", "/environment/miniconda3",
    "/root/anaconda3",
)  # fmt: skip

# Prints KEY TAB VALUE lines. Reads only; needs nothing beyond a POSIX shell and coreutils.
_SCRIPT = r"""
say() { printf '%s\t%s\n' "$1" "$2"; }
. /etc/os-release 2>/dev/null
say os_id "$ID"; say os_version "$VERSION_ID"; say os_codename "$VERSION_CODENAME"
say arch "$(uname -m)"; say hostname "$(uname -n)"; say user "$(id -un)"; say home "$HOME"
say shell "$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f7)"
say glibc "$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2)"
say python "$(python3 -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null)"
c=$(command -v conda)
for d in "$CONDA_PREFIX" "${c%/*/*}" CONDAS; do [ -n "$d" ] && [ -x "$d/bin/conda" ] && { say conda "$d"; break; }; done
[ -d /run/systemd/system ] && say systemd yes
say pid1 "$(cat /proc/1/comm 2>/dev/null)"
for f in /.dockerenv /run/.containerenv; do [ -e $f ] && say container "$f exists"; done
c=$(tr '\0' '\n' 2>/dev/null </proc/1/environ | sed -n 's/^container=//p'); [ -n "$c" ] && say container "PID 1 was started with container=$c"
grep -qE 'docker|kubepods|containerd|libpod' /proc/1/cgroup 2>/dev/null && say container "the cgroup of PID 1 is a container's"
grep -qE '^(overlay|fuse-overlayfs) / ' /proc/mounts 2>/dev/null && say container "/ is an overlay of image layers"
grep -q '^flags.* hypervisor' /proc/cpuinfo 2>/dev/null && say hypervisor yes
say nproc "$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc 2>/dev/null || grep -c ^processor /proc/cpuinfo)"
say cpu_max "$(cat /sys/fs/cgroup/cpu.max 2>/dev/null)"
say cpu_cfs "$(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us 2>/dev/null | tr '\n' ' ')"
say memory_max "$(cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null)"
say memory_total "$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)"
df -P -k 2>/dev/null | tail -n +2 | while read -r dev size used free pct mount; do
  case $mount in /proc*|/sys*|/dev|/dev/*|/run*|/etc/*) ;; *) say disk "$size $free $mount" ;; esac
done
for m in "$HOME" $(df -P 2>/dev/null | awk 'NR > 1 && NF == 6 { print $6 }'); do
  f=${m%/}/gpustrap/gpustrap-torch.json
  [ -r "$f" ] && { say torch_memory "$(tr -d '\n' <"$f")"; break; }
done
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r n local rest; do
  case $rest in *" 0A "*) say listening "$(printf '%d' "0x${local##*:}")" ;; esac
done
for t in TOOLS; do p=$(command -v "$t") && say tool "$t $p"; done
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  [ -s "$f" ] && say apt_source "$f"
done
for f in FILES; do [ -e "$f" ] && say file "$f"; done
for t in COMMANDS; do command -v "$t" >/dev/null && say command "$t"; done
{ tr '\0' '\n' 2>/dev/null </proc/1/environ; env; } | grep -E '^(VARIABLES)=' | sort -u | while IFS= read -r v; do say env "$v"; done
true
"""


class SurveyFact(FactBase[Survey]):
    """All facts of the instance, as one `Survey`."""

    def command(self) -> str:
        providers = load_providers()
        words = {
            "CONDAS": CONDA_PREFIXES,
            "TOOLS": TOOLS,
            "FILES": _distinct(path for row in providers for path in row.detect.files),
            "COMMANDS": _distinct(name for row in providers for name in row.detect.commands),
        }
        script = _SCRIPT
        for marker, values in words.items():
            script = script.replace(marker, " ".join(map(shlex.quote, values)))
        variables = "|".join(_distinct(name for row in providers for name in row.detect.env))
        return script.replace("VARIABLES", variables) + nvidia_smi.command() + pythons.command()

    def process(self, output: list[str]) -> Survey:
        said: dict[str, list[str]] = defaultdict(list)
        for line in output:
            key, _, value = line.partition("\t")
            if value:
                said[key].append(value)
        return read_survey(said)


def read_survey(said: dict[str, list[str]]) -> Survey:
    """A `Survey` from what the script printed: key → its values in order."""

    def one(key: str) -> str:
        return said[key][0] if said.get(key) else ""

    env = dict(entry.split("=", 1) for entry in said.get("env", ()))
    traces = Traces(
        files=frozenset(said.get("file", ())), commands=frozenset(said.get("command", ())),
        env=frozenset(env), hostname=one("hostname"),
    )  # fmt: skip
    provider = recognise(load_providers(), traces)
    cards = nvidia_smi.read(said)
    in_container = said.get("container", ())
    return Survey(
        os_id=one("os_id"), os_version=one("os_version"), os_codename=one("os_codename"), arch=one("arch"),
        hostname=one("hostname"), user=one("user"), home=one("home"), shell=one("shell"),
        glibc=_version(one("glibc")), python=_version(one("python")), conda=one("conda") or None,
        kind="container" if in_container else "vm" if one("hypervisor") else "metal",
        kind_reason=in_container[0] if in_container else "the processor says it runs under a hypervisor"
        if one("hypervisor") else "no sign of a container or a hypervisor",
        systemd=bool(one("systemd")),
        provider=provider.name, provider_reason=provider.reason,
        cpus=_cpus(one("cpu_max"), one("cpu_cfs"), one("nproc")),
        memory_bytes=_memory(one("memory_max"), one("memory_total")),
        disks=tuple(_disk(line, provider.survives, provider.wiped) for line in said.get("disk", ()) if line[0] != "-"),
        driver=_version(cards.driver or one("driver")), gpus=cards.visible, card_trouble=cards.trouble,
        listening=tuple(sorted({int(port) for port in said.get("listening", ())})),
        tools=dict(entry.split(" ", 1) for entry in said.get("tool", ())),
        apt_sources=tuple(said.get("apt_source", ())), env=env,
        pythons=pythons.read_pythons(said), constraints=pythons.read_constraints(said),
        torch_memory=one("torch_memory") or None,
    )  # fmt: skip


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _version(text: str) -> tuple[int, ...] | None:
    parts = text.strip().split(".")
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else None


def _cpus(cpu_max: str, cpu_cfs: str, nproc: str) -> float:
    """The cgroup's quota in cores (v2 `QUOTA PERIOD` or v1 `QUOTA PERIOD`), else the count of processors."""
    for setting in (cpu_max, cpu_cfs):
        quota, _, period = setting.strip().partition(" ")
        if quota.isdigit() and period.strip().isdigit():
            return int(quota) / int(period)
    return float(nproc or 0)


def _memory(limit: str, total_kib: str) -> int:
    """The cgroup's limit where it is one (v1 says "none" by a number larger than any machine)."""
    total = int(total_kib or 0) * 1024
    return min(int(limit), total) if limit.isdigit() else total


def _disk(line: str, survives: tuple[str, ...], wiped: tuple[str, ...]) -> Disk:
    size, free, mount = line.split(" ", 2)
    known = True if mount in survives else False if mount in wiped else None
    return Disk(mount, int(size) * 1024, int(free) * 1024, known)

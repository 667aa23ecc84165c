"""What an instance is: every fact that roles and resolvers need, read in one exec. Values only, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gpustrap.resolve.box.configuration import Configuration


@dataclass(frozen=True)
class PcieLink:
    """A card's PCIe link: generation and lanes as negotiated now, and the most that card and host allow together."""

    generation: int
    max_generation: int
    width: int
    max_width: int


@dataclass(frozen=True)
class VisibleCard:
    """One visible card, as nvidia-smi tells it; None is not told, or not there on such a card.

    `compute_capability` is (major, minor), `vram_mib` 0 where not told. `mig` says whether MIG mode is on,
    `mig_devices` are profiles such as "1g.5gb". `nvlink_gb_s` is the speed, one way, of each active link.
    `virtualization` is such as "VGPU" or "Pass-Through"; it is asked only of a card that tells no PCIe link.
    """

    name: str
    compute_capability: tuple[int, int] | None
    vram_mib: int
    pcie: PcieLink | None = None
    mig: bool | None = None
    mig_devices: tuple[str, ...] = ()
    nvlink_gb_s: tuple[float, ...] | None = None
    virtualization: str | None = None


@dataclass(frozen=True)
class Disk:
    """One mounted file system. `survives` is what the provider's facts say of a stop: None where unknown."""

    mount: str
    size_bytes: int
    free_bytes: int
    survives: bool | None = None


@dataclass(frozen=True)
class ImageConstraint:
    """A file of constraints that the image tells pip or uv of; `pins` are its lines on torch and what belongs to it.

    `source` is a variable, such as PIP_CONSTRAINT, or the file that names it, such as /etc/pip.conf.
    """

    source: str
    file: str
    pins: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImagePython:
    """One of the image's own Pythons. `torch` is such as "2.9.1+cu128", None for none; `cuda` is torch's.

    `prefix` is its sys.prefix, `packages` the folder that its pip installs into. `constraints` are those
    of its own pip.conf, PREFIX/pip.conf, which are not ours.
    """

    path: str
    version: tuple[int, ...]
    torch: str | None = None
    cuda: tuple[int, ...] | None = None
    prefix: str = ""
    packages: str = ""
    kind: Literal["venv", "conda", "system"] = "system"
    constraints: tuple[ImageConstraint, ...] = ()


@dataclass(frozen=True)
class Survey:
    """All facts of one instance at one moment.

    Versions are tuples of ints (`glibc` (2, 36), `driver` (570, 124, 6)); None means "not there", and
    `gpus` is empty both without a card and in no-card mode, when `driver` may still be known.
    """

    os_id: str  # ID of os-release: debian, ubuntu
    os_version: str  # VERSION_ID: "12", "22.04"
    os_codename: str  # VERSION_CODENAME: bookworm
    arch: str  # uname -m: x86_64, aarch64
    hostname: str
    user: str
    home: str
    shell: str  # the login shell's path
    glibc: tuple[int, ...] | None
    python: tuple[int, ...] | None  # of python3 on PATH
    conda: str | None  # conda's root prefix
    kind: Literal["container", "vm", "metal"]
    kind_reason: str  # how that is known, for a person
    systemd: bool  # PID 1 is systemd
    provider: str  # a name of catalog/providers.jsonl; "plain" when none is recognised
    provider_reason: str
    cpus: float  # the quota where a cgroup sets one, else the count
    memory_bytes: int  # the limit where a cgroup sets one, else MemTotal
    disks: tuple[Disk, ...] = ()
    driver: tuple[int, ...] | None = None
    gpus: tuple[VisibleCard, ...] = ()
    card_trouble: str | None = None  # why a card that is there cannot be read, in nvidia-smi's words, and what to do
    listening: tuple[int, ...] = ()  # TCP ports in LISTEN, ascending
    tools: Mapping[str, str] = field(default_factory=dict)  # name → path, of the tools gpustrap asks about
    apt_sources: tuple[str, ...] = ()  # apt source files there, absolute
    apt_texts: Mapping[str, str] = field(default_factory=dict)  # their texts as they were before us, by path
    env: Mapping[str, str] = field(default_factory=dict)  # provider variables, never secrets
    pythons: tuple[ImagePython, ...] = ()  # python3 on PATH first, then conda's
    constraints: tuple[ImageConstraint, ...] = ()  # which the image has, not ours
    configuration: Configuration = field(default_factory=Configuration)  # what others on the box set
    root: bool = True  # commands run as root: by login, or by sudo
    sudo: str = ""  # where commands do not: what sudo says to it, or "none" for no sudo
    sh: str = ""  # where /bin/sh leads, where that is a shell of another kind, such as zsh
    lacks: tuple[str, ...] = ()  # programs that gpustrap's own scripts need and that are not there
    hangs: tuple[str, ...] = ()  # programs that gave no answer within ten seconds: python3
    owner: str | None = None  # `PROJECT/INSTANCE` that set this box up before
    services: tuple[str, ...] = ()  # of gpustrap's own, those that run
    wrote: tuple[str, ...] = ()  # the roles that have written files which are still theirs
    torch_memory: str | None = None  # what role torch wrote down of the card, as JSON text, on a disk that survives
    cores: int = 0  # that programs see; more than `cpus` where a quota is set
    measured: str | None = None  # what was measured of the mirrors, as JSON text (resolve/net/measured.py)
    accelerator: Mapping[str, str] = field(default_factory=dict)  # what the provider's script of a proxy would set

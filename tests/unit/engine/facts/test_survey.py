"""The recorded files are what the survey printed on the lab boxes debian-12 and debian-11 on 2026-11-24."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from gpustrap.catalog.providers import Provider, load_providers
from gpustrap.engine.facts import nvidia_smi
from gpustrap.engine.facts.survey import SurveyFact, read_survey
from gpustrap.resolve.box.survey import Disk, PcieLink, Survey, VisibleCard

RECORDED = Path(__file__).parent / "recorded"
GIB = 1024**3


def recorded(name: str) -> list[str]:
    return (RECORDED / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def survey(*lines: str) -> Survey:
    return SurveyFact().process([line.replace("=", "\t", 1) for line in lines])


@pytest.mark.parametrize(
    ("release", "version", "codename", "glibc", "python", "sources"),
    [
        ("debian-12", "12", "bookworm", (2, 36), (3, 11, 2), "/etc/apt/sources.list.d/debian.sources"),
        ("debian-11", "11", "bullseye", (2, 31), (3, 9, 2), "/etc/apt/sources.list"),
    ],
)
def test_a_lab_box_is_read_as_it_is(
    release: str, version: str, codename: str, glibc: tuple[int, ...], python: tuple[int, ...], sources: str
) -> None:
    found = SurveyFact().process(recorded(f"lab-{release}"))
    assert (found.os_id, found.os_version, found.os_codename) == ("debian", version, codename)
    assert (found.arch, found.user, found.home, found.shell) == ("x86_64", "root", "/root", "/bin/bash")
    assert (found.glibc, found.python, found.conda) == (glibc, python, None)
    assert (found.kind, found.kind_reason) == ("container", "/run/.containerenv exists")
    assert (found.provider, found.provider_reason) == ("lab", "/etc/gpustrap-lab exists")
    assert (found.cpus, found.memory_bytes, found.systemd) == (2.0, 24684084 * 1024, False)
    assert {disk.mount: disk.survives for disk in found.disks} == {"/": False, "/data": True}
    assert (found.driver, found.gpus, found.listening) == (None, (), (22,))
    assert found.tools["tmux"] == "/usr/bin/tmux" and "pip" not in found.tools
    assert (found.apt_sources, found.env) == ((sources,), {})


def test_a_box_that_says_nothing_is_a_bare_plain_host() -> None:
    found = survey()
    assert (found.os_id, found.provider, found.kind) == ("", "plain", "metal")
    assert (found.cpus, found.memory_bytes, found.glibc, found.python, found.driver) == (
        0.0,
        0,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("lines", "cpus"),
    [
        (["nproc=64"], 64.0),
        (["cpu_max=max 100000", "nproc=64"], 64.0),
        (["cpu_max=50000 100000", "nproc=64"], 0.5),
        (["cpu_max=1600000 100000", "nproc=64"], 16.0),
        (["cpu_cfs=-1 100000 ", "nproc=64"], 64.0),
        (["cpu_cfs=350000 100000 ", "nproc=64"], 3.5),
        (["cpu_cfs=100000 ", "nproc=64"], 64.0),
    ],
)
def test_a_cgroup_quota_counts_before_the_processors(lines: list[str], cpus: float) -> None:
    assert survey(*lines).cpus == cpus


@pytest.mark.parametrize(
    ("limit", "gib"),
    [
        ("max", 64),
        ("2147483648", 2),
        ("9223372036854771712", 64),  # cgroup v1's "none"
        ("", 64),
    ],
)
def test_a_cgroup_limit_counts_before_the_machines_memory(limit: str, gib: int) -> None:
    assert survey(f"memory_max={limit}", f"memory_total={64 * 1024 * 1024}").memory_bytes == gib * GIB


def test_what_survives_comes_from_the_provider() -> None:
    found = survey("file=/hy-tmp", "disk=100 50 /", "disk=200 20 /hy-tmp", "disk=9 9 /hy-nas", "disk=1 1 /mnt/my disk")
    assert found.disks == (
        Disk("/", 100 * 1024, 50 * 1024, None),
        Disk("/hy-tmp", 200 * 1024, 20 * 1024, False),
        Disk("/hy-nas", 9 * 1024, 9 * 1024, True),
        Disk("/mnt/my disk", 1024, 1024, None),
    )


def test_a_file_system_without_a_size_is_passed_over() -> None:
    assert survey("disk=- - /mnt/fuse", "disk=1 1 /").disks == (Disk("/", 1024, 1024, None),)


@pytest.mark.parametrize(
    ("lines", "driver", "gpus"),
    [
        (
            ["gpu=570.124.06, 24564, 8.9, NVIDIA GeForce RTX 4090"],
            (570, 124, 6),
            (VisibleCard("NVIDIA GeForce RTX 4090", (8, 9), 24564),),
        ),
        (
            [
                "gpu=550.54.14, 81559, 9.0, NVIDIA H100 80GB HBM3",
                "gpu=550.54.14, 24576, 8.6, NVIDIA A10, PCIe",
            ],
            (550, 54, 14),
            (VisibleCard("NVIDIA H100 80GB HBM3", (9, 0), 81559), VisibleCard("NVIDIA A10, PCIe", (8, 6), 24576)),
        ),
        (
            ["gpu=535.104.05, [N/A], [N/A], NVIDIA A100-SXM4-80GB MIG 1g.10gb"],
            (535, 104, 5),
            (VisibleCard("NVIDIA A100-SXM4-80GB MIG 1g.10gb", None, 0),),
        ),
        (
            ["gpu=535.104.05, [Insufficient Permissions], 8.0, GRID A100"],
            (535, 104, 5),
            (VisibleCard("GRID A100", (8, 0), 0),),
        ),
        (["gpu=No devices were found", "driver=570.86.10"], (570, 86, 10), ()),
        (["driver=570.86.10"], (570, 86, 10), ()),
        (["driver=Kernel"], None, ()),
        ([], None, ()),
    ],
    ids=["one", "two", "MIG", "vGPU", "no-card mode, said", "no-card mode", "unknown driver", "none"],
)
def test_cards_and_driver(lines: list[str], driver: tuple[int, ...] | None, gpus: tuple[VisibleCard, ...]) -> None:
    found = survey(*lines)
    assert (found.driver, found.gpus) == (driver, gpus)


@pytest.mark.parametrize(
    ("lines", "kind", "reason"),
    [
        (["container=/.dockerenv exists", "hypervisor=yes"], "container", "/.dockerenv exists"),
        (["hypervisor=yes", "systemd=yes"], "vm", "the processor says it runs under a hypervisor"),
        (["systemd=yes"], "metal", "no sign of a container or a hypervisor"),
    ],
)
def test_container_vm_or_metal_with_the_reason(lines: list[str], kind: str, reason: str) -> None:
    found = survey(*lines)
    assert (found.kind, found.kind_reason) == (kind, reason)


def test_ports_are_each_once_in_order() -> None:
    assert survey("listening=8080", "listening=22", "listening=8080").listening == (22, 8080)


def _traces(provider: Provider) -> list[tuple[str, str, str]]:
    """Every single trace of a provider as a line of the survey, and how it is said."""
    hostnames = {"gpushare": "I0a1b2c3d", "autodl": "autodl-container-1a2b-3c4d"}
    return [
        *((f"env={name}=1", provider.name, f"variable {name} is set") for name in provider.detect.env),
        *((f"file={path}", provider.name, f"{path} exists") for path in provider.detect.files),
        *((f"command={name}", provider.name, f"command {name} is there") for name in provider.detect.commands),
        *(
            [
                (
                    f"hostname={hostnames[provider.name]}",
                    provider.name,
                    f"the host name is {hostnames[provider.name]}",
                )
            ]
            if provider.detect.hostname
            else []
        ),
    ]


@pytest.mark.parametrize(
    ("line", "name", "reason"),
    [trace for provider in load_providers() for trace in _traces(provider)],
    ids=lambda value: value if "=" in value else "",
)
def test_each_trace_of_the_catalog_leads_to_its_provider(line: str, name: str, reason: str) -> None:
    found = survey(line)
    assert (found.provider, found.provider_reason) == (name, reason)


@pytest.mark.parametrize("hostname", ["I0a1b2", "xI0a1b2c3d", "my-autodl-container-1", "debian"])
def test_a_host_name_counts_only_as_a_whole(hostname: str) -> None:
    assert survey(f"hostname={hostname}").provider == "plain"


def test_values_of_variables_keep_their_equals_signs() -> None:
    assert survey("env=AutoDLRegion=a=b").env == {"AutoDLRegion": "a=b"}


@pytest.fixture
def look(tmp_path: Path):
    """Run the survey's own script here, with programs of ours before those of this machine."""

    def run(programs: Mapping[str, str], environment: Mapping[str, str] | None = None) -> dict[str, list[str]]:
        for name, text in programs.items():
            path = tmp_path / name
            path.write_text(f"#!/bin/sh\n{text}\n")
            path.chmod(0o755)
        env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": "/root", **(environment or {})}
        output = subprocess.run(
            ["sh"], input=SurveyFact().command(), env=env, text=True, capture_output=True, check=True
        )
        assert output.stderr == ""
        said: dict[str, list[str]] = {}
        for line in output.stdout.splitlines():
            key, _, value = line.partition("\t")
            said.setdefault(key, []).append(value)
        return said

    return run


OLD_SMI = """case $1 in
*compute_cap*) echo 'Field "compute_cap" is not a valid field to query.'; exit 2;;
--query-gpu=driver_version,memory.total,name) echo '440.33.01, 16160, Tesla V100-SXM2-16GB'; echo '440.33.01, 16160, Tesla V100-SXM2-16GB';;
esac"""


def test_a_driver_that_knows_no_compute_capability_still_tells_its_cards(look) -> None:
    said = look({"nvidia-smi": OLD_SMI})
    assert said["gpu"] == ["440.33.01, 16160, [N/A], Tesla V100-SXM2-16GB"] * 2


@pytest.mark.parametrize("status", [1, 6, 9, 18])
def test_a_failing_nvidia_smi_is_no_card(look, status: int) -> None:
    found = read_survey(look({"nvidia-smi": f"echo 'NVIDIA-SMI has failed because …'; exit {status}"}))
    assert found.gpus == ()
    assert f"ended with {status}: NVIDIA-SMI has failed because …" in str(found.card_trouble)


# After NVIDIA's documented formats: no GPU machine was at hand. What a fake is not told it refuses, as nvidia-smi
# does: on stdout, with status 2.
NO_FIELD = "echo 'Field \"mig.mode.current\" is not a valid field to query.'; exit 2"


def fake_smi(**answers: str) -> dict[str, str]:
    """`cards`, `links` (mig.mode.current too), `links_only`, `nvlink`, `mig`, `all`: what each query does."""
    asked = {
        "cards": "*compute_cap*", "links": "*mig.mode.current*", "links_only": "--query-gpu=pcie*", "nvlink": "'nvlink --status'",
        "mig": "-L", "all": "-q",
    }  # fmt: skip
    cases = [f"{pattern}) {answers[name]} ;;" for name, pattern in asked.items() if name in answers]
    return {"nvidia-smi": "\n".join(['case "$*" in', *cases, f"*) {NO_FIELD} ;;", "esac"])}


A100 = "echo '550.54.14, 40960, 8.0, NVIDIA A100-SXM4-40GB'"
MIG_LIST = "echo 'GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5c89)'; echo '  MIG 1g.5gb      Device  0: (UUID: MIG-1c2f)'"
VGPU_LOG = """echo '    GPU Virtualization Mode'; echo '        Virtualization Mode               : VGPU'
echo '        Host VGPU Mode                    : N/A'"""


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (
            {"links": "echo '4, 4, 16, 16, Disabled'", "nvlink": "echo 'GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5c89)'", "mig": "echo never", "all": "echo never"},
            {"pcie": PcieLink(4, 4, 16, 16), "mig": False, "nvlink_gb_s": ()},
        ),
        (
            {"links": "echo '4, 4, 16, 16, Enabled'", "mig": MIG_LIST},
            {"pcie": PcieLink(4, 4, 16, 16), "mig": True, "mig_devices": ("1g.5gb",)},
        ),
        ({"links": NO_FIELD, "links_only": "echo '1, 3, 16, 16'"}, {"pcie": PcieLink(1, 3, 16, 16)}),
        (
            {"links": "echo '[N/A], [N/A], [N/A], [N/A], [N/A]'", "all": VGPU_LOG},
            {"virtualization": "VGPU"},
        ),
        ({"all": "echo '    Virtualization mode   : Pass-Through'"}, {"virtualization": "Pass-Through"}),
        ({}, {}),
    ],
    ids=["whole card", "MIG", "no MIG field", "vGPU", "no link field", "nothing but the card"],
)  # fmt: skip
def test_a_card_tells_what_its_driver_knows(look, answers: dict[str, str], told: dict[str, object]) -> None:
    found = read_survey(look(fake_smi(cards=A100, **answers)))
    assert found.gpus == (VisibleCard("NVIDIA A100-SXM4-40GB", (8, 0), 40960, **told),)


def test_an_nvidia_smi_that_hangs_over_links_is_given_up(look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nvidia_smi, "SECONDS", 1)
    hang = "exec sleep 60"
    found = read_survey(look(fake_smi(cards=A100, links=hang, links_only=hang, nvlink=hang)))
    assert found.gpus == (VisibleCard("NVIDIA A100-SXM4-40GB", (8, 0), 40960),)


@pytest.mark.parametrize("answer", ["echo 'No devices were found'", "echo 'NVIDIA-SMI has failed because …'; exit 9"])
def test_without_a_card_nothing_is_asked_of_links(look, tmp_path: Path, answer: str) -> None:
    look({"nvidia-smi": f'echo "$1" >>{tmp_path}/asked; {answer}'})
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked and all(words.startswith("--query-gpu=driver_version,") for words in asked)


def test_conda_is_found_by_its_program_wherever_it_is(look, tmp_path: Path) -> None:
    for folder in ("forge/bin", "forge/condabin"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "conda").write_text("#!/bin/sh\n")
        (tmp_path / folder / "conda").chmod(0o755)
    path = f"{tmp_path}/forge/condabin:{os.environ['PATH']}"
    assert look({}, {"PATH": path})["conda"] == [f"{tmp_path}/forge"]


def test_threads_wished_by_the_image_are_not_processors(look) -> None:
    assert look({}, {"OMP_NUM_THREADS": "777"})["nproc"] == [str(len(os.sched_getaffinity(0)))]


def test_no_secret_variable_of_a_provider_leaves_the_box(look) -> None:
    said = look({}, {"AutoDLRegion": "west", "AutoDLAutoPanelToken": "canary", "HF_TOKEN": "canary"})
    assert said["env"] == ["AutoDLRegion=west"]


def test_listening_ports_are_read_of_both_address_families(look) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        assert str(server.getsockname()[1]) in look({})["listening"]

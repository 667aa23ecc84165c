"""The recorded files are what the survey printed on the lab boxes debian-12 and debian-11 on 2026-11-24."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as with_settings
from hypothesis import strategies as st

from gpustrap.catalog.providers import Provider, load_providers
from gpustrap.engine.facts import nvidia_smi, pythons
from gpustrap.engine.facts import survey as survey_fact
from gpustrap.engine.facts.survey import SurveyFact, clean, number, read_survey
from gpustrap.engine.scripts import FOLDER
from gpustrap.resolve.box.configuration import GitRule, SetVariable
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
    assert (found.apt_sources, [*found.apt_texts], found.env) == ((sources,), [sources], {})


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


def test_services_of_ours_that_run_are_told_by_name() -> None:
    assert SurveyFact().process(["service\tweb", "service\tapi", "service\tweb"]).services == ("web", "api")


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
        "cards": "*compute_cap*",
        "links": "*mig.mode.current*",
        "links_only": "--query-gpu=pcie*",
        "nvlink": "'nvlink --status'",
        "mig": "-L",
        "all": "-q",
    }
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
            {
                "links": "echo '4, 4, 16, 16, Disabled'",
                "nvlink": "echo 'GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5c89)'",
                "mig": "echo never",
                "all": "echo never",
            },
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
)
def test_a_card_tells_what_its_driver_knows(look, answers: dict[str, str], told: dict[str, object]) -> None:
    found = read_survey(look(fake_smi(cards=A100, **answers)))
    assert found.gpus == (VisibleCard("NVIDIA A100-SXM4-40GB", (8, 0), 40960, **told),)


@pytest.mark.parametrize("timeout", [{}, {"timeout": "exit 127"}], ids=["timeout", "no timeout"])
def test_what_hangs_is_given_up_and_the_survey_goes_on(look, monkeypatch, timeout: dict[str, str]) -> None:
    monkeypatch.setattr(survey_fact, "PATIENCE", 1)
    monkeypatch.setattr(nvidia_smi, "SECONDS", 1)
    monkeypatch.setattr(pythons, "PATIENCE", 1)
    hang = "exec sleep 60"
    programs = fake_smi(cards=A100, links=hang, links_only=hang, nvlink=hang) | {
        "df": hang,
        "git": hang,
        "getent": hang,
        "id": "case $1 in -un) echo not-in-passwd ;; *) echo 0 ;; esac",
        "python3": hang,
    }
    found = read_survey(look(programs | timeout))
    assert found.gpus == (VisibleCard("NVIDIA A100-SXM4-40GB", (8, 0), 40960),)
    assert (found.disks, found.configuration.git_rules, found.shell) == ((), (), "")
    assert found.tools["git"].endswith("/git")
    assert (found.python, found.hangs) == (None, ("python3",))


@pytest.mark.parametrize("timeout", [{}, {"timeout": "exit 127"}], ids=["timeout", "no timeout"])
def test_a_file_that_holds_its_reader_keeps_nothing_else_back(look, home: Path, monkeypatch, timeout) -> None:
    monkeypatch.setattr(survey_fact, "PATIENCE", 4)
    for file in (".condarc", ".npmrc"):
        (home / file).write_text("registry=x\n")
    (home / ".bashrc").write_text("export PIP_INDEX_URL=x\n. ~/.site\n")
    (home / ".site").write_text("export http_proxy=x\n")
    holds = f'for f; do case $f in */.condarc) exec sleep 60 ;; esac; done; exec {shutil.which("awk")} "$@"'
    found = read_survey(look({"awk": holds, **timeout}, {"HOME": str(home)})).configuration
    assert {each.file for each in found.keys if each.file.startswith(str(home))} == {f"{home}/.npmrc"}
    told = [(each.name, each.place) for each in found.variables if each.place.startswith(str(home))]
    assert told == [("PIP_INDEX_URL", f"{home}/.bashrc"), ("http_proxy", f"{home}/.site")]


def test_a_python_that_has_told_its_version_and_hangs_then_is_known_by_it(look, monkeypatch) -> None:
    monkeypatch.setattr(pythons, "PATIENCE", 1)
    found = read_survey(look({"python3": "echo 3.11.2; exec sleep 60"}))
    assert (found.python, found.hangs) == ((3, 11, 2), ())


@pytest.mark.parametrize("line", ["GPU", "570.86.10, 24564, 8.9, NVIDIA GeForce RTX 4090"])
def test_what_prints_without_end_is_no_card_and_is_not_waited_for(look, line: str) -> None:
    said = look({"nvidia-smi": f"exec yes '{line}'", "python3": "exec yes 3.11.2"})
    cards = nvidia_smi.read(said)
    assert (said["gpu_status"], cards.visible) == (["endless"], ())
    assert (read_survey(said).python, read_survey(said).hangs) == ((3, 11, 2), ())
    assert cards.trouble is not None
    assert cards.trouble.startswith(f"nvidia-smi prints without end: {line} / {line}")


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


def test_a_program_that_our_scripts_need_and_that_is_not_there_is_told(look, monkeypatch) -> None:
    assert "lacks" not in look({})
    monkeypatch.setattr(survey_fact, "NEEDED", ("sed", "no-such-program"))
    assert look({})["lacks"] == ["no-such-program"]
    assert survey("lacks=tar", "lacks=awk").lacks == ("tar", "awk")


def test_a_sh_of_another_kind_is_told_by_where_bin_sh_leads(look, tmp_path: Path) -> None:
    zsh = {"ZSH_VERSION": "5.9"}
    assert "sh" not in look({}) and "sh" not in look({}, zsh)  # a person may have exported it
    (tmp_path / "readlink").write_text("#!/bin/sh\necho /usr/bin/zsh\n")
    (tmp_path / "readlink").chmod(0o755)
    assert look({}, {**zsh, "PATH": f"{tmp_path}:{os.environ['PATH']}"})["sh"] == ["/usr/bin/zsh"]
    assert survey("sh=/usr/bin/zsh").sh == "/usr/bin/zsh"


def test_threads_wished_by_the_image_are_not_processors(look) -> None:
    assert look({}, {"OMP_NUM_THREADS": "777"})["nproc"] == [str(len(os.sched_getaffinity(0)))]


def test_no_secret_variable_of_a_provider_leaves_the_box(look) -> None:
    said = look({}, {"AutoDLRegion": "west", "AutoDLAutoPanelToken": "canary", "HF_TOKEN": "canary"})
    assert said["env"] == ["AutoDLRegion=west"]


def test_a_providers_script_is_read_and_not_run_and_no_password_leaves_the_box(look, tmp_path, monkeypatch) -> None:
    turbo = tmp_path / "turbo"
    turbo.write_text(
        'export no_proxy="localhost,a.lan" && export http_proxy=http://10.0.0.1:1\n'
        f"export https_proxy='http://me:canary@p:1'; touch {tmp_path}/run\n"
    )
    monkeypatch.setattr("gpustrap.engine.facts.survey._scripts", lambda: [str(turbo)])
    said = look({})
    assert read_survey(said).accelerator == {"no_proxy": "localhost,a.lan", "http_proxy": "http://10.0.0.1:1"}
    assert "canary" not in str(said) and not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("value", "told"), [("0", False), ("false", False), ("No", False), ("", False), ("1", True), ("yes", True)]
)
def test_offline_that_says_no_keeps_nobody_from_the_network(look, tmp_path: Path, value: str, told: bool) -> None:
    (tmp_path / ".bashrc").write_text(f"export HF_HUB_OFFLINE='{value}' # off\n")
    (tmp_path / ".npmrc").write_text(f"offline = {value}\nregistry=http://r/\n")
    (tmp_path / ".condarc").write_text(f"offline: {value}\nchannels: [a]\n")
    said = look({}, {"HOME": str(tmp_path), "UV_OFFLINE": value})
    words = " ".join((*said.get("set", ()), *said.get("key", ())))
    assert {name: name in words for name in ("HF_HUB_OFFLINE", "UV_OFFLINE", "offline ")} == dict.fromkeys(
        ("HF_HUB_OFFLINE", "UV_OFFLINE", "offline "), told
    )
    assert "registry" in words and "channels" in words


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ('Dir::Etc "/opt/apt";\n', True),
        ('// Dir::Etc "/opt/apt";\nDir::Cache "x"; APT::Get::Fetch "1";\n', False),
        ('Dir {\n  Etc {\n    SourceParts "/dev/null";\n  }\n}\n', True),
        ('dir::etc::sourcelist "/x";\n', True),
        ('Dir::Etc::Trusted "x";\nAcquire::http::Proxy "http://p:1";\n', False),
    ],
)
def test_a_file_that_moves_apts_sources_is_named(look, tmp_path: Path, text: str, moved: bool) -> None:
    (tmp_path / "apt.conf").write_text(text)
    said = look({}, {"APT_CONFIG": str(tmp_path / "apt.conf")})
    assert said.get("apt_moved", []) == ([str(tmp_path / "apt.conf")] if moved else [])


def test_listening_ports_are_read_of_both_address_families(look) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        assert str(server.getsockname()[1]) in look({})["listening"]


KEYS = """
    os_id glibc python image_python container hypervisor nproc cpu_max cpu_cfs memory_max
    memory_total disk gpu gpu_link nvlink mig virtualization driver listening tool
    apt_source env file command set key git_rule apt_proxy rc_file ours torch_memory accelerator
""".split()
NUMBERS = st.sampled_from(("-", "-1", "0", "00", "1e9", "9" * 40, "٣", "²", "0x1", " ", "max", "abc", "NaN", "1.5", ""))
WORDS = st.one_of(
    NUMBERS, st.text(max_size=12), st.integers().map(str), st.sampled_from(("/", "/data", "a=b", "=", "\x1b[31m"))
)
VALUES = st.one_of(
    st.text(max_size=60), st.lists(WORDS, max_size=6).map(" ".join), st.lists(WORDS, max_size=6).map(", ".join)
)
LINES = st.lists(st.one_of(st.text(max_size=40), st.tuples(st.sampled_from(KEYS), VALUES).map("\t".join)), max_size=30)


@with_settings(max_examples=300, deadline=None)
@given(LINES)
def test_nothing_that_a_box_says_raises_or_brings_a_control_character(lines: list[str]) -> None:
    found = SurveyFact().process(lines)
    assert not any(ord(each) < 32 or 127 <= ord(each) < 160 for each in repr(found).replace("\\n", ""))
    assert found.cpus >= 0 and found.memory_bytes >= 0
    assert all(disk.size_bytes >= 0 and disk.free_bytes >= 0 for disk in found.disks)
    assert all(0 < port < 65536 for port in found.listening)


@pytest.mark.parametrize(
    ("text", "value"),
    [("64", 64), (" 7 ", 7), ("0", 0), ("", None), ("-", None), ("-1", None), ("abc", None), ("1e3", None), ("²", None),
     ("٣", None), ("9" * 30, None), ("9223372036854775808", None), ("9223372036854771712", 9223372036854771712)],
)  # fmt: skip
def test_a_number_is_one_that_a_box_can_have(text: str, value: int | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("line", "unknown"),
    [
        ("nproc=abc", {"cpus": 0.0}),
        ("cpu_max=100000 0", {"cpus": 0.0}),
        ("cpu_max=0 0", {"cpus": 0.0}),
        ("cpu_cfs=1 2 3", {"cpus": 0.0}),
        ("memory_total=lots", {"memory_bytes": 0}),
        ("disk=-", {"disks": ()}),
        ("disk=1 1", {"disks": ()}),
        ("disk=1 x /", {"disks": ()}),
        ("disk=-5 1 /", {"disks": ()}),
        ("listening=http", {"listening": ()}),
        ("listening=70000", {"listening": ()}),
        ("glibc=2.x", {"glibc": None}),
        ("env=NAME", {"env": {}}),
        ("tool=git", {"tools": {}}),
        ("apt_source=%%% /etc/apt/sources.list", {"apt_sources": (), "apt_texts": {}}),
        ("apt_source=//8= /etc/apt/sources.list", {"apt_sources": (), "apt_texts": {}}),
    ],
)
def test_what_cannot_be_read_is_unknown(line: str, unknown: dict[str, object]) -> None:
    found = survey(line)
    assert {name: getattr(found, name) for name in unknown} == unknown


def test_of_what_is_said_twice_the_first_counts() -> None:
    found = survey(
        "os_id=debian", "os_id=evil", "nproc=2", "nproc=99", "disk=1 1 /", "disk=9 9 /", "tool=git /a", "tool=git /b"
    )
    assert (found.os_id, found.cpus, found.disks, found.tools) == (
        "debian",
        2.0,
        (Disk("/", 1024, 1024),),
        {"git": "/a"},
    )


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\x07b", "a\rb", "a\x9bb", "a\u202eb", "a\u2028b", "\udcff"])
def test_what_steers_a_terminal_is_left_out(text: str) -> None:
    assert clean(text) in ("[31mred", "ab", "")


RC = """\
# export PIP_INDEX_URL=http://comment
export PIP_INDEX_URL=http://u:canary@a/ UV_DEFAULT_INDEX="http://canary" OTHER=1
  http_proxy=http://canary; export http_proxy
# gpustrap mirrors begin
export HF_ENDPOINT=http://canary
# gpustrap mirrors end
[ -z "$PS1" ] && export all_proxy='canary' ; echo npm_config_registry
set -gx NPM_CONFIG_REGISTRY canary
set -x -U CONDARC canary
set -e HF_TOKEN
setenv HF_HOME canary
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def test_who_sets_a_variable_is_told_by_name_file_and_line_and_never_by_value(look, home: Path) -> None:
    (home / ".bashrc").write_text(RC)
    said = look({}, {"HOME": str(home), "HF_TOKEN": "canary", "XDG_CONFIG_HOME": "/canary"})
    found = read_survey(said).configuration
    rc = [(each.name, each.line) for each in found.variables if each.place == f"{home}/.bashrc"]
    assert rc == [
        ("PIP_INDEX_URL", 2),
        ("UV_DEFAULT_INDEX", 2),
        ("http_proxy", 3),
        ("all_proxy", 7),
        ("NPM_CONFIG_REGISTRY", 8),
        ("CONDARC", 9),
        ("HF_HOME", 11),
    ]
    assert SetVariable("HF_TOKEN", "environment") in found.variables
    assert SetVariable("XDG_CONFIG_HOME", "environment") in found.variables
    assert "canary" not in str(said)


@pytest.mark.parametrize(
    "name",
    [
        "PIP_INDEX_URL", "UV_INDEX", "CONDA_CHANNELS", "HF_ENDPOINT", "HUGGINGFACE_HUB_CACHE", "HUGGING_FACE_HUB_TOKEN",
        "GIT_CONFIG_COUNT", "NPM_CONFIG_REGISTRY", "npm_config_registry", "CONDARC", "MAMBARC", "TRANSFORMERS_OFFLINE",
        "http_proxy", "https_proxy", "all_proxy", "no_proxy", "ftp_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
        "NO_PROXY", "FTP_PROXY", "XDG_CONFIG_HOME", "APT_CONFIG",
    ],
)  # fmt: skip
def test_each_variable_that_a_client_reads_is_told(look, home: Path, name: str) -> None:
    (home / ".bashrc").write_text(f"export {name}=canary\nexport X{name}=canary\n")
    found = read_survey(look({}, {"HOME": str(home)})).configuration.variables
    told = [each.name for each in found if each.place == f"{home}/.bashrc"]
    assert told[:1] == [name] and f"X{name}" not in told


def test_the_keys_of_clients_files_are_told_by_section_and_name(look, home: Path) -> None:
    for path, text in {
        ".config/pip/pip.conf": "[global]\nindex-url = http://u:canary@a\n[install]\nno_index: canary\nno-index=1\n",
        ".npmrc": "//r.lan/:_authToken=canary\nregistry=canary\n",
        ".condarc": "channels:\n  - canary\nproxy_servers:\n  http: canary\n",
        ".config/uv/uv.toml": 'index-url = "canary"\n[[index]]\nurl = "canary"\n[pip]\nextra-index-url = ["canary"]\n',
    }.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)
    said = look({}, {"HOME": str(home)})
    found = [
        (each.section, each.key, each.file.removeprefix(f"{home}/")) for each in read_survey(said).configuration.keys
    ]
    assert sorted(each for each in found if not each[2].startswith("/")) == sorted([
        ("-", "channels", ".condarc"), ("-", "proxy_servers", ".condarc"),
        ("global", "index-url", ".config/pip/pip.conf"), ("install", "no_index", ".config/pip/pip.conf"), ("install", "no-index", ".config/pip/pip.conf"),
        ("-", "index-url", ".config/uv/uv.toml"), ("index", "url", ".config/uv/uv.toml"),
        ("pip", "extra-index-url", ".config/uv/uv.toml"),
        ("-", "//r.lan/:_authToken", ".npmrc"), ("-", "registry", ".npmrc"),
    ])  # fmt: skip
    assert "canary" not in str(said)


@pytest.mark.parametrize("path", [".npmrc", ".bashrc", ".config/pip/pip.conf", ".condarc"])
def test_a_pipe_where_a_file_should_be_holds_nobody(look, home: Path, path: str) -> None:
    (home / path).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(home / path)
    assert look({}, {"HOME": str(home)})["home"] == [str(home)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            'PRETTY_NAME="Debian GNU/Linux 12"\nVERSION_ID="12"\nID=debian\nVERSION_CODENAME=bookworm\n',
            "debian 12 bookworm",
        ),
        ("ID='ubuntu'\nVERSION_ID=24.04\nVERSION_CODENAME=noble", "ubuntu 24.04 noble"),  # its last line has no end
        ("ID=debian\nexit 3\nsleep 600\nVERSION_ID=$(touch /tmp/run)\n", "debian $(touch /tmp/run) None"),
        ("", "None None None"),
    ],
)
def test_the_release_is_read_and_not_run(look, tmp_path: Path, monkeypatch, text: str, told: str) -> None:
    (tmp_path / "os-release").write_text(text)
    monkeypatch.setattr(survey_fact, "OS_RELEASE", str(tmp_path / "os-release"))
    said = look({})
    assert " ".join(str(said.get(key, ["None"])[0]) for key in ("os_id", "os_version", "os_codename")) == told


def test_a_pipe_in_place_of_the_systems_name_holds_nobody(look, tmp_path: Path, monkeypatch) -> None:
    os.mkfifo(tmp_path / "os-release")
    monkeypatch.setattr(survey_fact, "OS_RELEASE", str(tmp_path / "os-release"))
    assert "os_id" not in look({})


def test_a_pipe_in_place_of_the_owners_name_holds_nobody(look, tmp_path: Path, monkeypatch) -> None:
    os.mkfifo(tmp_path / "owner")
    monkeypatch.setattr(survey_fact, "OWNED", str(tmp_path / "owner"))
    assert "owner" not in look({})


def test_the_roles_that_have_written_files_are_told_by_their_record(look, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(survey_fact, "WROTE", str(tmp_path / "wrote"))
    assert read_survey(look({})).wrote == ()
    lines = {"etc/a": "0a network\n1b network\n", "root/.npmrc": "2c mirrors\n", "x": "3d $(reboot)\n4e \x1b[31m\n"}
    for name, text in lines.items():
        (tmp_path / "wrote" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "wrote" / name).write_text(text)
    assert read_survey(look({})).wrote == ("mirrors", "network")


def test_gits_rules_are_told_without_a_token_and_without_a_proxy(look, home: Path) -> None:
    (home / ".gitconfig").write_text(
        '[url "https://x:canary@github.com/"]\n\tinsteadOf = https://github.com/\n[http]\n\tproxy = http://u:canary@p\n'
        '[http "https://huggingface.co"]\n\tproxy = http://canary\n[http "https://in.lan"]\n\tproxy =\n'
    )
    said = look({}, {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"})
    file = f"{home}/.gitconfig"
    rules = read_survey(said).configuration.git_rules
    assert rules == (
        GitRule(file, "url.https://***@github.com/.insteadof", "https://github.com/"),
        GitRule(file, "http.proxy", "set"),
        GitRule(file, "http.https://huggingface.co.proxy", "set"),
        GitRule(file, "http.https://in.lan.proxy", ""),
    )
    assert [rule.url for rule in rules[1:]] == [None, "https://huggingface.co", "https://in.lan"]
    assert "canary" not in str(said)


def test_a_token_of_hugging_face_is_told_by_its_file(look, home: Path) -> None:
    token = home / ".cache/huggingface/token"
    token.parent.mkdir(parents=True)
    token.write_text("canary")
    said = look({}, {"HOME": str(home)})
    assert read_survey(said).configuration.hf_tokens == (str(token),)
    assert "canary" not in str(said)


@pytest.mark.parametrize(
    ("text", "forge"),
    [("channels:\n  - conda-forge\n", True), ("channels:\n  - conda-forge\n  - defaults\n", False), ("", False)],
)
def test_a_conda_that_asks_conda_forge_only_is_told(look, tmp_path: Path, text: str, forge: bool) -> None:
    root = tmp_path / "c"
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "conda").write_text("#!/bin/sh\n")
    (root / "bin" / "conda").chmod(0o755)
    (root / ".condarc").write_text(text)
    assert read_survey(look({}, {"CONDA_PREFIX": str(root)})).configuration.conda_forge is forge


@pytest.mark.parametrize("script", ["survey", "survey-settings", "pythons"])
def test_the_script_is_what_shellcheck_expects(script: str) -> None:
    program = Path(sys.executable).parent / "shellcheck"
    done = subprocess.run([program, FOLDER / f"{script}.sh"], text=True, capture_output=True)
    assert (done.returncode, done.stdout) == (0, "")


def places(look, home: Path, **env: str) -> list[tuple[str, str, int]]:
    found = read_survey(look({}, {"HOME": str(home), **env})).configuration
    rows = [(each.name, each.place.removeprefix(f"{home}/"), each.line) for each in found.variables]
    return [row for row in rows if not row[1].startswith("/")]


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({".bashrc": ". ~/.site\n", ".site": "\nexport PIP_INDEX_URL=canary\n"}, ("PIP_INDEX_URL", ".site", 2)),
        ({".bashrc": '[ -r x ] && source "$HOME/a b"\n. "${HOME}/c"\n', "c": "PIP_INDEX_URL=canary\n"}, ("PIP_INDEX_URL", "c", 1)),
        ({".zshrc": ". ~/a\n", "a": "source ~/b; . ~/a\n", "b": "http_proxy=canary\n"}, ("http_proxy", "b", 1)),
        ({".bash_aliases": "export UV_INDEX_URL=canary\n"}, ("UV_INDEX_URL", ".bash_aliases", 1)),
        ({".mkshrc": "export all_proxy=canary\n"}, ("all_proxy", ".mkshrc", 1)),
        ({".config/fish/fish_variables": "SETUVAR --export HF_ENDPOINT:canary\nSETUVAR HF_HOME:canary\n"},
         ("HF_ENDPOINT", ".config/fish/fish_variables", 1)),
        ({".bashrc": "PATH=/usr/bin:/bin\n"}, ("PATH", ".bashrc", 1)),
        ({".zshrc": "path=(/usr/bin /bin)\n"}, ("PATH", ".zshrc", 1)),
        ({".config/fish/config.fish": "set -gx PATH /usr/bin /bin\n"}, ("PATH", ".config/fish/config.fish", 1)),
        ({".bashrc": "export HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1\n"}, ("HF_HUB_OFFLINE", ".bashrc", 1)),
        ({".bashrc": "\ufeffexport PIP_INDEX_URL=canary\r\n"}, ("PIP_INDEX_URL", ".bashrc", 1)),
    ],
)  # fmt: skip
def test_a_variable_is_found_in_what_the_start_up_files_read(look, home: Path, files, found) -> None:
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    assert places(look, home)[0] == found
    assert len(places(look, home)) <= 2


@pytest.mark.parametrize(
    "line", ["PATH=/opt/x:$PATH", "PATH=${PATH}:/x", "export PATH=/usr/local/bin:/bin", "set -gx PATH /x $PATH"]
)
def test_a_path_that_keeps_what_was_there_is_nobodys_fault(look, home: Path, line: str) -> None:
    (home / ".bashrc").write_text(f"{line}\n")
    assert places(look, home) == []


@pytest.mark.parametrize(
    ("line", "names"),
    [("readonly http_proxy=canary", ["http_proxy"]), ("http_proxy=x; readonly http_proxy", ["http_proxy"]),
     ("declare -rx http_proxy=canary", ["http_proxy"]), ("export http_proxy=canary", []), ("readonly OTHER=1", [])],
)  # fmt: skip
def test_what_is_made_readonly_is_told(look, home: Path, line: str, names: list[str]) -> None:
    (home / ".bashrc").write_text(f"{line}\n")
    fixed = read_survey(look({}, {"HOME": str(home)})).configuration.fixed
    assert list(dict.fromkeys(each.name for each in fixed)) == names


def test_gits_rules_behind_ours_and_those_of_variables_are_told(look, home: Path) -> None:
    ours = home / ".config/gpustrap/git-network"
    ours.parent.mkdir(parents=True)
    ours.write_text("[http]\n\tproxy = http://canary\n")
    before, behind = '[http "https://a.lan"]\n\tproxy = http://canary\n', "[http]\n\tproxy = http://canary\n"
    (home / "my.git").write_text(f"{before}[include]\n\tpath = {ours}\n{behind}")
    given = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.proxy", "GIT_CONFIG_VALUE_0": "http://canary"}
    said = look({}, {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": str(home / "my.git"), **given})
    found = read_survey(said).configuration
    assert found.git_rules == (
        GitRule(f"{home}/my.git", "http.https://a.lan.proxy", "set"),
        GitRule(f"{home}/my.git", "http.proxy", "set", late=True),
        GitRule("command-line", "http.proxy", "set", late=True),
    )
    assert found.git_global == f"{home}/my.git"
    assert "canary" not in str(said)


def test_a_pip_conf_with_a_byte_order_mark_is_told(look, home: Path) -> None:
    (home / ".pip").mkdir()
    (home / ".pip/pip.conf").write_text("\ufeff[global]\nindex-url = canary\n")
    keys = read_survey(look({}, {"HOME": str(home)})).configuration.keys
    found = [(each.section, each.key) for each in keys if each.file.startswith(str(home))]
    assert found == [("-", "gpustrap-bom"), ("global", "index-url")]


@pytest.mark.parametrize(
    ("text", "twice"),
    [
        ("[global]\ncert = canary\ncert = canary\ncert=canary\n", ["cert"]),
        ("[global]\ncert = canary\n[install]\ncert = canary\n", []),
        ("[global]\na = 1\n[global]\nb = 1\n", ["[global]"]),
        ("[global]\nextra-index-url =\n    http://a/?x=canary\n    http://a/?x=canary\n", []),
    ],
)
def test_what_a_pip_conf_has_twice_is_told(look, home: Path, text: str, twice: list[str]) -> None:
    (home / ".pip").mkdir()
    (home / ".pip/pip.conf").write_text(text)
    keys = read_survey(look({}, {"HOME": str(home)})).configuration.keys
    mark = "gpustrap-twice:"
    assert [
        each.key.removeprefix(mark) for each in keys if each.key.startswith(mark) and each.file.startswith(str(home))
    ] == twice


def test_a_limit_of_memory_counts_where_the_machines_own_is_not_told() -> None:
    assert survey(f"memory_max={GIB}").memory_bytes == GIB


def test_a_port_is_one_of_65535() -> None:
    assert survey(*(f"listening={port}" for port in ("0", "1", "abc", "65535", "65536"))).listening == (1, 65535)


def test_the_release_is_the_systems_own(look) -> None:
    assert look({})["os_id"] == [platform.freedesktop_os_release()["ID"]]


def test_variables_of_a_proxy_count_in_both_cases(look) -> None:
    said = look({}, {"HTTPS_PROXY": "http://p:1", "no_proxy": "x"})
    assert {"HTTPS_PROXY 0 environment", "no_proxy 0 environment"} <= set(said["set"])


def test_what_sudo_says_is_told_and_of_a_login_that_is_root_nothing() -> None:
    assert (survey("sudo=none").sudo, survey("root=yes").sudo, survey("root=yes").root) == ("none", "", True)


def test_whose_a_box_is_is_told(look, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(survey_fact, "OWNED", str(tmp_path / "owner"))
    (tmp_path / "owner").write_text("shop/trainer\n")
    assert read_survey(look({})).owner == "shop/trainer"

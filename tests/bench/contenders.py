"""The four ways to do the job, each as the command that a person would type."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from boxes import Host
from timing import Command

JOB = Path(__file__).resolve().parent / "job"
VALUES: Mapping[str, Any] = json.loads((JOB / "values.json").read_text())
ANSIBLE = "ansible-core==2.19.14"


def nothing(_folder: Path) -> None:
    """The `end_run` of a contender that leaves no process behind."""


@dataclass(frozen=True)
class Contender:
    """`start` writes what the command needs into a new folder, once for new boxes, and gives the command.

    `packages` go into a virtual environment of the contender's own, whose bin/ `start` gets. `end_run`
    ends what a run leaves behind on purpose, so that the next one is cold too.
    """

    name: str
    start: Callable[[Sequence[Host], Path, Path], Command]
    packages: tuple[str, ...] = ()
    end_run: Callable[[Path], None] = nothing


def hand(hosts: Sequence[Host], folder: Path, _bin: Path) -> Command:
    script = folder / "job.sh"
    values = "".join(f"{name}={shlex.quote(str(value))}\n" for name, value in VALUES.items())
    script.write_text(values + (JOB / "hand/job.sh").read_text())
    ports = [str(host.port) for host in hosts]
    return Command(("sh", str(JOB / "hand/run.sh"), str(hosts[0].key), str(script), *ports), folder)


def stock(hosts: Sequence[Host], folder: Path, bin: Path) -> Command:
    inventory = [
        (
            host.name,
            {
                "ssh_hostname": "127.0.0.1",
                "ssh_port": host.port,
                "ssh_user": "root",
                "ssh_key": str(host.key),
                "ssh_strict_host_key_checking": "no",
                "ssh_known_hosts_file": "/dev/null",
            },
        )
        for host in hosts
    ]
    (folder / "inventory.py").write_text(f"hosts = {inventory!r}\n")
    argv = (str(bin / "pyinfra"), "inventory.py", str(JOB / "stock/deploy.py"), "-y")
    return Command(argv, folder, {"BENCH_JOB": str(JOB), "LC_ALL": "C.UTF-8"})


def ansible(hosts: Sequence[Host], folder: Path, bin: Path) -> Command:
    # A socket's path may be 107 bytes long: the masters' sockets need a short folder.
    control = tempfile.mkdtemp(prefix="bench-cp-")
    (folder / "control").symlink_to(control)
    variables = {
        "ansible_host": "127.0.0.1",
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(hosts[0].key),
        "templates": str(JOB / "gpustrap/templates/job"),
        **VALUES,
    }
    ports = {host.name: {"ansible_port": host.port} for host in hosts}
    (folder / "hosts.yml").write_text(json.dumps({"all": {"hosts": ports, "vars": variables}}))
    environment = {
        "ANSIBLE_CONFIG": str(JOB / "ansible/ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": control,
        "LC_ALL": "C.UTF-8",
    }
    argv = (str(bin / "ansible-playbook"), "-i", "hosts.yml", str(JOB / "ansible/site.yml"))
    return Command(argv, folder, environment)


def end_masters(folder: Path) -> None:
    """End the ssh connections that Ansible keeps for its next run, and remove their folder."""
    control = (folder / "control").resolve()
    for socket in control.iterdir():
        subprocess.run(
            ["ssh", "-F", "none", "-o", f"ControlPath={socket}", "-O", "exit", "127.0.0.1"],
            check=False,
            capture_output=True,
        )
    shutil.rmtree(control, onerror=unless_gone)  # Ansible makes it again


def unless_gone(_call: object, _path: str, failed: tuple[type, BaseException, object]) -> None:
    """A master that ends takes its socket with it meanwhile."""
    if not isinstance(failed[1], FileNotFoundError):
        raise failed[1]


def gpustrap(hosts: Sequence[Host], folder: Path, _bin: Path) -> Command:
    project = folder / "project"
    shutil.copytree(JOB / "gpustrap", project, ignore=shutil.ignore_patterns("__pycache__"))
    instances = {host.name: {"ssh": f"ssh -p {host.port} -i {host.key} root@127.0.0.1"} for host in hosts}
    (project / "inventory").mkdir()
    (project / "inventory/hosts.yml").write_text(
        json.dumps({"defaults": {"roles": ["job"], "job": VALUES}, "instances": instances}, indent=1)
    )
    program = Path(sys.executable).with_name("gpustrap")
    return Command((str(program), "up", "-y"), project, {"GPUSTRAP_HOME": str(folder / "home")})


CONTENDERS = (
    Contender("hand", hand),
    Contender("gpustrap", gpustrap),
    Contender("pyinfra", stock, (f"pyinfra=={version('pyinfra')}",)),
    Contender("ansible", ansible, (ANSIBLE,), end_masters),
)
NAMES = tuple(contender.name for contender in CONTENDERS)


def installed(contender: Contender, environments: Path) -> Path:
    """bin/ of the contender's virtual environment, made when it is not there."""
    venv = environments / f"venv-{contender.name}"
    ready = venv / "ready"
    if contender.packages and not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        pip = [str(venv / "bin/python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, *contender.packages], check=True)
        ready.touch()
    return venv / "bin"

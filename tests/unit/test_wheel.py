"""What the wheel holds is enough for a project in a directory of its own, whatever its roles are called.

Without a container: decisions, tasks, templates and promises are found by a process that has only the wheel.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The first five are modules of gpustrap itself, the next ones of Python, the last two of a role.
NAMES = ("links", "region", "gpus", "survey", "versions", "json", "queue", "types", "settings", "resolve")

SETTINGS = '''
from pydantic import BaseModel

class Settings(BaseModel):
    """Of a person's own role."""
    text: str = "as written"
'''
RESOLVE = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Decision:
    text: str
    reasons: tuple[str, ...]

def choose(settings, survey, context):
    return Decision(f"{settings.text} on {survey.os_id}", ("it is my own",))
"""
TASKS = """
from pyinfra.api import deploy

@deploy("own")
def NAME(chosen):
    pass
"""
ASK = """
import json, sys
from pathlib import Path
import gpustrap.engine
from gpustrap import content
from gpustrap.inventory.hosts import load_hosts
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.run.decisions import Decisions, reasons_of

project = Path.cwd()
(one,) = load_hosts(project).instances.values()
survey = Survey(
    os_id="debian", os_version="12", os_codename="bookworm", arch="x86_64", hostname="box", user="root",
    home="/root", shell="/bin/bash", glibc=(2, 36), python=(3, 11, 2), conda=None, kind="container",
    kind_reason="", systemd=False, provider="plain", provider_reason="", cpus=8.0, memory_bytes=2**36,
    tools={"apt-get": "/usr/bin/apt-get"}, apt_sources=("/etc/apt/sources.list.d/debian.sources",),
)
made = Decisions(survey, Context(one.name, one.region, one.roles, one.settings)).all()
print(json.dumps({
    "gpustrap": gpustrap.__file__,
    "decided": {role: [type(chosen).__name__, getattr(chosen, "text", None), reasons_of(chosen)]
                for role, chosen in made.items()},
    "no_proxy": list(getattr(made.get("network"), "no_proxy", ())),
    "tasks": {role: content.role_tasks(role).__module__ for role in made},
    "verify": {role: str(content.verify_file(project, role)) for role in made},
    "npmrc": content.template_environment(project).get_template("mirrors/npmrc.j2").filename,
    "gitconfig": content.template_environment(project).get_template("mirrors/gitconfig.j2").filename,
}))
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked content of a wheel that was built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("gpustrap-*.whl")
    with zipfile.ZipFile(built) as packed:
        packed.extractall(folder / "content")
    return folder / "content"


@pytest.fixture
def ask(wheel: Path, tmp_path: Path):
    """`ask("roles: [mirrors]")` gives what a process that has only the wheel decides and finds in the project."""

    def asked(instance: str) -> dict:
        write(tmp_path, "inventory/hosts.yml", f"instances:\n  demo: {{lab: debian-12, {instance}}}\n")
        environment = {**os.environ, "PYTHONPATH": str(wheel), "GPUSTRAP_HOME": str(tmp_path / "home")}
        done = subprocess.run(
            [sys.executable, "-c", ASK], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert Path(found["gpustrap"]).is_relative_to(wheel)
        return found

    return asked


def write(project: Path, file: str, text: str) -> None:
    path = project / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text))


def own_role(project: Path, name: str, *, resolver: bool) -> None:
    write(project, f"roles/{name}/settings.py", SETTINGS)
    write(project, f"roles/{name}/tasks.py", TASKS.replace("NAME", name))
    if resolver:
        write(project, f"roles/{name}/resolve.py", RESOLVE)


@pytest.mark.parametrize("resolver", [True, False])
def test_an_own_role_may_have_any_name(ask, tmp_path, resolver):
    for name in NAMES:
        own_role(tmp_path, name, resolver=resolver)
    found = ask(f"roles: [{', '.join(NAMES)}, base], links: {{text: mine}}")
    said = {name: "mine" if name == "links" else "as written" for name in NAMES}
    wanted = {
        name: ["Decision", f"{said[name]} on debian", ["it is my own"]] if resolver else ["Settings", said[name], []]
        for name in NAMES
    }
    assert {name: found["decided"][name] for name in NAMES} == wanted
    assert {name: found["tasks"][name] for name in NAMES} == {name: f"roles.{name}.tasks" for name in NAMES}


MINE = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Mine:
    text: str = "mine"
    hosts: tuple[str, ...] = ("own.mirror",)
    names: tuple[str, ...] = ("git",)
    reasons: tuple[str, ...] = ("it is my own",)

def choose(settings, survey, context):
    return Mine()
"""
# By roles that are nothing without settings.
NEEDED = {"project": ", project: {path: .}", "gateway": ", gateway: {open: true, routes: {/: web}}"}
BUILT_IN = sorted(path.parent.name for path in ROOT.glob("roles/*/tasks.py"))


@pytest.mark.parametrize("role", BUILT_IN)
def test_an_own_resolver_of_a_built_in_role_needs_nothing_of_the_built_in_one(ask, tmp_path, role):
    write(tmp_path, f"roles/{role}/resolve.py", MINE)
    found = ask(f"roles: [{role}]{NEEDED.get(role, '')}")
    assert found["decided"] == {role: ["Mine", "mine", ["it is my own"]]}
    assert found["tasks"] == {role: f"roles.{role}.tasks"}


def test_every_reader_gets_what_an_own_resolver_decided(ask, tmp_path):
    write(tmp_path, "roles/mirrors/resolve.py", MINE)
    found = ask("roles: [network, mirrors], network: {proxy: 'http://p:1'}")
    assert "own.mirror" in found["no_proxy"]


def test_an_own_template_and_own_promises_come_before_the_built_in_ones(ask, wheel, tmp_path):
    write(tmp_path, "templates/mirrors/npmrc.j2", "audit=false\n")
    write(tmp_path, "roles/mirrors/verify.py", "def test_nothing(): ...\n")
    found = ask("roles: [mirrors, base]")
    builtin = wheel / "gpustrap" / "content"
    assert found["verify"] == {
        "mirrors": str(tmp_path / "roles" / "mirrors" / "verify.py"),
        "base": str(builtin / "roles" / "base" / "verify.py"),
    }
    assert found["npmrc"] == str(tmp_path / "templates" / "mirrors" / "npmrc.j2")
    assert found["gitconfig"] == str(builtin / "templates" / "mirrors" / "gitconfig.j2")


def test_the_wheel_holds_every_role_and_template_of_the_checkout(wheel):
    def files(root: Path) -> set[str]:
        return {
            str(path.relative_to(root))
            for folder in ("roles", "templates")
            for path in (root / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

    assert files(wheel / "gpustrap" / "content") == files(ROOT)

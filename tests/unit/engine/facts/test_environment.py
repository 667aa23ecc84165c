"""The scripts with a real uv, on a folder here: what is installed comes from a wheel beside it, nothing from a network."""

from __future__ import annotations

import shlex
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from conda_stand_in import CONDA
from gpustrap.engine.facts.environment import EnvironmentState, environment_script
from gpustrap.resolve.environment import Environment

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
UV = str(Path(sys.executable).with_name("uv"))


def wheel(folder: Path, name: str, version: str, *needs: str) -> None:
    info = f"{name}-{version}.dist-info"
    needed = "".join(f"Requires-Dist: {one}\n" for one in needs)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as packed:
        packed.writestr(f"{name}.py", f"version = '{version}'\n")
        packed.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}")
        packed.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{info}/RECORD", "")


@pytest.fixture
def made(tmp_path: Path) -> Environment:
    app = tmp_path / "app"
    (app / "wheels").mkdir(parents=True)
    for version in ("1.0", "2.0"):
        wheel(app / "wheels", "greet", version)
        wheel(app / "wheels", "torch", version)
    wheel(app / "wheels", "onit", "1.0", "torch==2.0")
    (app / "requirements.txt").write_text("--find-links ./wheels\n--no-index\ngreet==1.0\n")
    venv = f"{app}/.venv"
    return Environment(
        UV, str(app), "requirements.txt", f"{venv}/bin/python", venv, cache=f"{tmp_path}/cache", version=VERSION
    )


def run(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["/bin/sh", "-c", command], text=True, capture_output=True, timeout=60)


def state(environment: Environment) -> str:
    done = run(EnvironmentState().command(environment))
    assert (done.returncode, done.stderr) == (0, "")
    return EnvironmentState().process(done.stdout.splitlines())


def make(environment: Environment) -> str:
    done = run(
        environment_script(
            "make",
            environment,
            venv=environment.venv,
        )
    )
    return "" if done.returncode == 0 else done.stderr


def version_of(environment: Environment, name: str) -> str:
    # -B: what is compiled here would count for another file of the same second and size too
    return run(f"{shlex.quote(environment.python)} -B -c 'import {name}; print({name}.version)'").stdout.strip()


def test_an_environment_is_made_filled_and_then_ready(made: Environment) -> None:
    assert state(made) == "absent"
    assert make(made) == ""
    assert (state(made), version_of(made, "greet")) == ("ready", "1.0")
    (Path(made.project) / "requirements.txt").write_text("--find-links ./wheels\n--no-index\ngreet>1\n")
    assert state(made) == "lacking"
    assert make(made) == ""
    assert (state(made), version_of(made, "greet")) == ("ready", "2.0")


def test_one_whose_python_is_gone_is_made_anew(made: Environment) -> None:
    make(made)
    Path(made.python).unlink()
    assert state(made) == "absent"
    assert make(made) == ""
    assert state(made) == "ready"


def test_one_of_another_python_is_made_anew(made: Environment) -> None:
    make(made)
    assert state(replace(made, version="")) == "ready"
    exact = run(f"{made.python} -c 'import platform; print(platform.python_version())'").stdout.strip()
    assert state(replace(made, version=exact)) == "ready"
    assert state(replace(made, version=VERSION[:-1])) == "lacking"  # 3.1 is not 3.11
    note = Path(made.venv) / "note"
    note.touch()
    assert "3.99" in make(replace(made, version="3.99"))
    assert make(made) == ""
    assert note.exists() and state(made) == "ready"


def test_what_cannot_be_had_is_said_by_uv(made: Environment) -> None:
    (Path(made.project) / "requirements.txt").write_text("--no-index\nnothing-like-it\n")
    assert "nothing-like-it was not found" in make(made)
    assert state(made) == "lacking"


def test_settings_of_the_person_do_not_count(made: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_CONSTRAINT", "PIP_CONSTRAINT", "UV_CONFIG_FILE", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("UV_OFFLINE", "nonsense")
    monkeypatch.setenv("TMPDIR", "/nowhere")
    assert make(made) == ""


@pytest.mark.parametrize("build", ["", '[build-system]\nrequires = []\nbuild-backend = "back"\nbackend-path = ["."]\n'])
def test_a_pyproject_gives_its_dependencies_and_itself_where_it_can_be_built(made: Environment, build: str) -> None:
    app = Path(made.project)
    (app / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\ndependencies = ["greet"]\n'
        f'[tool.uv]\nno-index = true\nfind-links = ["{app}/wheels"]\n{build}'
    )
    (app / "back.py").write_text(BACKEND)
    named = replace(made, file="pyproject.toml")
    assert make(named) == ""
    assert (state(named), version_of(named, "greet")) == ("ready", "2.0")
    shown = run(f"{UV} pip list --python {made.python}").stdout
    assert ("app" in shown) is bool(build)


BACKEND = """
import zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(folder + "/app-1-py3-none-any.whl", "w") as packed:
        meta = "Metadata-Version: 2.1\\nName: app\\nVersion: 1\\nRequires-Dist: greet\\n"
        wheel = "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
        for name, text in (("app.pth", "/nowhere\\n"), ("app-1.dist-info/METADATA", meta), ("app-1.dist-info/WHEEL", wheel), ("app-1.dist-info/RECORD", "")):
            packed.writestr(name, text)
    return "app-1-py3-none-any.whl"
"""


def test_a_lock_gives_its_versions(made: Environment) -> None:
    app = Path(made.project)
    (app / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["greet<2"]\n'
        '[tool.uv]\nno-index = true\nfind-links = ["./wheels"]\n'
    )
    locked = run(f"cd {app} && env -u UV_NO_CONFIG {UV} lock -q --python {sys.executable}")
    assert locked.returncode == 0, locked.stderr
    named = replace(made, file="uv.lock")
    assert make(named) == ""
    assert (state(named), version_of(named, "greet")) == ("ready", "1.0")


@pytest.fixture
def torch(made: Environment) -> Environment:
    """An environment that stands there with torch 1.0, which is to stay."""
    (Path(made.project) / "requirements.txt").write_text("--find-links ./wheels\n--no-index\ntorch==1.0\n")
    make(made)
    return replace(made, venv="", pins=("torch==1.0",))


def test_the_chosen_torch_stays_and_what_needs_another_is_refused(torch: Environment) -> None:
    requirements = Path(torch.project) / "requirements.txt"
    requirements.write_text("--find-links ./wheels\n--no-index\ntorch\ngreet\n")
    assert make(torch) == ""
    assert (state(torch), version_of(torch, "torch")) == ("ready", "1.0")
    requirements.write_text("--find-links ./wheels\n--no-index\nonit\n")
    assert "torch==2.0" in make(torch)
    assert version_of(torch, "torch") == "1.0"


def test_with_an_override_the_rest_is_installed_around_it(torch: Environment) -> None:
    (Path(torch.project) / "requirements.txt").write_text("--find-links ./wheels\n--no-index\ntorch==2.0\nonit\n")
    around = replace(torch, overrides=True)
    assert make(around) == ""
    assert (state(around), version_of(around, "torch"), version_of(around, "onit")) == ("ready", "1.0", "1.0")


def test_a_lock_that_wants_another_torch_is_refused_by_name(torch: Environment) -> None:
    app = Path(torch.project)
    (app / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["torch==2.0", "greet"]\n'
        '[tool.uv]\nno-index = true\nfind-links = ["./wheels"]\n'
    )
    locked = run(f"cd {app} && env -u UV_NO_CONFIG {UV} lock -q --python {sys.executable}")
    assert locked.returncode == 0, locked.stderr
    named = replace(torch, file="uv.lock")
    assert make(named) == "uv.lock asks for torch==2.0, and role torch has chosen torch==1.0\n"
    around = replace(named, overrides=True)
    assert make(around) == ""
    assert (state(around), version_of(around, "torch"), version_of(around, "greet")) == ("ready", "1.0", "2.0")


def test_of_a_repository_the_first_file_counts_and_none_is_nothing_to_do(made: Environment) -> None:
    found = replace(made, file="")
    assert state(found) == "absent"
    assert make(found) == ""
    assert (state(found), version_of(found, "greet")) == ("ready", "1.0")
    (Path(made.project) / "requirements.txt").unlink()
    assert (state(found), make(found)) == ("ready", "")


def test_an_answer_that_was_cut_off_is_an_error() -> None:
    assert EnvironmentState.default() == "absent"
    with pytest.raises(ValueError, match=r"^the answer was cut off$"):
        EnvironmentState().process(["environment"])


def test_the_script_is_told_all_that_the_environment_is_made_of() -> None:
    of = Environment(
        "/uv", "/app", "uv.lock", "/app/.venv/bin/python", "/app/.venv", pins=("torch==1.0", "triton==2.0"),
        cache="/c", pypi="https://p.lan", pythons="https://q.lan", version="3.11",
    )  # fmt: skip
    assert {
        "uv=/uv", "project=/app", "file=uv.lock", "python=/app/.venv/bin/python", "version=3.11", "how=constraints",
        "pins='torch==1.0 triton==2.0'", "cache=/c", "pypi=https://p.lan", "pythons=https://q.lan",
    } <= {*environment_script("look", of).splitlines()}  # fmt: skip


@pytest.fixture
def condas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """A project for conda, for which a program of these tests stands, where a provider's image has it."""
    program = tmp_path / "home" / "miniconda3" / "bin" / "conda"
    program.parent.mkdir(parents=True)
    program.write_text(CONDA)
    program.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    app = tmp_path / "it's $app"
    app.mkdir()
    (app / "environment.yml").write_text("dependencies:\n  - python=3.11\n  - greet=1.0\n")
    return Environment("", str(app), "environment.yml", f"{app}/.conda-env/bin/python", f"{app}/.conda-env")


def test_condas_is_made_filled_and_then_ready(condas: Environment) -> None:
    file = Path(condas.project) / "environment.yml"
    assert state(condas) == "absent"
    assert make(condas) == ""
    assert (state(condas), version_of(condas, "greet")) == ("ready", "1.0")
    for asked in ("greet=2.0", "greet=2.0\n  - six"):
        file.write_text(f"dependencies:\n  - {asked}\n")
        assert state(condas) == "lacking"
        assert make(condas) == ""
        assert (state(condas), version_of(condas, "greet")) == ("ready", "2.0")


def test_what_conda_cannot_say_is_no_lack(condas: Environment) -> None:
    assert make(condas) == ""
    (Path(condas.project) / "environment.yml").write_text("dependencies:\n  - -r other.txt\n")
    assert state(condas) == "unsaid"
    assert make(condas).strip() == "CondaValueError: could not parse environment.yml"


def test_where_there_is_no_conda_that_is_said(condas: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", condas.project)
    if state(condas) != "without-conda":
        pytest.skip("conda is here")
    assert make(condas) == "there is no conda any more\n"

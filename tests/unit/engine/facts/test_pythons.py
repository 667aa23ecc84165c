"""The image's Pythons, looked at by the script that runs on a box; torch's version.py is as in its wheels."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gpustrap.engine.facts.pythons import LOOK, command, read_constraints, read_pythons
from gpustrap.engine.scripts import script, text_of
from gpustrap.resolve.box.survey import ImageConstraint, ImagePython

VERSION_PY = "from typing import Optional\n\n__version__ = {!r}\ndebug = False\ncuda: Optional[str] = {!r}\n"
HERE = "{}.{}.{}".format(*sys.version_info)


def look(home: Path, seconds: int = 5, **variables: str):
    """What the script says on this machine with another home: key → lines."""
    text = text_of("limited") + script(
        "pythons", patience=seconds, seconds=seconds, conda_roots=str(home / "conda"), look=LOOK
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), **variables}
    done = subprocess.run(["sh", "-c", text], cwd=home, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    said: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        key, _, value = line.partition("\t")
        said.setdefault(key, []).append(value)
    return said


def pythons(home: Path, **rest):
    """Those below `home`: what this machine has of its own is left out."""
    return [python for python in read_pythons(look(home, **rest)) if python.path.startswith(str(home))]


def make_venv(folder: Path, torch: str | None = "2.9.1+cu128", cuda: str | None = "12.8") -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    if torch:
        (package,) = (folder / "lib").glob("python3*/site-packages")
        (package / "torch").mkdir()
        (package / "torch" / "version.py").write_text(VERSION_PY.format(torch, cuda))
        (package / "torch" / "__init__.py").write_text("raise SystemExit('imported')")
    return folder


def make_stub(path: Path, body: str) -> Path:
    """A Python that does `body`, in an environment that looks as if it had torch."""
    for file in (
        path.parents[1] / "lib/python3.11/site-packages/torch/version.py",
        path,
        path.parents[1] / "pyvenv.cfg",
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("torch", "cuda", "told"), [("2.9.1+cu128", "12.8", (12, 8)), ("2.13.0+cpu", None, None)], ids=["CUDA", "CPU"]
)
def test_a_venv_tells_its_torch_without_importing_it(tmp_path, torch, cuda, told):
    venv = make_venv(tmp_path / "venv", torch, cuda)
    (found,) = pythons(tmp_path)
    assert (found.path, found.torch, found.cuda, found.kind) == (f"{venv}/bin/python", torch, told, "venv")
    assert (found.prefix, ".".join(map(str, found.version))) == (str(venv), HERE)
    assert found.packages.startswith(f"{venv}/lib/python3")


def test_venvs_conda_environments_and_the_active_one_are_found(tmp_path):
    active = make_venv(tmp_path / "somewhere", None)
    for place in ("venv", ".venv-a", "project/.venv", ".virtualenvs/x", ".pyenv/versions/3.12.1"):
        make_venv(tmp_path / place)
    for place in ("conda", "conda/envs/ml", "named"):
        (make_venv(tmp_path / place) / "conda-meta").mkdir()
    (tmp_path / ".conda").mkdir()
    (tmp_path / ".conda/environments.txt").write_text(f"{tmp_path}/named\n{tmp_path}/conda/envs/ml\n/gone\n")

    found = {
        python.prefix.removeprefix(f"{tmp_path}/"): python.kind for python in pythons(tmp_path, VIRTUAL_ENV=str(active))
    }

    assert found == {
        "somewhere": "venv",
        "conda": "conda",
        "conda/envs/ml": "conda",
        "named": "conda",
        "venv": "venv",
        ".venv-a": "venv",
        "project/.venv": "venv",
        ".virtualenvs/x": "venv",
        ".pyenv/versions/3.12.1": "venv",
    }


def test_a_python_on_path_counts_wherever_it_is(tmp_path):
    shims = tmp_path / "my shims"
    shims.mkdir()
    (shims / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (shims / "python3").chmod(0o755)
    (found,) = pythons(tmp_path, PATH=f"{shims}:{os.environ['PATH']}")
    assert (found.path, found.prefix) == (f"{shims}/python3", sys.prefix)


def test_our_own_environment_is_none_of_the_images(tmp_path):
    ours = make_venv(tmp_path / "gpustrap/venvs/torch")
    assert pythons(tmp_path, VIRTUAL_ENV=str(ours)) == []


@pytest.mark.parametrize(
    "body",
    [
        "echo hello; exit 0",
        "exit 1",
        "kill -9 $$",
        "echo 'gpustrap-python {broken'",
        "yes | head -n 100000",
        "echo 'gpustrap-python {}'",
        "echo 'gpustrap-python [1]'",
    ],
)
def test_a_python_that_gives_no_whole_answer_is_passed_over(tmp_path, body):
    make_stub(tmp_path / "bad-venv/bin/python", body)
    make_venv(tmp_path / "venv")
    assert [python.prefix for python in pythons(tmp_path)] == [str(tmp_path / "venv")]


def test_pythons_that_hang_cost_their_time_once(tmp_path):
    for name in ("venv1", "venv2", "venv3", "venv4"):
        make_stub(tmp_path / name / "bin/python", "trap '' TERM; while :; do sleep 0.2; done")
    make_venv(tmp_path / "venv")
    began = time.monotonic()
    found = pythons(tmp_path, seconds=2)
    assert [python.prefix for python in found] == [str(tmp_path / "venv")]
    assert time.monotonic() - began < 10


def test_noise_around_the_answer_does_not_count(tmp_path):
    venv = make_venv(tmp_path / "venv")
    (package,) = (venv / "lib").glob("python3*/site-packages")
    (package / "noise.pth").write_text("import sys; print('hello'); print('image_python\\t/evil\\t{}')\n")
    (found,) = pythons(tmp_path)
    assert found.torch == "2.9.1+cu128"


def test_modules_in_the_folder_where_it_runs_are_not_imported(tmp_path):
    make_venv(tmp_path / "venv")
    for module in ("json", "csv", "re", "sysconfig"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('imported')")
    assert len(pythons(tmp_path, PYTHONPATH=str(tmp_path))) == 1


def test_constraints_of_an_environments_own_pip_conf_are_found_and_ours_are_none(tmp_path):
    venv = make_venv(tmp_path / "venv")
    (tmp_path / "image.txt").write_text("torch==2.8.0\nnumpy<2\n")
    (tmp_path / "ours.txt").write_text("# Managed by gpustrap: …\ntorch==2.9.1\n")
    (venv / "pip.conf").write_text(
        f"[global]\nindex-url = https://me:pw@x/\n[install]\nconstraint = {tmp_path}/image.txt\n    {tmp_path}/ours.txt\n"
    )
    (found,) = pythons(tmp_path)
    assert found.constraints == (ImageConstraint(f"{venv}/pip.conf", f"{tmp_path}/image.txt", ("torch==2.8.0",)),)


def test_constraints_are_found_with_their_source_and_ours_are_none(tmp_path):
    for name in ("image", "uv", "conf"):
        (tmp_path / f"{name}.txt").write_text(f"numpy==1.26\ntorch==2.8.0  # {name}\nTriton>=3\ntorch-geometric==2.6\n")
    (tmp_path / "ours.txt").write_text("# Managed by gpustrap: …\ntorch==2.9.1\n")
    (tmp_path / ".config/pip").mkdir(parents=True)
    (tmp_path / ".config/pip/pip.conf").write_text(
        f"[global]\nconstraint =\n    {tmp_path}/conf.txt\n    {tmp_path}/gone.txt\n"
    )

    said = look(
        tmp_path, PIP_CONSTRAINT=f"{tmp_path}/image.txt {tmp_path}/ours.txt", UV_CONSTRAINT=f"{tmp_path}/uv.txt"
    )

    found = {(one.source, one.file): one.pins for one in read_constraints(said) if one.file.startswith(str(tmp_path))}
    pins = ("torch==2.8.0", "Triton>=3", "torch-geometric==2.6")
    assert found == {
        ("PIP_CONSTRAINT", f"{tmp_path}/image.txt"): pins,
        ("UV_CONSTRAINT", f"{tmp_path}/uv.txt"): pins,
        (f"{tmp_path}/.config/pip/pip.conf", f"{tmp_path}/conf.txt"): pins,
    }


def test_the_script_needs_no_timeout_of_the_box(tmp_path):
    make_venv(tmp_path / "venv")
    folder = tmp_path / "tools"
    folder.mkdir()
    for tool in ("sh", "awk", "cat", "cut", "env", "grep", "head", "kill", "sed", "sleep", "sort", "tr"):
        if found := shutil.which(tool):
            (folder / tool).symlink_to(found)
    assert len(pythons(tmp_path, PATH=str(folder))) == 1


WHOLE = {"version": "3.11.2", "torch": "2.9.1", "cuda": "12.8", "prefix": "/v", "packages": "/v/lib", "kind": "venv",
         "constraints": [["/c.txt", ["torch==2.9.1 # pinned", "", "nvidia-x==1"]]]}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "other", "python"),
    [
        ("/v/bin/python", {}, ImagePython("/v/bin/python", (3, 11, 2), "2.9.1", (12, 8), "/v", "/v/lib", "venv",
         (ImageConstraint("/v/pip.conf", "/c.txt", ("torch==2.9.1", "nvidia-x==1")),))),
        ("/v/bin/python", {"torch": "", "cuda": None, "kind": "else", "constraints": []},
         ImagePython("/v/bin/python", (3, 11, 2), None, None, "/v", "/v/lib", "system")),
        ("/v/bin/python", {"kind": "conda", "constraints": []},
         ImagePython("/v/bin/python", (3, 11, 2), "2.9.1", (12, 8), "/v", "/v/lib", "conda")),
        ("bin/python", {}, None), ("/v/bin/\x1bpython", {}, None), ("/v/bin/python", {"prefix": "/\x1bv"}, None),
        ("/v/bin/python", {"torch": "\x1b[2J"}, None), ("/v/bin/python", {"packages": "/\x07"}, None),
        ("/v/bin/python", {"constraints": [["/\x1bc", []]]}, None),
        ("/v/bin/python", {"version": "3.x"}, None), ("/v/bin/python", {"version": None}, None),
        ("/v/bin/python", {"constraints": None}, None), ("/v/bin/python", {"constraints": [["a"]]}, None),
    ],
)  # fmt: skip
def test_an_answer_is_a_python_or_passed_over(path, other, python) -> None:
    line = f"{path}\t{json.dumps({**WHOLE, **other})}"
    assert read_pythons({"image_python": [line, line, f"{path}\tno json", f"{path}\t{{}}"]}) == (
        (python,) if python else ()
    )


def test_a_constraint_is_a_whole_line_with_a_name_that_can_be_printed() -> None:
    lines = [
        "PIP_CONSTRAINT\t/c.txt\ttorch==2.9.1\x1f# words\x1ftriton==3 # why",
        "PIP_CONSTRAINT\t/c.txt",
        "A\t/\x1bx\ty",
        "A\tb",
    ]
    assert read_constraints({"constraint": lines}) == (
        ImageConstraint("PIP_CONSTRAINT", "/c.txt", ("torch==2.9.1", "triton==3")),
    )


def test_a_constraint_keeps_its_place_whatever_else_its_line_holds() -> None:
    said = {
        "constraint": ["PIP_CONSTRAINT\t/c.txt\ttorch==2\tx", "PIP_CONSTRAINT\t/d.txt\tb\x1b[2Ja\x1ftorch==2.9 # why"]
    }
    assert read_constraints(said) == (
        ImageConstraint("PIP_CONSTRAINT", "/c.txt", ()),
        ImageConstraint("PIP_CONSTRAINT", "/d.txt", ("torch==2.9",)),
    )


def test_the_question_of_the_survey_looks_into_each_python(tmp_path) -> None:
    make_venv(tmp_path / "venv")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "VIRTUAL_ENV": str(tmp_path / "venv")}
    done = subprocess.run(
        ["sh", "-c", text_of("limited") + command()], env=environment, capture_output=True, text=True, timeout=60
    )
    assert f"image_python\t{tmp_path}/venv/bin/python" in done.stdout

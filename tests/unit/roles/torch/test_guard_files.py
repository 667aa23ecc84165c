"""What the guard's files do, read by real shells and by real pip: in their own environment, and in no other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gpustrap.engine.templates import render, use_project
from gpustrap.resolve.box.survey import ImageConstraint
from gpustrap.resolve.torch.guard import Environment, conflicts_of, guard_of

UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"


@pytest.fixture
def place(tmp_path) -> Path:
    """Two environments of uv's, `ours` guarded for torch 2.9.1, `other` not; a wheel of torch 2.0 is in `wheels`."""
    use_project(tmp_path)
    for name in ("ours", "other"):
        subprocess.run([UV, "venv", "-q", "--python", sys.executable, tmp_path / name], check=True)
    (tmp_path / "image.txt").write_text("numpy==1.26.4\n")
    return tmp_path


def guard(place: Path, *image: ImageConstraint):
    packages = next((place / "ours/lib").glob("python3*/site-packages"))
    environment = Environment(str(place / "ours"), "venv", str(packages))
    conflicts = conflicts_of({"torch": ("2.9.1",)}, image)
    made = guard_of(environment, f"{place}/constraints.txt", ["torch==2.9.1"], image, conflicts)
    for file in made.files:
        text = render(file.src, {"guard": made})
        path = Path(file.dest)
        path.write_text((path.read_text() + text) if file.block else text)
    Path(made.pip_conf).write_text(f"[install]\nconstraint = {made.file}\n")
    return made


def shell(place: Path, script: str, shell: str = "bash", **variables: str) -> str:
    environment = {"PATH": f"{Path(UV).parent}:{os.environ['PATH']}", "HOME": str(place), **variables}
    words = [shell, *(["--norc"] if shell == "bash" else []), "-c", script]
    done = subprocess.run(words, cwd=place, env=environment, capture_output=True, text=True, timeout=60)
    return (done.stdout + done.stderr).strip()


ASK = "uv pip install --dry-run --offline --no-index torch==2.0 2>&1 | tr '\\n' ' '"
REFUSED = "you require torch==2.0 and torch==2.9.1"


@pytest.mark.parametrize("name", ["bash", "sh", "zsh"])
def test_uv_is_refused_another_torch_while_the_environment_is_active(place, name):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not here")
    guard(place)
    assert REFUSED in shell(place, f". ours/bin/activate; {ASK}", name)


@pytest.mark.parametrize("before", ["", ". ours/bin/activate; deactivate; ", ". ours/bin/activate; "])
def test_uv_is_free_in_another_environment(place, before):
    guard(place)
    assert REFUSED not in shell(place, f"{before}. other/bin/activate; {ASK}")


def test_activated_twice_it_is_guarded_and_left_once_it_is_as_before(place):
    guard(place)
    twice = ". ours/bin/activate; . ours/bin/activate"
    assert REFUSED in shell(place, f"{twice}; {ASK}")
    said = shell(place, f"{twice}; deactivate; echo $UV_CONSTRAINT; type uv | head -n 1", UV_CONSTRAINT="/x")
    assert said.splitlines() == ["/x", f"uv is {UV}"]


def pip(place: Path, environment: str, **variables: str) -> str:
    """What pip says of its constraints when it is to install into an environment."""
    script = (
        f"{sys.executable} -m pip --python {environment}/bin/python install --dry-run --no-deps --no-index"
        f" --find-links {place} torch==2.0"
    )
    return " ".join(shell(place, script, **variables).split())


@pytest.fixture
def wheel(place) -> None:
    """A wheel that only says it is torch 2.0."""
    import zipfile

    with zipfile.ZipFile(place / "torch-2.0-py3-none-any.whl", "w") as archive:
        info = "torch-2.0.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: torch\nVersion: 2.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")


CONSTRAINED = "The user requested (constraint) torch==2.9.1"


@pytest.mark.usefixtures("wheel")
def test_pip_is_refused_in_the_environment_and_in_no_other(place):
    guard(place)
    assert CONSTRAINED in pip(place, "ours")
    assert CONSTRAINED not in pip(place, "other") and "Would install torch-2.0" in pip(place, "other")


@pytest.mark.usefixtures("wheel")
def test_a_variable_of_the_image_does_not_undo_the_guard_and_keeps_its_own(place):
    image = ImageConstraint("PIP_CONSTRAINT", f"{place}/image.txt")
    made = guard(place, image)
    assert f"-c {place}/image.txt" in (place / "constraints.txt").read_text()
    assert CONSTRAINED in pip(place, "ours", PIP_CONSTRAINT=f"{place}/image.txt")
    assert CONSTRAINED not in pip(place, "other", PIP_CONSTRAINT=f"{place}/image.txt")
    assert made.dropped == ()


@pytest.mark.usefixtures("wheel")
def test_what_conflicts_does_not_count_in_the_environment(place):
    (place / "image.txt").write_text("torch==2.0\n")
    made = guard(place, ImageConstraint("PIP_CONSTRAINT", f"{place}/image.txt", ("torch==2.0",)))
    assert made.dropped == (f"{place}/image.txt",)
    said = pip(place, "ours", PIP_CONSTRAINT=f"{place}/image.txt")
    assert CONSTRAINED in said and "(constraint) torch==2.0" not in said


def test_the_line_for_python_is_harmless_to_other_programs(place):
    guard(place, ImageConstraint("PIP_CONSTRAINT", f"{place}/image.txt"))
    said = shell(
        place, "ours/bin/python -c 'import os; print(os.environ.get(\"PIP_CONSTRAINT\"))'", PIP_CONSTRAINT="/x"
    )
    assert said == "/x"

from __future__ import annotations

import pytest

from gpustrap.resolve.environment import Environment, file_of


@pytest.mark.parametrize(
    ("paths", "file"),
    [
        (["requirements.txt", "main.py"], "requirements.txt"),
        (["requirements.txt", "pyproject.toml"], "pyproject.toml"),
        (["uv.lock", "requirements.txt", "pyproject.toml"], "uv.lock"),
        (["sub/requirements.txt", "main.py"], ""),
        (["environment.yml", "requirements.txt"], "requirements.txt"),
        (["environment.yml", "main.py"], "environment.yml"),
    ],
)
def test_the_most_exact_file_counts(paths: list[str], file: str) -> None:
    assert file_of(paths) == file


@pytest.mark.parametrize(("file", "by_conda"), [("environment.yml", True), ("uv.lock", False), ("", False)])
def test_conda_makes_what_its_own_file_asks_for(file: str, by_conda: bool) -> None:
    assert Environment("uv", "/app", file, "/app/.venv/bin/python").by_conda is by_conda


def test_its_programs_stand_beside_the_interpreter() -> None:
    assert Environment("uv", "/app", "uv.lock", "/app/.venv/bin/python").bin == "/app/.venv/bin"

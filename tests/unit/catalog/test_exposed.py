from __future__ import annotations

import pytest

from gpustrap.catalog.exposed import exposed_by

OPEN = [
    "exec jupyter lab --ip=0.0.0.0 --ServerApp.token=''",
    'jupyter-lab --NotebookApp.token="" --port 8888',
    "jupyter lab --IdentityProvider.token= --ip 0.0.0.0",
    "/venv/main/bin/jupyter notebook --ServerApp.token=",
    "code-server --auth none --bind-addr 0.0.0.0:8080",
    "code-server --auth='none'",
    "ray start --head --block --dashboard-host 0.0.0.0",
    "python /workspace/ComfyUI/main.py --listen",
    "OLLAMA_HOST=0.0.0.0 exec /usr/local/bin/ollama serve",
    "vllm serve some/model",
    "python -m vllm.entrypoints.openai.api_server --model m --api-key ''",
]
CLOSED = [
    "jupyter lab --ip 0.0.0.0",
    "jupyter lab --ServerApp.token=abc",
    "jupyter lab --ServerApp.token='' --ServerApp.password='argon2:x'",
    "code-server --bind-addr 0.0.0.0:8080",
    "vllm serve m --api-key $KEY",
]


@pytest.mark.parametrize(("command", "is_open"), [*((one, True) for one in OPEN), *((one, False) for one in CLOSED)])
def test_a_program_is_open_that_asks_nobody_for_a_login(small_catalog, command, is_open):
    program = exposed_by(command)
    assert program is not None
    assert program.is_open(command, {}) is is_open


@pytest.mark.parametrize(
    "command", ["python main.py", "exec uvicorn app:app", "rayon --serve", "cat array", "ls jupyter.txt"]
)
def test_other_programs_are_none_of_the_table(small_catalog, command):
    assert exposed_by(command) is None


@pytest.mark.parametrize(("env", "is_open"), [({}, True), ({"VLLM_API_KEY": ""}, True), ({"VLLM_API_KEY": "x"}, False)])
def test_a_secret_in_the_variable_closes_it_and_an_empty_one_does_not(small_catalog, env, is_open):
    program = exposed_by("vllm serve m")
    assert program is not None
    assert program.is_open("vllm serve m", env) is is_open


def test_the_folder_tells_too(small_catalog):
    program = exposed_by("python main.py --listen 0.0.0.0", "/workspace/ComfyUI")
    assert program is not None
    assert program.name == "ComfyUI"

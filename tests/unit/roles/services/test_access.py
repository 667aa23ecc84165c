from __future__ import annotations

import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest

from gpustrap.catalog import rows
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.context import Context
from gpustrap.resolve.gateway import Gateway, Route
from roles.services import resolve

pytestmark = pytest.mark.usefixtures("small_catalog")
OLLAMA = "Ollama gives its models to everybody who reaches port 11434, and asks for no login; "
WAYS = "without `port`, on 127.0.0.1, it is reached by `gpustrap tunnel`; `open: true` where it is meant so"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{llm: {command: ollama serve, port: 11434}}", f"4: services.llm: {OLLAMA}{WAYS}"),
        (
            '{llm: {command: vllm serve m, port: 8000, env: {VLLM_API_KEY: ""}}}',
            "4: services.llm: vLLM gives its models to everybody who reaches port 8000, and asks for no login; "
            f"env.VLLM_API_KEY closes it; {WAYS}",
        ),
        (
            "{lab: {command: 'jupyter lab --ServerApp.token=', port: 8888}}",
            "4: services.lab: Jupyter gives a shell to everybody who reaches port 8888, and asks for no login; "
            f"env.JUPYTER_TOKEN closes it; {WAYS}",
        ),
        ("{llm: {preset: hello, command: ollama serve, port: 11434}}", f"4: services.llm: {OLLAMA}{WAYS}"),
        (
            "{ui: {command: python main.py, cwd: /root/ComfyUI, port: 8188}}",
            "4: services.ui: ComfyUI gives a shell to everybody who reaches port 8188, and asks for no login; " + WAYS,
        ),
    ],
)
def test_what_lets_strangers_in_is_refused_by_line_with_the_ways_out(refusal, text, message):
    assert refusal("services", text) == [message]


def test_a_project_that_is_such_a_program_is_refused_too(settings, survey):
    context = Context(
        "trainer",
        "global",
        ("project", "services"),
        decided=lambda _role: SimpleNamespace(dest="/root/ComfyUI", environment=None, digest="00ff"),
    )
    written = {"command": "exec python main.py --listen 0.0.0.0", "port": 8188, "project": True}
    box = replace(survey, tools=dict.fromkeys(("tmux", "ss", "curl", "python3"), "/x"))
    with pytest.raises(InstanceFailed, match="ComfyUI gives a shell to everybody who reaches port 8188"):
        resolve.choose(settings("services", {"ui": written}), box, context)
    meant = resolve.choose(settings("services", {"ui": {**written, "open": True}}), box, context)
    assert "OPEN TO EVERYBODY" in meant.reasons[0]


def test_what_a_preset_runs_is_looked_at_too(tables, refusal, tmp_path):
    shutil.copytree(rows.DATA, tmp_path / "catalog")
    text = '{"name": "talk", "command": "exec ollama serve", "port": 11434, "source": "x", "read": "2026-11-26"}\n'
    (tmp_path / "catalog" / "presets.jsonl").write_text(text)
    tables(tmp_path / "catalog")
    assert refusal("services", "{llm: {preset: talk}}") == [f"4: services.llm: {OLLAMA}{WAYS}"]


FRONT = Gateway(8080, (Route("/", "llm", 11434),), Secret(env="T"))


@pytest.mark.parametrize(
    ("front", "urls", "let"),
    [
        (FRONT, {8080: "http://h:1"}, True),
        (FRONT, {11434: "http://h:2"}, False),  # its own port gets out too
        (replace(FRONT, token=None), {}, False),
        (replace(FRONT, routes=(Route("/", "web", 8001),)), {}, False),
        (None, {}, False),
    ],
)
def test_only_behind_a_gateway_that_asks_for_its_token_nobody_is_let_in_unasked(settings, survey, front, urls, let):
    """Whatever the settings said of it: the gateway's own decision counts."""
    roles = ("gateway", "services") if front else ("services",)
    context = Context("one", "global", roles, public_urls=urls, decided={"gateway": front}.get)
    beside = {"gateway": {"token": {"env": "T"}, "routes": {"/": "llm"}}}
    written = type(settings("services", {})).model_validate(
        {"llm": {"command": "ollama serve", "port": 11434}}, context={"beside": beside}
    )
    box = replace(survey, tools={"tmux": "/x"})
    if let:
        assert resolve.choose(written, box, context).reasons == (
            "llm: port 11434, behind the gateway at /, which asks for its token",
        )
    else:
        with pytest.raises(InstanceFailed) as refused:
            resolve.choose(written, box, context)
        assert str(refused.value) == f"llm: {OLLAMA}{WAYS}"


@pytest.mark.parametrize(
    ("service", "says"),
    [
        (
            {"command": "ollama serve", "port": 1, "open": True},
            "; OPEN TO EVERYBODY, as hosts.yml says: it gives its models",
        ),
        (
            {"command": "vllm serve m", "port": 1, "env": {"VLLM_API_KEY": {"env": "K"}}},
            "; asks for the secret in VLLM_API_KEY (its key guards /v1 and the like, not /invocations, /tokenize or /pause)",
        ),
        (
            {"command": "jupyter lab", "port": 1},
            "; asks for a login (makes a token of its own at each start where none is set)",
        ),
        ({"command": "exec serve", "port": 1}, "is listened on"),
        ({"command": "ollama serve"}, "ready once it keeps running"),
    ],
)
def test_the_plan_says_whom_a_service_lets_in(settings, survey, context, service, says):
    box = replace(survey, tools=dict.fromkeys(("tmux", "ss", "curl", "python3"), "/x"))
    (reason,) = resolve.choose(settings("services", {"it": service}), box, context).reasons
    assert reason.endswith(says)

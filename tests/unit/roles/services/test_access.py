from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("small_catalog")
OLLAMA = "Ollama gives its models to everybody who reaches port 11434, and asks for no login; "
WAYS = "without `port`, on 127.0.0.1, it is reached by `ssh -L`; `open: true` where it is meant so"


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
    ],
)
def test_what_lets_strangers_in_is_refused_by_line_with_the_ways_out(refusal, text, message):
    assert refusal("services", text) == [message]


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
    from dataclasses import replace

    from roles.services import resolve

    box = replace(survey, tools=dict.fromkeys(("tmux", "ss", "curl", "python3"), "/x"))
    (reason,) = resolve.choose(settings("services", {"it": service}), box, context).reasons
    assert reason.endswith(says)

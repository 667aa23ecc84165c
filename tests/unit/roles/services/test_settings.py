"""What a person reads who wrote a bad value for the role `services`, and what stands where nothing is written."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

NAME = "expected a name of at most 31 lower case letters, digits and dashes, no dash first"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{web: {command: x, env: {PORT: 8080}}}", '4: services.web.env.PORT: expected text, got 8080; write it in quotes: "8080"'),
        ("{web: {}}", "4: services.web: it has neither a preset nor a command"),
        ("{web: {preset: helo}}", "4: services.web.preset: no preset 'helo'; nearest: 'hello'"),
        ("{web: {preset: x}}", "4: services.web.preset: no preset 'x'"),
        ("{web: {command: x, health: /ping}}", "4: services.web: health needs a port"),
        ("{web: {command: x, public_url: 'http://h'}}", "4: services.web: public_url needs a port"),
        ("{web: {command: x, port: 1, public_url: h:8080}}", "4: services.web.public_url: expected a URL such as https://HOST/PATH"),
        ("{web: {command: 'x {port}'}}", "4: services.web: its command holds {port}, and it has no port"),
        ("{web: {command: x, port: 0}}", "4: services.web.port: expected a number from 1 to 65535, got 0"),
        ("{web: {command: x, health: {command: 'ask {port}'}}}", "4: services.web: its command holds {port}, and it has no port"),
        ("{web: {command: x, health: {comand: y}}}", "4: services.web.health.command: missing, and it has no default\n4: services.web.health.comand: unknown key; nearest: 'command'"),
        ("{web: {command: x, port: 1, health: ping}}", "4: services.web.health: expected a path that begins with /, got 'ping'"),
        ("{web: {command: 'serve {prot}', port: 1}}", "4: services.web: its command holds {prot}, which nothing replaces; nearest: '{port}'"),
        ("{web: {command: 'serve {PORTS}', port: 1}}", "4: services.web: its command holds {PORTS}, which nothing replaces; nearest: '{port}'"),
        ("{web: {command: x, cwd: /srv, project: true}}", "4: services.web: it has both cwd and project"),
        ("{web: {command: x, cwd: srv}}", "4: services.web.cwd: expected a path that begins with /, got 'srv'"),
        ("{web: {command: x, restart: maybe}}", "4: services.web.restart: expected always, on-failure or never, got 'maybe'"),
        ("{web: {command: x, ready_seconds: 0}}", "4: services.web.ready_seconds: expected a number from 1 to 3600, got 0"),
        ("{web: {command: x, tries: 0}}", "4: services.web.tries: expected a number from 1 to 1000, got 0"),
        ("{web: {command: x, ready_seconds: 3601}}", "4: services.web.ready_seconds: expected a number from 1 to 3600, got 3601"),
        ("{web: {command: x, port: 65536}}", "4: services.web.port: expected a number from 1 to 65535, got 65536"),
        ("{Web: {command: x}}", f"4: services.Web: {NAME}, got 'Web'"),
        ("{'a.b': {command: x}}", f"4: services.a.b: {NAME}, got 'a.b'"),
        ("{web: {command: x, env: {A-B: x}}}", "4: services.web.env.A-B: expected the name of a variable: letters, digits and _, no digit first, got 'A-B'"),
        ("{web: {comand: x}}", "4: services.web.comand: unknown key; nearest: 'command'"),
        ("{web: {command: x, depends_on: [db]}, dbs: {command: x}}", "4: services.web.depends_on: no service 'db'; nearest: 'dbs'"),
        ("{web: {command: x, depends_on: [zzzzz]}}", "4: services.web.depends_on: no service 'zzzzz'"),
        ("{web: {command: x, depends_on: [web]}}", "4: services.web.depends_on: they wait for each other: web → web"),
        (
            "\n{web: {command: x, depends_on: [api]},\napi: {command: x, depends_on: [db]},\ndb: {command: x, depends_on: [web]}}",
            "4: services.web.depends_on: they wait for each other: web → api → db → web",
        ),
        ("{web: {command: x, depends_on: db}}", "4: services.web.depends_on: expected a list, got 'db'"),
        (
            """
            {web: {preset: hello},
            api: {command: x,
            port: 8080},
            two: {preset: hello}}
            """,
            "6: services.api.port: port 8080 is also the port of 'web'\n"
            "7: services.two: port 8080 is also the port of 'web'",
        ),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_by_line_and_key(refusal, text: str, message: str) -> None:
    assert refusal("services", text) == message.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "{web: {preset: hello, port: 81}, api: {preset: hello}, job: {command: 'echo {port}', port: 9}}",
        "{web: {command: x, depends_on: [db, job]}, db: {preset: hello}, job: {command: x}}",
        "{gateway: {command: x}}",
        "{it: {preset: code-server, open: true}}",
        "{db: {command: x, health: {command: pg_isready}}, web: {preset: hello, health: {command: 'ask {port}'}}}",
        "{web: {command: x, port: 1, ready_seconds: 1}, api: {command: x, port: 65535, ready_seconds: 3600}}",
    ],
)
def test_good_values_are_taken(load, text: str) -> None:
    assert load("services", text)


@pytest.mark.parametrize(
    ("preset", "gives"),
    [("ollama", "Ollama gives its models"), ("comfyui, project: true", "ComfyUI gives a shell")],
)
def test_a_preset_that_asks_for_no_login_is_refused_unless_that_is_meant(load, refusal, preset, gives) -> None:
    (said,) = refusal("services", f"{{it: {{preset: {preset}}}}}")
    assert gives in said and "asks for no login" in said
    assert load("services", f"{{it: {{preset: {preset}, open: true}}}}").root["it"].open


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{preset: code-server}",
            "the preset 'code-server' wants env.PASSWORD, such as env: {PASSWORD: {env: MY_PASSWORD}}",
        ),
        (
            "{preset: vllm, env: {VLLM_API_KEY: x}}",
            "the preset 'vllm' wants env.MODEL, such as env: {MODEL: {env: MY_MODEL}}",
        ),
        (
            "{preset: vllm, env: {MODEL: x}}",
            "the preset 'vllm' wants env.VLLM_API_KEY, such as env: {VLLM_API_KEY: {env: MY_VLLM_API_KEY}}",
        ),
        ("{preset: gradio}", "the preset 'gradio' wants project"),
        ("{preset: tensorboard}", "the preset 'tensorboard' wants cwd"),
    ],
)
def test_what_only_the_person_has_is_asked_for(refusal, text, message) -> None:
    assert refusal("services", f"{{it: {text}}}") == [f"4: services.it: {message}"]


def test_beside_a_gateway_no_service_has_its_name(settings) -> None:
    written, beside = {"gateway": {"command": "x"}}, {"gateway": {"open": True, "routes": {}}}
    made = settings("services", written)
    with pytest.raises(ValidationError) as refused:
        type(made).model_validate(written, context={"beside": beside})
    (fault,) = refused.value.errors()
    assert (fault["loc"], fault["msg"]) == (("gateway",), "'gateway' is the name of the gateway's own service")


def test_nothing_written_is_no_service(load) -> None:
    assert load("services", "{}").root == {}


def test_a_service_restarts_and_waits_as_its_preset_unless_written_otherwise(load) -> None:
    (service,) = load("services", "{job: {command: x}}").root.values()
    assert (service.restart, service.ready_seconds, service.listens_on) == ("always", None, None)


def test_what_is_written_replaces_the_presets_port(load) -> None:
    web, other = load("services", "{web: {preset: hello}, other: {preset: hello, port: 81}}").root.values()
    assert (web.listens_on, other.listens_on) == (8080, 81)


def test_a_default_is_what_the_preset_or_the_command_says() -> None:
    from roles.services.settings import ServiceSettings, Settings

    assert Settings().root == {}
    assert ServiceSettings(command="train").base.command == "train"
    assert ServiceSettings(preset="hello", command="train").base.command != "train"
    assert ServiceSettings(command="echo {port}", port=9).listens_on == 9


@pytest.mark.parametrize("command", ["awk '{print}' x", "echo ${PORT} {port}", "x {a,b}", "python -c 'f\"{part}\"'"])
def test_braces_that_are_no_placeholder_stay(load, command: str) -> None:
    load("services", "{}")
    from roles.services.settings import ServiceSettings

    assert ServiceSettings(command=command, port=1).command == command


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("command: 'serve {port}', port: 1", True),
        ("command: 'serve {port}', port: 1, beside: false", False),
        ("command: serve, port: 1", False),
        ("preset: hello, command: serve", False),
        ("command: 'serve {port}', port: 1, restart: never", False),
        ("preset: ollama, open: true", False),
        ("preset: ollama, open: true, beside: true", True),
        ("preset: hello", True),
    ],
)
def test_one_starts_beside_another_where_two_fit_and_have_two_ports(load, text: str, beside: bool) -> None:
    (service,) = load("services", f"{{web: {{{text}}}}}").root.values()
    assert service.starts_beside is beside

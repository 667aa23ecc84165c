from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.catalog.presets import load_presets
from gpustrap.engine.facts.survey import TOOLS
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.context import Context
from gpustrap.resolve.public import PublicUrls
from gpustrap.resolve.service import Service
from gpustrap.run.decisions import Decisions
from roles.services import resolve

HINT = "\nhint: put the role `base` before `services`, with these among its packages, or install them"


@pytest.fixture
def box(survey):
    """An instance with all that the built-in presets run on."""
    return replace(survey, tools=dict.fromkeys(("tmux", "ss", "curl", "python3"), "/x"))


def test_a_preset_gives_all_but_what_is_written(settings, box, context) -> None:
    assert resolve.choose(settings("services", {"web": {"preset": "hello"}}), box, context).services == (
        Service(
            "web",
            "exec python3 hello.py 8080",
            8080,
            "/ping",
            "",
            {},
            "always",
            60,
            {"hello.py": "services/hello.py.j2"},
        ),
    )


def test_what_is_written_replaces_what_the_preset_gives(settings, box, context) -> None:
    written = {
        "preset": "hello",
        "command": "serve --on {port} {port}",
        "port": 9000,
        "health": "/up",
        "cwd": "/srv",
        "env": {"MODE": "fast", "TOKEN": {"env": "T"}},
        "restart": "never",
        "ready_seconds": 5,
    }
    (service,) = resolve.choose(settings("services", {"web": written}), box, context).services
    assert service == Service(
        "web",
        "serve --on 9000 9000",
        9000,
        "/up",
        "/srv",
        {"MODE": "fast", "TOKEN": Secret(env="T")},
        "never",
        5,
        {"hello.py": "services/hello.py.j2"},
    )


@pytest.mark.parametrize(("written", "tries"), [({}, Service("", "").tries), ({"tries": 3}, 3)])
def test_how_often_it_is_tried_is_as_written(settings, box, context, written, tries) -> None:
    written = {"command": "x", **written}
    (service,) = resolve.choose(settings("services", {"job": written}), box, context).services
    assert service.tries == tries


def test_a_command_without_a_port_is_only_run(settings, box, context) -> None:
    (service,) = resolve.choose(settings("services", {"job": {"command": "python3 job.py"}}), box, context).services
    assert (service.command, service.port, service.health, service.url, service.local_url) == (
        "python3 job.py",
        None,
        None,
        None,
        None,
    )


def test_units_stand_in_the_order_of_the_file(settings, box, context) -> None:
    written = {name: {"command": "x"} for name in ("b", "a", "c")}
    assert [service.name for service in resolve.choose(settings("services", written), box, context).services] == [
        "b",
        "a",
        "c",
    ]


def test_a_port_has_an_address_from_outside_only_where_it_gets_out(settings, box) -> None:
    context = Context("demo", "cn", public_urls={8080: "http://127.0.0.1:21788"})
    written = {"web": {"preset": "hello"}, "api": {"command": "x", "port": 9000}}
    web, api = resolve.choose(settings("services", written), box, context).services
    assert (web.url, web.local_url) == ("http://127.0.0.1:21788", "http://127.0.0.1:8080")
    assert (api.url, api.local_url) == (None, "http://127.0.0.1:9000")


@pytest.mark.parametrize(
    ("written", "url", "sure", "said"),
    [
        (
            {},
            "https://ab-8080.proxy.runpod.net",
            False,
            "reached from outside at {url} if the provider lets this port out",
        ),
        (
            {"public_url": "https://mine.example/app"},
            "https://mine.example/app",
            True,
            "reached from outside at {url};",
        ),
        ({"port": 9000}, "http://203.0.113.7:19000", True, "reached from outside at {url};"),
    ],
)
def test_its_own_address_comes_before_what_the_box_tells_and_a_guess_is_said(settings, box, written, url, sure, said):
    env = {"RUNPOD_POD_ID": "ab", "RUNPOD_PUBLIC_IP": "203.0.113.7", "RUNPOD_TCP_PORT_9000": "19000"}
    context = Context("demo", "cn", public_urls=PublicUrls(env=env))
    chosen = resolve.choose(settings("services", {"web": {"preset": "hello", **written}}), box, context)
    assert (chosen.services[0].url, chosen.services[0].sure) == (url, sure)
    assert said.format(url=url) in chosen.reasons[0]


def test_without_a_port_there_is_no_address_whatever_is_written_for_ports(settings, box):
    context = Context("demo", "cn", public_urls=PublicUrls(written="https://h-{port}.lan"))
    written = {"job": {"command": "x"}, "web": {"preset": "hello"}}
    job, web = resolve.choose(settings("services", written), box, context).services
    assert (job.url, web.url) == (None, "https://h-8080.lan")


ASKED = {"command": "x", "health": {"command": "ask"}}


@pytest.mark.parametrize(
    ("written", "provider", "reason"),
    [
        ({"command": "x", "port": 9000}, "autodl", "port 9000, which the provider does not map to the outside; ready when it is listened on"),
        ({"command": "x", "port": 6006, "health": "/up"}, "autodl",
         "port 6006, reached from outside at the address that the provider's page shows; ready when it answers at /up"),
        ({**ASKED, "port": 9000}, "plain", "port 9000, reached from outside only where the host lets it through; "
         "ready when it is listened on and its health command ends with 0"),
        (ASKED, "plain", "no port, ready once its health command ends with 0"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("user", "who"), [("root", ""), ("ubuntu", ", run by ubuntu")])
def test_why_a_service_is_reached_or_not_is_one_sentence(settings, box, context, written, provider, reason, user, who):
    box = replace(box, provider=provider, user=user)
    assert resolve.choose(settings("services", {"it": written}), box, context).reasons == (f"it: {reason}{who}",)


def test_a_unit_has_its_places_by_name() -> None:
    service = Service("web", "x")
    assert (service.directory, service.log) == ("/etc/gpustrap/services/web", "/var/log/gpustrap/web.log")


@pytest.mark.parametrize(
    ("written", "tools", "text"),
    [
        ({"command": "x"}, "", "web: this instance has no tmux, which 'web' runs on" + HINT),
        (
            {"command": "x", "port": 1, "health": "/"},
            "",
            "web: this instance has no tmux and no curl, which 'web' runs on" + HINT,
        ),
        (
            {"preset": "hello"},
            "tmux ss curl",
            "web: this instance has no python3, which 'web' runs on" + HINT,
        ),
    ],
)
def test_what_a_service_runs_on_must_be_there(settings, survey, context, written, tools: str, text: str) -> None:
    box = replace(survey, tools=dict.fromkeys(tools.split(), "/x"))
    with pytest.raises(InstanceFailed) as refused:
        resolve.choose(settings("services", {"web": written}), box, context)
    assert str(refused.value) == text


@pytest.mark.parametrize(
    ("roles", "base", "brought"),
    [
        (("base", "services"), {"extra": ["python3"]}, True),
        (("base", "services"), {"packages": ["tmux", "iproute2", "curl", "python3"]}, True),
        (("base", "services"), {}, False),  # no python3 among the default packages
        (("services", "base"), {"extra": ["python3"]}, False),
        (("services",), {"extra": ["python3"]}, False),
    ],
)
def test_what_base_installs_before_counts_as_there(settings, survey, roles, base, brought: bool) -> None:
    box = replace(survey, tools={"apt-get": "/usr/bin/apt-get"})
    context = Decisions(box, Context("x", "cn", roles, {"base": settings("base", base)})).context
    try:
        resolve.choose(settings("services", {"web": {"preset": "hello"}}), box, context)
    except InstanceFailed:
        assert not brought
    else:
        assert brought


@pytest.mark.parametrize("roles", [("python", "services"), ("services", "python"), ("services",)])
def test_uv_is_brought_by_the_role_python_before(settings, survey, roles) -> None:
    box = replace(survey, tools={"tmux": "/x", "curl": "/x"})
    written = settings("services", {"lab": {"preset": "jupyterlab", "env": {"JUPYTER_TOKEN": "x"}}})
    if roles[0] == "python":
        assert resolve.choose(written, box, Context("one", "cn", roles)).services
    else:
        with pytest.raises(InstanceFailed) as refused:
            resolve.choose(written, box, Context("one", "cn", roles))
        assert str(refused.value) == (
            "lab: this instance has no uv, which 'lab' runs on\nhint: put the role `python` before `services`"
        )


@pytest.mark.parametrize("tool", ["curl", "wget", "python3"])
def test_one_tool_that_asks_http_is_enough(settings, survey, context, tool: str) -> None:
    box = replace(survey, tools=dict.fromkeys(("tmux", tool), "/x"))
    written = {"web": {"command": "x", "port": 1, "health": "/"}}
    assert resolve.choose(settings("services", written), box, context).services


def test_without_services_nothing_is_needed(settings, survey, context) -> None:
    assert resolve.choose(settings("services", {}), replace(survey, tools={}), context).services == ()


def test_the_survey_asks_for_every_tool_that_a_service_may_need() -> None:
    needed = {tool for preset in load_presets().values() for tool in preset.needs} | {"tmux", "curl"}
    assert needed <= set(TOOLS)


def test_a_service_on_a_python_that_hangs_is_refused_and_another_is_not(settings, box, context) -> None:
    box = replace(box, hangs=("python3",))
    with pytest.raises(InstanceFailed) as refused:
        resolve.choose(settings("services", {"web": {"preset": "hello"}}), box, context)
    assert str(refused.value) == (
        "web: python3 gives no answer on this instance within 10 s, and 'web' runs on it\n"
        "hint: `time python3 -c 1` there shows it: a disk that is gone, a broken environment, a wrapper?"
    )
    assert resolve.choose(settings("services", {"job": {"command": "serve"}}), box, context).services

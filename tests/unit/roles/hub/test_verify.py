from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from pydantic import SecretStr
from tests.shell_digests import shell

from gpustrap.engine.hub import arguments
from gpustrap.resolve.box.shells import Shells
from gpustrap.resolve.environment import Environment
from gpustrap.resolve.hub import Client, Store, Wanted
from roles.hub.verify import FINDS as FINDS_IT

ENVIRONMENT = Environment("uv", "/data/hub", "requirements.txt", "/venv/bin/python", "/venv")
FINDS = "the client finds every revision without a network"


@pytest.fixture
def chosen():
    from roles.hub.resolve import Hub

    client = Client("/venv/bin/python", Store("/c", "/r"), ("HF_HOME=/h",))
    return Hub(
        ENVIRONMENT,
        client,
        (Wanted("model", "a/b"), Wanted("dataset", "c/d", "v1")),
        None,
        "/t",
        Shells("/root", ()),
        "",
        "",
        {"HF_HOME": "/h"},
    )


def test_what_holds_is_proved_and_without_a_token_none_is_promised(proved, chosen) -> None:
    answers = {"HF_HUB_OFFLINE=1": "asked\n", "gpustrap-value": shell(chosen.variables)}
    verdict = proved("hub", chosen, answers)
    assert (verdict.passed, verdict.broken) == (6, [])  # five kinds of shell
    nothing = proved("hub", replace(chosen, wanted=()), {**answers, "HF_HUB_OFFLINE=1": (1, "")})
    assert (nothing.passed, nothing.broken) == (5, [])


def test_the_question_is_put_to_the_client_as_shells_have_it(proved, chosen) -> None:
    asked: list[str] = []
    proved("hub", chosen, {"": lambda command: asked.append(command) or ""})
    words = ["env", "HF_HOME=/h", "HF_HUB_OFFLINE=1", "/venv/bin/python", "-I", "-W", "ignore", "-c", FINDS_IT]
    assert [*words, arguments(chosen.client.store, chosen.wanted)] in map(shlex.split, asked)


def test_each_revision_is_found_by_the_client_itself(proved, chosen) -> None:
    assert FINDS not in {each.promise for each in proved("hub", chosen, {"HF_HUB_OFFLINE=1": "asked\n"}).broken}
    as_user = replace(chosen, client=replace(chosen.client, user="ubuntu"))
    answers = {"runuser -u ubuntu -- env HF_HOME=/h HF_HUB_OFFLINE=1": "asked\n"}
    assert FINDS not in {each.promise for each in proved("hub", as_user, answers).broken}


def test_one_that_it_does_not_find_is_named(broken, chosen) -> None:
    lacks = "lacks 1 1 file(s) are missing\n"
    assert broken("hub", chosen, {"HF_HUB_OFFLINE=1": f"{lacks}asked\n"})[FINDS] == "c/d at v1: 1 file(s) are missing"
    said = broken("hub", chosen, {"HF_HUB_OFFLINE=1": f"lacks 0 all of it\n{lacks}asked\n"})
    assert said[FINDS] == "a/b at main: all of it; c/d at v1: 1 file(s) are missing"


def test_a_client_that_does_not_run_is_told_from_that(broken, chosen) -> None:
    assert (
        broken("hub", chosen, {"HF_HUB_OFFLINE=1": (1, "no such file\n")})[FINDS]
        == "the client does not run: no such file"
    )
    long = broken("hub", chosen, {"HF_HUB_OFFLINE=1": (1, "x" * 999 + "\n")})[FINDS]
    assert long == f"the client does not run: {'x' * 300}"


@pytest.mark.parametrize(("mode", "why"), [("600\n", None), ("644\n", "644"), ("", "absent")])
def test_a_token_that_others_may_read_is_told(broken, chosen, mode: str, why: str | None) -> None:
    said = broken("hub", replace(chosen, token=SecretStr("x")), {"stat -Lc %a /t": mode})
    told = f"/t should be readable by its owner only, and is {why}" if why else None
    assert said.get("only its owner may read the token") == told

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from gpustrap.resolve.box.shells import Shells
from gpustrap.resolve.environment import Environment
from gpustrap.resolve.hub import Client, Store, Wanted

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
    )


def test_each_revision_is_found_by_the_client_itself(proved, chosen) -> None:
    assert FINDS not in {each.promise for each in proved("hub", chosen, {"HF_HUB_OFFLINE=1": "asked\n"}).broken}
    as_user = replace(chosen, client=replace(chosen.client, user="ubuntu"))
    answers = {"runuser -u ubuntu -- env HF_HOME=/h HF_HUB_OFFLINE=1": "asked\n"}
    assert FINDS not in {each.promise for each in proved("hub", as_user, answers).broken}


def test_one_that_it_does_not_find_is_named(broken, chosen) -> None:
    said = broken("hub", chosen, {"HF_HUB_OFFLINE=1": "lacks 1 1 file(s) are missing\nasked\n"})
    assert said[FINDS] == "c/d at v1: 1 file(s) are missing"


def test_a_client_that_does_not_run_is_told_from_that(broken, chosen) -> None:
    assert (
        broken("hub", chosen, {"HF_HUB_OFFLINE=1": (1, "no such file\n")})[FINDS]
        == "the client does not run: no such file"
    )


@pytest.mark.parametrize(("mode", "why"), [("600\n", None), ("644\n", "644"), ("", "absent")])
def test_a_token_that_others_may_read_is_told(broken, chosen, mode: str, why: str | None) -> None:
    said = broken("hub", replace(chosen, token=SecretStr("x")), {"stat -Lc %a /t": mode})
    told = f"/t should be readable by its owner only, and is {why}" if why else None
    assert said.get("only its owner may read the token") == told

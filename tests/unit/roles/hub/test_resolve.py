from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.resolve.box.configuration import Configuration, SetVariable
from gpustrap.resolve.box.survey import Disk, ImagePython
from gpustrap.resolve.context import Context
from gpustrap.resolve.hub import Wanted
from roles.hub.resolve import choose

GIB = 1024**3
MIRROR = {"HF_ENDPOINT": "https://m.lan", "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1", "UV_X": "y"}


@pytest.fixture
def decide(settings, survey, monkeypatch: pytest.MonkeyPatch):
    """`decide(mirrors=…, box={…}, token={"env": "T"})`, on a box with a disk that survives."""
    monkeypatch.setenv("T", "hf_s3cret")

    def of(mirrors=None, box=None, roles=("base", "mirrors", "python", "hub"), **written):
        disks = (Disk("/", 9 * GIB, 9 * GIB), Disk("/data", 99 * GIB, 50 * GIB, True))
        pythons = (ImagePython("/usr/bin/python3", (3, 11, 2)),)
        made = replace(survey, **{"disks": disks, "pythons": pythons, **(box or {})})
        decided = {"base": SimpleNamespace(names=("tmux",)), "mirrors": mirrors}
        context = Context("one", "global", roles, decided=decided.get)
        return choose(settings("hub", written), made, context)

    return of


def mirrors(**variables: str) -> SimpleNamespace:
    return SimpleNamespace(
        pypi="https://p.lan", python_build=None, hf="https://m.lan", variables={**MIRROR, **variables}
    )


def test_the_cache_is_on_the_disk_that_survives(decide) -> None:
    made = decide()
    assert made.variables == {
        "HF_HOME": "/data/gpustrap/huggingface",
        "HF_HUB_CACHE": "/data/gpustrap/huggingface/hub",
        "HF_TOKEN_PATH": "/root/.cache/huggingface/token",
    }
    assert made.client.store.records == "/data/gpustrap/huggingface/gpustrap"
    assert made.reasons == ("Hugging Face's cache is /data/gpustrap/huggingface, on the disk that survives a stop",)


def test_without_one_it_is_the_clients_own_and_one_that_is_written_counts(decide) -> None:
    own = decide(box={"disks": ()})
    assert own.variables["HF_HOME"] == "/root/.cache/huggingface"
    assert own.reasons == (
        "Hugging Face's cache is /root/.cache/huggingface, the client's own: no other disk survives a stop",
    )
    assert decide(cache="/mnt/hf").variables["HF_HOME"] == "/mnt/hf"
    assert decide(cache="/mnt/hf").reasons == ("Hugging Face's cache is /mnt/hf: hosts.yml says so",)


def test_the_client_has_an_environment_of_its_own(decide) -> None:
    made = decide(mirrors(), box={"pythons": (ImagePython("/a", (3, 9, 2)), ImagePython("/b", (3, 11, 4)))})
    one = made.environment
    assert (one.project, one.file, one.venv) == ("/data/gpustrap/hub", "requirements.txt", "/data/gpustrap/venvs/hub")
    assert (one.version, one.pypi, one.pythons) == ("3.11", "https://p.lan", "")
    assert decide(box={"pythons": (ImagePython("/a", (3, 10)),)}).environment.version == "3.10"
    old = decide(box={"pythons": (ImagePython("/a", (3, 9, 2)),)})
    assert old.environment.version == "3.12"
    assert old.reasons[1] == "the image has no Python 3.10 or newer for the client: uv brings 3.12"


def test_whom_it_asks_is_what_the_role_mirrors_has_chosen(decide) -> None:
    told = decide(mirrors()).client.variables
    assert told[:3] == ("HF_ENDPOINT=https://m.lan", "HF_HUB_DISABLE_XET=1", "HF_HUB_DISABLE_IMPLICIT_TOKEN=1")
    assert not [one for one in told if one.startswith("UV_")]
    assert decide().client.variables[0] == "HF_HOME=/data/gpustrap/huggingface"


FILE = "/root/.cache/huggingface/token"


@pytest.mark.parametrize(
    ("of_mirrors", "sent"),
    [
        (None, True),
        (SimpleNamespace(hf=None, variables={}), True),
        (mirrors(), False),
        (mirrors(HF_HUB_DISABLE_IMPLICIT_TOKEN="0"), True),
    ],
)
def test_no_mirror_hears_the_token_unless_it_is_asked_for(decide, of_mirrors, sent: bool) -> None:
    made = decide(of_mirrors, token={"env": "T"})
    assert made.client.store.token == (FILE if sent else "")
    assert (made.token_file, made.token.get_secret_value()) == (FILE, "hf_s3cret")
    assert ("the token is not sent to the mirror, a third party: gated models need mirrors.hf_token_to_mirror: true"
            in made.reasons) != sent  # fmt: skip
    assert "s3cret" not in repr(made)


def test_without_a_token_none_is_sent(decide) -> None:
    assert (decide().token, decide().client.store.token) == (None, "")


def test_what_is_wanted_is_wanted_once(decide) -> None:
    made = decide(
        prefetch=["org/name", {"model": "org/name"}, {"dataset": "a/b", "revision": "v1", "allow": ["x"]}], workers=2
    )
    assert made.wanted == (Wanted("model", "org/name"), Wanted("dataset", "a/b", "v1", ("x",)))
    assert (made.client.store.workers, made.clients) == (2, (made.client,))
    assert decide().clients == ()


@pytest.mark.parametrize("name", ["HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"])
def test_each_variable_that_names_a_cache_is_said(decide, name: str) -> None:
    made = decide(box={"configuration": Configuration(variables=(SetVariable(name, "/etc/environment", 2),))})
    assert made.reasons[1:] == (f"it counts before {name} in /etc/environment:2",)


def test_without_uv_it_is_said_which_roles_bring_it(decide) -> None:
    with pytest.raises(InstanceFailed) as refused:
        decide(roles=("base", "mirrors", "hub", "python"), box={"tools": {}})
    assert str(refused.value) == (
        "environment: this instance has no uv, which the role hub needs\n"
        "hint: put the roles `base` and `python` before `hub`"
    )


def test_who_else_says_it_is_named(decide) -> None:
    theirs = (SetVariable("HF_HOME", "/etc/environment", 2), SetVariable("HF_TOKEN", "/root/.bashrc", 7))
    made = decide(token={"env": "T"}, box={"configuration": Configuration(variables=theirs), "user": "ubuntu"})
    assert made.reasons[1:] == (
        "it counts before HF_HOME in /etc/environment:2",
        "HF_TOKEN in /root/.bashrc:7 counts before hub.token: take it away there",
    )
    assert made.client.user == "ubuntu"

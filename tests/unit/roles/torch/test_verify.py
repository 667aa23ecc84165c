"""The role's own proof, run on the answers of a fake instance: each broken promise is a sentence."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from roles.torch import verify

NOISE = "hello from sitecustomize\n"


def chosen(**more: Any) -> SimpleNamespace:
    guard = SimpleNamespace(prefix="/v", pip_conf="/v/pip.conf", activation="/v/a.sh", file="/v/constraints.txt")
    usual = {
        "python": "/v/bin/python", "packages": {"torch": ("2.9.1+cu128",)}, "codes": ("sm_89",), "guard": guard,
        "build": SimpleNamespace(cuda=(12, 8)), "installation": SimpleNamespace(uv="/usr/local/bin/uv"),
    }  # fmt: skip
    return SimpleNamespace(**usual | more)


def says(
    versions: Any = None, computed: Any = None, pip: Any = "(constraint) torch==2.9.1", uv: Any = None
) -> dict[str, Any]:
    told = {"version": "2.9.1+cu128", "cuda": "12.8", "card": True, "codes": ["sm_80", "sm_89"], "sum": 64**3}
    wholly = {"metadata": {"torch": "2.9.1+cu128"} if versions is None else versions,
              "arch_list": told if computed is None else {**told, **computed} if isinstance(computed, dict) else computed}  # fmt: skip
    answers = {
        key: f"{NOISE}gpustrap-told {json.dumps(said)}\n" if isinstance(said, dict) else said
        for key, said in wholly.items()
    }
    return answers | {"no such option": pip, "--offline": (1, "x and torch==2.9.1, no solution found") if uv is None else uv,
                      "CONSTRAINT": ""}  # fmt: skip


TORCH, PIP, UV = "torch is the chosen one and was not replaced", "pip does not replace torch in its environment", (
    "uv does not replace torch while its environment is active")  # fmt: skip


def test_what_is_as_chosen_is_proved_also_where_something_prints_at_each_start(proved) -> None:
    assert proved("torch", chosen(), says()).broken == []


@pytest.mark.parametrize(("box", "promise", "sentence"), [
    (says(versions={"torch": None}), TORCH,
     "torch is not there, not 2.9.1+cu128: something replaced it; `gpustrap up` puts it back"),
    (says(versions=(127, "sh: 1: /v/bin/python: not found")), TORCH,
     "/v/bin/python does not run: sh: 1: /v/bin/python: not found"),
    (says(versions=NOISE), TORCH, "/v/bin/python does not run: hello from sitecustomize"),
    (says(computed=(1, "Traceback …\nImportError: libcudart.so.12: cannot open\n")), "torch computes",
     "torch does not run: ImportError: libcudart.so.12: cannot open"),
    (says(computed=(139, "")), "torch computes", "torch does not run: it said nothing"),
    (says(computed={"sum": 3.0}), "torch computes", "torch computes wrongly: a sum that is 262144 comes out as 3.0"),
    (says(computed={"cuda": None}), "torch has the chosen cuda",
     "torch is built for the CPU, and CUDA 12.8 was chosen: `gpustrap up` puts it back"),
    (says(computed={"codes": ["sm_80"]}), "torch has code for the visible cards",
     "torch has no code for a visible card (sm_89); it has sm_80"),
    (says(computed={"card": False}), "torch has code for the visible cards", "a card is visible, but torch does not see it"),
    (says(pip="Would install torch-0.0.1"), PIP,
     "pip would replace torch in /v: something there goes before /v/pip.conf"),
    (says(pip=(1, "subprocess.TimeoutExpired: pip timed out")), PIP,
     "pip does not say whether it would replace torch: subprocess.TimeoutExpired: pip timed out"),
    (says(uv="Would install 1 package"), UV, "uv would replace torch while /v is active"),
    (says(uv=(127, "sh: 1: exec: /usr/local/bin/uv: not found")), UV,
     "uv does not say whether it would replace torch: sh: 1: exec: /usr/local/bin/uv: not found"),
])  # fmt: skip
def test_each_broken_promise_is_a_sentence(broken, box, promise: str, sentence: str) -> None:
    assert broken("torch", chosen(), box)[promise] == sentence


def test_the_answers_stand_for_the_programs_that_are_asked() -> None:
    assert "metadata" in verify.VERSIONS and "arch_list" in verify.COMPUTE
    assert "no such option" in verify.PIP_REPLACES and "--offline" in verify.UV_REPLACES

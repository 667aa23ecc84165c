"""The role's own proof, run on the answers of a fake instance: versions, what torch computes, who could replace it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from gpustrap.resolve.context import Context
from roles.torch.resolve import choose

SAME, COMPUTES = "torch is the chosen one and was not replaced", "torch computes"
CUDA, CODES = "torch has the chosen cuda", "torch has code for the visible cards"
PIP = "pip does not replace torch in its environment"
UV = "uv does not replace torch while its environment is active"
OTHERS = "no other environment is held to this torch"
PREFIX = "/large/gpustrap/venvs/torch"
COMPUTED = {
    "version": "2.9.1+cu128",
    "cuda": "12.6",
    "card": True,
    "codes": ["sm_80", "sm_86", "sm_90"],
    "sum": 262144.0,
}
REFUSED = "The user requested torch==0.0.1\nThe user requested (constraint) torch==2.9.1\n"
UV_REFUSED = "Because you require torch==0.0.1\nand torch==2.9.1, we can\nconclude that …\n"


@pytest.fixture
def chosen(settings, survey):
    return choose(settings("torch", version="2.9.1"), survey, Context("trainer", "global", ("torch",)))


def answers(chosen: Any, **other: Any) -> dict[str, Any]:
    """Those of an instance on which every promise holds, but for the `other` ones."""
    there = {name: right[0] for name, right in chosen.packages.items()}
    computed = {
        **COMPUTED,
        "cuda": chosen.build.cuda and ".".join(map(str, chosen.build.cuda)),
        **other.get("computed", {}),
    }
    return {
        "metadata.version": other.get("versions", json.dumps({**there, **other.get("there", {})})),
        "torch.ones": other.get("ones", json.dumps(computed)),
        "torch-0.0.1.dist-info": other.get("pip", REFUSED),
        "--no-config": other.get("uv", (1, UV_REFUSED)),
        "env -i": other.get("login", ""),
        "env | grep": other.get("ssh", ""),
    }


def test_a_torch_that_is_the_chosen_one_computes_and_is_guarded_is_proved(proved, chosen, survey) -> None:
    verdict = proved("torch", chosen, answers(chosen), survey)
    assert (verdict.passed, verdict.broken) == (7, [])


def test_the_questions_are_those_of_its_own_python(proved, chosen, survey) -> None:
    asked: list[str] = []
    proved("torch", chosen, {"": lambda command: asked.append(command) or "{}"}, survey)
    words = [shlex.split(command) for command in asked]
    pythons = [each for each in words if each[0] == f"{PREFIX}/bin/python"]
    assert len(pythons) == 3 and all("-I" in each for each in pythons)
    assert any(each[-3:] == ["torch", "torchvision", "torchaudio"] for each in pythons)
    (uv,) = [each for each in words if "--no-config" in " ".join(each)]
    assert uv[-3:] == [f"{PREFIX}/bin/activate", "/usr/bin/uv", f"{PREFIX}/bin/python"]


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({"torch": "2.4.0"}, "torch is 2.4.0, not {torch}"),
        ({"torchvision": None}, "torchvision is not there, not {torchvision}"),
        ({"torch": "2.4.0", "torchaudio": "1"}, "torch is 2.4.0, not {torch}; torchaudio is 1, not {torchaudio}"),
    ],
)
def test_what_was_replaced_is_named(broken, chosen, survey, there, said: str) -> None:
    right = {name: versions[0] for name, versions in chosen.packages.items()}
    found = broken("torch", chosen, answers(chosen, there=there), survey)
    assert found == {SAME: f"{said.format(**right)}: something replaced it; `gpustrap up` puts it back"}


def test_any_of_the_right_versions_will_do(broken, chosen, survey) -> None:
    chosen = replace(chosen, versions={**chosen.versions, "torch": ("2.9.1+cu126", "2.9.1")})
    assert broken("torch", chosen, answers(chosen, there={"torch": "2.9.1"}), survey) == {}


@pytest.mark.parametrize(
    ("ones", "said"),
    [
        (
            (1, "Traceback …\nImportError: libcudart.so.12: cannot open\n"),
            "ImportError: libcudart.so.12: cannot open",
        ),
        ((1, ""), "it said nothing"),
    ],
)
def test_a_torch_that_does_not_run_is_told_in_its_last_line(broken, chosen, survey, ones, said: str) -> None:
    found = broken("torch", chosen, answers(chosen, ones=ones), survey)
    assert found == dict.fromkeys((COMPUTES, CUDA, CODES), f"torch does not run: {said}")


@pytest.mark.parametrize(
    ("computed", "promise"), [({"sum": 0.0}, COMPUTES), ({"cuda": "11.8"}, CUDA), ({"codes": ["sm_70"]}, CODES)]
)
def test_another_result_build_or_code_breaks_its_promise(broken, chosen, survey, computed, promise: str) -> None:
    assert set(broken("torch", chosen, answers(chosen, computed=computed), survey)) == {promise}


def test_a_card_that_torch_does_not_see_is_said(broken, chosen, survey) -> None:
    found = broken("torch", chosen, answers(chosen, computed={"card": False}), survey)
    assert found == {CODES: "a card is visible, but torch does not see it"}


def test_without_a_card_no_code_is_promised(proved, settings, survey) -> None:
    survey = replace(survey, gpus=(), driver=None)
    chosen = choose(settings("torch", cuda="cpu"), survey, Context("trainer", "global", ("torch",)))
    verdict = proved("torch", chosen, answers(chosen, computed={"card": False, "codes": []}), survey)
    assert (verdict.passed, verdict.broken) == (6, [])


def test_a_cpu_build_that_has_a_cuda_is_not_the_chosen_one(broken, settings, survey) -> None:
    chosen = choose(
        settings("torch", cuda="cpu"), replace(survey, gpus=(), driver=None), Context("x", "global", ("torch",))
    )
    assert set(broken("torch", chosen, answers(chosen, computed={"cuda": "12.6"}), survey)) == {CUDA}


def test_a_pip_that_would_replace_torch_is_told_with_the_file_that_should_keep_it(broken, chosen, survey) -> None:
    found = broken("torch", chosen, answers(chosen, pip="Would install torch-0.0.1\n"), survey)
    said = f"pip would replace torch in {PREFIX}: something there goes before {PREFIX}/pip.conf"
    assert found == {PIP: said}


def test_where_no_pip_installs_nothing_is_promised_of_it(proved, chosen, survey) -> None:
    verdict = proved("torch", chosen, answers(chosen, pip="no pip\n"), survey)
    assert (verdict.passed, verdict.broken) == (6, [])


@pytest.mark.parametrize("uv", ["Would install torch\n", (1, "no solution found\n"), f"{UV_REFUSED}"])
def test_a_uv_that_is_not_refused_breaks_the_promise(broken, chosen, survey, uv) -> None:
    found = broken("torch", chosen, answers(chosen, uv=uv), survey)
    assert found == {UV: f"uv would replace torch while {PREFIX} is active"}


def test_a_python_that_is_not_activated_promises_nothing_of_uv(proved, chosen, survey) -> None:
    chosen = replace(chosen, guard=replace(chosen.guard, activation=None))
    verdict = proved("torch", chosen, answers(chosen), survey)
    assert (verdict.passed, verdict.broken) == (6, [])


@pytest.mark.parametrize("shell", ["ssh", "login"])
@pytest.mark.parametrize("variable", ["PIP_CONSTRAINT", "UV_CONSTRAINT"])
def test_a_variable_that_holds_every_environment_to_this_torch_is_told(broken, chosen, survey, shell, variable) -> None:
    file = chosen.guard.file
    found = broken("torch", chosen, answers(chosen, **{shell: f"{variable}=/image.txt {file}\n"}), survey)
    assert found == {
        OTHERS: f"a variable names {file} in every shell, so other environments are held to this torch too"
    }


@pytest.mark.parametrize("said", ["PIP_CONSTRAINT={}\n", "UV_CONSTRAINT={} /x\n"])
def test_a_variable_that_begins_with_the_file_is_told_too(broken, chosen, survey, said: str) -> None:
    assert broken("torch", chosen, answers(chosen, ssh=said.format(chosen.guard.file)), survey).keys() == {OTHERS}


def test_each_code_that_is_missing_is_named_in_order(broken, chosen, survey) -> None:
    codes = tuple(f"sm_{number}" for number in range(95, 85, -1))
    found = broken("torch", replace(chosen, codes=codes), answers(chosen, computed={"codes": ["sm_90"]}), survey)
    assert f"({', '.join(code for code in sorted(codes) if code != 'sm_90')})" in found[CODES]


def test_a_variable_with_another_file_is_not_ours(broken, chosen, survey) -> None:
    assert broken("torch", chosen, answers(chosen, login=f"PIP_CONSTRAINT={chosen.guard.file}.old\n"), survey) == {}


TORCH = """
__version__ = "2.9.1"
class version: cuda = "12.8"
class cuda:
    is_available = staticmethod(lambda: {card})
    get_arch_list = staticmethod(lambda: ["sm_86"])
class Ones:
    def __init__(self, rows, columns, device): self.given = rows, columns, device
    def __matmul__(self, other): return self
    def sum(self): return self
    def item(self): return {{"given": self.given}}
ones = Ones
"""


@pytest.mark.parametrize(("card", "device"), [(True, "cuda"), (False, "cpu")])
def test_what_is_computed_is_computed_on_the_card_where_there_is_one(tmp_path, card: bool, device: str) -> None:
    from roles.torch.verify import COMPUTE

    (tmp_path / "torch.py").write_text(TORCH.format(card=card))
    done = subprocess.run(
        [sys.executable, "-c", COMPUTE], env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == {"version": "2.9.1", "cuda": "12.8", "card": card, "codes": ["sm_86"],
                                       "sum": {"given": [64, 64, device]}}  # fmt: skip


def test_versions_are_asked_of_the_packages_without_importing_them() -> None:
    from roles.torch.verify import VERSIONS

    done = subprocess.run([sys.executable, "-I", "-c", VERSIONS, "pytest", "no-such"], capture_output=True, text=True)
    assert json.loads(done.stdout) == {"pytest": pytest.__version__, "no-such": None}


def test_pip_is_offered_another_torch_and_says_what_it_would_do(tmp_path) -> None:
    from roles.torch.verify import PIP_REPLACES

    def asked() -> str:
        python = str(tmp_path / "venv/bin/python")
        return subprocess.run([python, "-I", "-c", PIP_REPLACES], capture_output=True, text=True, check=True).stdout

    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    assert "Would install torch-0.0.1" in asked()
    (tmp_path / "constraints.txt").write_text("torch==2.9.1\n")
    (tmp_path / "venv/pip.conf").write_text(f"[install]\nconstraint = {tmp_path}/constraints.txt\n")
    assert "(constraint) torch" in asked()


def test_uv_is_asked_in_a_shell_in_which_the_environment_is_active(tmp_path) -> None:
    from roles.torch.verify import UV_REPLACES

    subprocess.run([sys.executable, "-m", "uv", "venv", "-q", str(tmp_path / "venv")], check=True)
    (tmp_path / "constraints.txt").write_text("torch==2.9.1\n")
    uv, active = tmp_path / "uv", tmp_path / "activate"
    uv.write_text(f'#!/bin/sh\nexec {sys.executable} -m uv "$@"\n')
    uv.chmod(0o755)
    for text, refused in ((f"export UV_CONSTRAINT={tmp_path}/constraints.txt\n", True), ("echo noise\n", False)):
        active.write_text(text)
        words = ["sh", "-c", UV_REPLACES, "sh", str(active), str(uv), str(tmp_path / "venv/bin/python")]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        assert done.returncode != 0 and done.stdout == ""
        assert ("and torch==2.9.1" in " ".join(done.stderr.split())) is refused


@pytest.mark.parametrize(("other", "promise", "sentence"), [
    ({"versions": (1, "no such file\n")}, SAME, f"{PREFIX}/bin/python does not run: no such file"),
    ({"ones": 'a "word"\n{"a": 1\n'}, COMPUTES, 'torch does not run: {"a": 1'),
    ({"computed": {"sum": 3.0}}, COMPUTES, "torch computes wrongly: a sum that is 262144 comes out as 3.0"),
    ({"computed": {"cuda": None}}, CUDA, "torch is built for the CPU, and CUDA {cuda} was chosen: `gpustrap up` puts it back"),
    ({"computed": {"codes": ["sm_70", "sm_75"]}}, CODES, "torch has no code for a visible card (sm_86); it has sm_70, sm_75"),
    ({"pip": (1, "subprocess.TimeoutExpired: pip\n")}, PIP,
     "pip does not say whether it would replace torch: subprocess.TimeoutExpired: pip"),
    ({"pip": "it is busy\n"}, PIP, "pip does not say whether it would replace torch: it is busy"),
    ({"uv": (1, "x No solution found when resolving\n")}, UV, f"uv would replace torch while {PREFIX} is active"),
    ({"uv": (127, "sh: 1: exec: uv: not found\n")}, UV,
     "uv does not say whether it would replace torch: sh: 1: exec: uv: not found"),
])  # fmt: skip
def test_each_broken_promise_is_a_sentence(broken, chosen, survey, other, promise: str, sentence: str) -> None:
    cuda = ".".join(map(str, chosen.build.cuda))
    assert broken("torch", chosen, answers(chosen, **other), survey)[promise] == sentence.replace("{cuda}", cuda)


def test_what_a_package_prints_as_python_starts_is_no_part_of_an_answer(proved, chosen, survey) -> None:
    said = {key: f"hello from sitecustomize\n{{}} and more\n{{}}\n{text}\nbye\n" if isinstance(text, str) and text.startswith("{") else text
            for key, text in answers(chosen).items()}  # fmt: skip
    assert proved("torch", chosen, said, survey).broken == []


def test_shells_are_asked_for_the_two_variables_alone(proved, chosen, survey) -> None:
    asked: list[str] = []
    proved("torch", chosen, {"": lambda command: asked.append(command) or "{}"}, survey)
    variables = "env | grep -E '^(PIP|UV)_CONSTRAINT='"
    assert [each for each in asked if "CONSTRAINT=" in each] == [
        variables, f'env -i HOME="$HOME" bash -lc {shlex.quote(variables)}'
    ]  # fmt: skip


def test_just_the_codes_of_the_visible_cards_are_enough(broken, chosen, survey) -> None:
    assert broken("torch", chosen, answers(chosen, computed={"codes": [*chosen.codes]}), survey) == {}


def test_a_uv_that_warns_and_goes_on_breaks_the_promise(broken, chosen, survey) -> None:
    assert set(broken("torch", chosen, answers(chosen, uv=(0, UV_REFUSED)), survey)) == {UV}


def test_empty_lines_at_the_end_hide_no_error(broken, chosen, survey) -> None:
    found = broken("torch", chosen, answers(chosen, ones=(1, "Traceback\nImportError: x\n\n \n")), survey)
    (said,) = set(found.values())
    assert said.startswith("torch does not run: ") and "ImportError: x" in said

"""The role's own proof, run on the answers of a fake instance."""

from __future__ import annotations

import base64
import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from gpustrap.laptop.remote import Checkout
from gpustrap.laptop.tree import Entry, Folder, sum_of, text_of, tree_of
from gpustrap.resolve.environment import Environment

HELD = Entry("644", sum_of(b"x"), "main.py")
WRONG = {"the files are those of this computer": "not as on this computer in /root/app: main.py"}


@pytest.fixture
def chosen(tmp_path: Path):
    from roles.project.decision import Project

    (tmp_path / "main.py").write_text("x")
    return Project("/root/app", "", "refuse", tree_of(Folder(tmp_path)))


def said(*known: Entry, states: str = "", names: str = "") -> dict[str, str]:
    word = base64.b64encode(gzip.compress(text_of(known).encode())).decode()
    return {"own=$dest": f"record sent {word}\n{states}place there\n", "$names": f"{names}place there\n"}


def test_files_that_are_as_here_are_proved(proved, chosen) -> None:
    verdict = proved("project", chosen, said(HELD))
    assert (verdict.passed, verdict.broken) == (1, [])


@pytest.mark.parametrize(
    "answers",
    [
        said(HELD, states="state absent - main.py\n"),
        said(HELD, states="state 644 - main.py\n"),
        said(Entry("644", "0" * 64, "main.py")),
        said(),
    ],
)
def test_what_is_otherwise_is_named(broken, chosen, answers) -> None:
    assert broken("project", chosen, answers) == WRONG


def test_what_was_changed_there_holds_where_it_is_to_be_kept(proved, broken, chosen) -> None:
    changed = said(names=f"state 644 {'1' * 64} main.py\n")
    assert proved("project", replace(chosen, on_box_changes="keep"), changed).broken == []
    assert broken("project", chosen, changed) == WRONG


CHECK = "env UV_NO_CONFIG=1 uv pip check --python /root/app/.venv/bin/python"
READY = said(HELD) | {"environment lacking": "environment ready\n", CHECK: ""}


@pytest.fixture
def with_environment(chosen):
    return replace(chosen, environment=Environment("uv", "/root/app", "uv.lock", "/root/app/.venv/bin/python"))


def test_an_environment_that_has_all_is_proved(proved, with_environment) -> None:
    verdict = proved("project", with_environment, READY)
    assert (verdict.passed, verdict.broken) == (3, [])


def test_one_that_lacks_something_is_named(broken, with_environment) -> None:
    assert broken("project", with_environment, READY | {"environment lacking": "environment absent\n"}) == {
        "the environment has what the project asks for": (
            "/root/app/.venv/bin/python lacks something that uv.lock asks for"
        )
    }


def test_packages_that_do_not_go_together_are_named_unless_that_was_wanted(proved, broken, with_environment) -> None:
    line = "The package `x` requires `torch<2`, but `2.9` is installed"
    answers = READY | {CHECK: (1, f"Checked 2 packages\nFound 1 incompatibility\n{line}\n")}
    assert broken("project", with_environment, answers) == {"its packages go together": line}
    both = READY | {CHECK: (1, f"{line}\nand\n{line}\n")}
    assert broken("project", with_environment, both) == {"its packages go together": f"{line}; {line}"}
    environment = replace(with_environment.environment, overrides=True)
    assert proved("project", replace(with_environment, environment=environment), answers).broken == []


def test_what_else_uv_says_is_told_by_its_end_whatever_was_wanted(broken, with_environment) -> None:
    environment = replace(with_environment.environment, overrides=True)
    answers = READY | {CHECK: (2, "x" * 999 + "\n")}
    said = broken("project", replace(with_environment, environment=environment), answers)
    assert said == {"its packages go together": "x" * 300}


def test_of_condas_packages_uv_is_not_asked_whether_they_go_together(proved, with_environment) -> None:
    environment = Environment(
        "", "/root/app", "environment.yml", "/root/app/.conda-env/bin/python", "/root/app/.conda-env"
    )
    answers = said(HELD) | {"conda-meta": "environment ready\n"}
    verdict = proved("project", replace(with_environment, environment=environment), answers)
    assert (verdict.passed, verdict.broken) == (2, [])


HEAD = "0123456789" * 4
AT = {"place=checkout": f"head {HEAD}\nplace checkout\n"}


@pytest.fixture
def fetched():
    from roles.project.decision import Project

    return Project("/root/app", "", "refuse", checkout=Checkout("file:///srv/a", HEAD))


def test_a_repository_at_its_commit_is_proved(proved, fetched) -> None:
    verdict = proved("project", fetched, AT)
    assert (verdict.passed, verdict.broken) == (1, [])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (f"head {'f' * 40}\n", "/root/app is at ffffffffff and not at 0123456789"),
        (f"head {HEAD}\nmodule 00 sub\n", "submodules are not as the commit has them: 00 sub"),
        (f"head {HEAD}\npointer a.bin\n", "pointers to what Git LFS keeps, without their content: a.bin"),
        (f"head {HEAD}\nchanged  M main.py\n", "changed on the instance in /root/app: main.py"),
    ],
)
def test_another_commit_and_what_was_changed_are_named(proved, broken, fetched, said: str, why: str) -> None:
    answers = {"place=checkout": f"{said}place checkout\n"}
    assert broken("project", fetched, answers) == {"the repository is at the commit": why}
    keeps = proved("project", replace(fetched, on_box_changes="keep"), answers)
    assert bool(keeps.broken) is ("changed" not in said)

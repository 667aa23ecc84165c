"""The role's own proof, run on the answers of a fake instance."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path

import pytest

from gpustrap.laptop.tree import Entry, Folder, sum_of, text_of

HELD = Entry("644", sum_of(b"x"), "main.py")
WRONG = {"the files are those of this computer": "not as on this computer in /root/app: main.py"}


@pytest.fixture
def chosen(tmp_path: Path):
    from roles.project.resolve import Project

    (tmp_path / "main.py").write_text("x")
    return Project(Folder(tmp_path), "/root/app", "", "refuse")


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
    from dataclasses import replace

    changed = said(names=f"state 644 {'1' * 64} main.py\n")
    assert proved("project", replace(chosen, on_box_changes="keep"), changed).broken == []
    assert broken("project", chosen, changed) == WRONG

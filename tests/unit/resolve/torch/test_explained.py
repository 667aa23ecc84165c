from __future__ import annotations

import pytest

from gpustrap.resolve.torch.answer import Alternative, Choice, Explained, Refusal, Source
from gpustrap.resolve.torch.explained import json_of, lines_of

INDEX = (Source("default", None),)


@pytest.mark.parametrize(
    ("name", "sources", "line"),
    [
        ("2.9.1+cu128", INDEX, "torch==2.9.1: chosen; any pip mirror has it as torch==2.9.1"),
        ("2.9.1+cu126", INDEX, "torch==2.9.1: chosen; from a wheel mirror"),
        ("2.9.1+cu128", (), "torch==2.9.1: chosen; it is there already"),
    ],
)
def test_a_choice_says_where_it_is_from(build, name, sources, line):
    assert lines_of(Explained(Choice(build(name), ("torch==2.9.1",), sources, (), ()))) == [line]


def test_what_else_runs_stands_below_and_notes_above(build):
    other = Alternative("smallest download", build("2.9.1+cu126"), ("torch==2.9.1+cu126",))
    chosen = Choice(build("2.9.1+cu128"), ("torch==2.9.1",), INDEX, (), (other,))
    assert lines_of(Explained(chosen, ("a note",)))[::2] == ["a note", "torch==2.9.1+cu126: smallest download"]


def test_a_refusal_is_one_sentence():
    assert lines_of(Explained(Refusal("gpu", "no card is visible"))) == ["none: no card is visible"]


def test_a_projects_own_resolver_is_told_by_its_reasons():
    told = Explained(None, (), ("because I say so",))
    assert lines_of(told) == ["chosen by the project's own resolver of the role torch", "because I say so"]
    assert json_of(told) == {"ok": True, "reasons": ["because I say so"], "notes": []}

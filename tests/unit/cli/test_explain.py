from __future__ import annotations

import json

import pytest

from gpustrap.cli import exit
from gpustrap.cli.main import app
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.masking import remember
from gpustrap.run import explain as story
from gpustrap.run.report import Result

MIRRORS = ["npm: the region is cn", "pypi: \x1b[31mhosts.yml\x1b[0m says so, with canary-8"]
FOUND = {
    "demo": Result(reasons={"services": [], "mirrors": MIRRORS}),
    "trainer": Result(failed=InstanceFailed("no answer", operation="connect", hint="wait")),
}


@pytest.fixture
def asked(project, monkeypatch) -> list[tuple[list[str], tuple[str, ...] | None]]:
    """Of which instances and roles was asked; none is connected to."""
    questions = []

    def explain(instances, _project, options, _lines):
        questions.append(([one.name for one in instances], options.roles))
        return {one.name: FOUND[one.name] for one in instances}

    monkeypatch.setattr(story, "explain", explain)
    remember("canary-8")
    return questions


def test_each_reason_is_a_line_under_its_instance_and_role(asked, capsys):
    assert exit.run(app, ["explain", "demo"]) == 0
    assert capsys.readouterr().out == (
        "demo  services  as hosts.yml says\n"
        "      mirrors   npm: the region is cn\n"
        "                pypi: hosts.yml says so, with ***\n"
    )
    assert asked == [(["demo"], None)]


def test_one_role_of_one_instance_can_be_asked_about(asked):
    assert exit.run(app, ["explain", "demo", "services"]) == 0
    assert asked == [(["demo"], ("services",))]


def test_a_role_that_the_instance_does_not_have_is_said(asked, capsys):
    assert exit.run(app, ["explain", "demo", "torch"]) == 0
    assert capsys.readouterr().out == "demo  torch  not among the roles of this instance\n"


def test_of_an_instance_that_failed_nothing_is_printed(asked, capsys):
    assert exit.run(app, ["explain", "trainer", "torch"]) == 1
    assert capsys.readouterr().out == ""


def test_without_words_all_are_explained_and_json_says_what_failed(asked, capsys):
    assert exit.run(app, ["explain", "--json"]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out) == {
        "instances": {
            "demo": {
                "ok": True,
                "reasons": {"services": [], "mirrors": [MIRRORS[0], "pypi: hosts.yml says so, with ***"]},
                "failed": None,
            },
            "trainer": {
                "ok": False,
                "reasons": {},
                "failed": {"role": None, "operation": "connect", "error": "no answer"},
            },
        }
    }


def test_a_role_that_does_not_exist_is_bad_input(asked, capsys):
    assert exit.run(app, ["explain", "demo", "mirors"]) == 2
    assert capsys.readouterr().err.startswith("ROLE: no role 'mirors'; nearest: 'mirrors'\n")
    assert asked == []

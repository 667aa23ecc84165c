from __future__ import annotations

import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from gpustrap import content
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.run.decisions import Decisions, reasons_of, set_before, who_decides

REFUSES = """
from gpustrap.errors import InstanceFailed

def choose(settings, survey, context):
    raise InstanceFailed("no", operation="look", hint="yes")
"""
COUNTS = """
made = []

def choose(settings, survey, context):
    made.append(settings)
    return ["decided"]
"""


def decide(survey: Survey, **settings: Any) -> Decisions:
    return Decisions(survey, Context("trainer", "cn", tuple(settings), settings))


def test_a_role_without_a_resolver_gets_its_settings(role, survey) -> None:
    role("plain_role")
    assert decide(survey, plain_role="settings").all() == {"plain_role": "settings"}


@pytest.mark.parametrize("name", ["links", "region", "gpus", "versions", "context", "box"])
def test_a_persons_own_role_may_have_any_name(role, survey, name) -> None:
    role(name)
    assert decide(survey, **{name: "settings"}).of(name) == "settings"


def test_a_roles_own_resolver_decides(role, survey) -> None:
    role("own_role", resolve="def choose(settings, survey, context): return settings, survey.os_id, context.region")
    assert decide(survey, own_role="settings").of("own_role") == ("settings", "debian", "cn")


def test_a_builtin_resolver_decides_for_a_builtin_role(survey, monkeypatch) -> None:
    monkeypatch.syspath_prepend(content.builtin_root())
    box = replace(survey, tools={"apt-get": "/usr/bin/apt-get"})
    assert decide(box, base=SimpleNamespace(packages=("git",), extra=())).of("base").names == ("git",)


def test_a_projects_own_resolver_of_a_builtin_role_counts_for_every_reader(role, survey) -> None:
    role("mirrors", resolve="def choose(settings, survey, context): return 'own'")
    role("reader", resolve="def choose(settings, survey, context): return context.decided('mirrors')")
    assert decide(survey, reader=None, mirrors=None).of("reader") == "own"


def test_each_decision_is_made_once_and_is_the_same_object_for_every_reader(role, survey) -> None:
    role("read_role", resolve=COUNTS)
    for name in ("first_reader", "second_reader"):
        role(name, resolve="def choose(settings, survey, context): return context.decided('read_role')")
    made = decide(survey, first_reader=None, second_reader=None, read_role="settings").all()
    assert made["first_reader"] is made["second_reader"] is made["read_role"]
    assert sys.modules["roles.read_role.resolve"].made == ["settings"]


def test_a_role_that_is_not_the_instances_is_not_decided(role, survey) -> None:
    role("absent_role", resolve=REFUSES)
    role("reader_of_absent", resolve="def choose(settings, survey, context): return [context.decided('absent_role')]")
    assert decide(survey, reader_of_absent=None).of("reader_of_absent") == [None]


def test_a_role_that_nobody_has_is_a_slip_and_not_none(role, survey) -> None:
    role("mirrors")
    role("reader", resolve="def choose(settings, survey, context):\n    return [context.decided('mirors')]")
    with pytest.raises(InstanceFailed) as failed:
        decide(survey, reader=None).all()
    assert str(failed.value) == "reader: context.decided('mirors'): there is no role of this name; nearest: 'mirrors'"


def test_nothing_decided_is_the_resolvers_mistake(role, survey) -> None:
    role("forgetful", resolve="def choose(settings, survey, context): pass")
    with pytest.raises(InstanceFailed) as failed:
        decide(survey, forgetful=None).all()
    assert (
        str(failed.value) == "forgetful: roles/forgetful/resolve.py: choose returns None, expected what was decided\n"
        "hint: does each way through it end with `return`?"
    )


def test_who_decides_without_a_reason_is_the_resolver_or_hosts_yml_alone(role) -> None:
    role("silent", resolve="def choose(settings, survey, context): return [1]")
    role("written")
    assert who_decides("silent") == ("decided by roles/silent/resolve.py, which gives no reasons",)
    assert who_decides("written") == ()


def test_a_refusal_names_the_role_that_refuses(role, survey) -> None:
    role("strict_role", resolve=REFUSES)
    role("reader_of_strict", resolve="def choose(settings, survey, context): return context.decided('strict_role')")
    with pytest.raises(InstanceFailed) as refused:
        decide(survey, reader_of_strict=None, strict_role=None).all()
    assert str(refused.value) == "strict_role | look: no\nhint: yes"


def test_roles_that_wait_for_each_other_are_named(role, survey) -> None:
    for name, other in (("chicken", "egg"), ("egg", "chicken")):
        role(name, resolve=f"def choose(settings, survey, context): return context.decided('{other}')")
    with pytest.raises(InstanceFailed) as refused:
        decide(survey, chicken=None, egg=None).all()
    assert str(refused.value) == "chicken: roles that wait for each other's decision: chicken → egg → chicken"


def test_a_role_that_is_not_the_instances_any_more_and_has_left_files_is_told_of(role, survey) -> None:
    role("own_role")
    instance = SimpleNamespace(roles=("network",), typed="trainer")
    box = replace(survey, wrote=("network", "own_role", "nobody_knows"))
    assert set_before(instance, box) == [
        "own_role is not among the roles any more; what it set stays until `gpustrap revert trainer --roles own_role`"
    ]


def test_reasons_are_those_that_the_decision_gives() -> None:
    assert reasons_of(SimpleNamespace(reasons=["because"])) == ("because",)
    assert reasons_of(SimpleNamespace(reasons="one sentence")) == ("one sentence",)
    assert reasons_of("a decision without reasons") == ()


@pytest.mark.parametrize(
    ("resolver", "words"),
    [
        (
            "import sys\n\ndef choose(settings, survey, context):\n    sys.exit(4)\n",
            "an exit of its own: 4 (roles/leaving_role/resolve.py:4)",
        ),
        ("raise SystemExit('at import')\n", "an exit of its own: at import (roles/leaving_role/resolve.py:1)"),
        ("class Odd(BaseException): pass\nraise Odd('x')\n", "Odd: x (roles/leaving_role/resolve.py:2)"),
    ],
)
def test_a_resolver_that_ends_the_process_is_its_roles_mistake(role, survey, resolver, words) -> None:
    role("leaving_role", resolve=resolver)
    with pytest.raises(InstanceFailed) as failed:
        decide(survey, leaving_role=None).all()
    assert failed.value.role == "leaving_role"
    assert failed.value.error.endswith(words)

from __future__ import annotations

import pytest

from gpustrap.cli.selection import chosen
from gpustrap.errors import BadInput
from gpustrap.inventory.masking import masked


@pytest.mark.parametrize(
    ("names", "roles", "limit", "instances", "wanted"),
    [
        ([], None, None, ["demo", "trainer"], None),
        (["trainer"], None, None, ["trainer"], None),
        ([], ["network,mirrors", " base "], None, ["demo", "trainer"], ("network", "mirrors", "base")),
        ([], [","], None, ["demo", "trainer"], None),
        ([], None, ["trainer"], ["trainer"], None),
        (["demo", "trainer"], None, ["trainer,demo"], ["demo", "trainer"], None),
        (["ssh -p 28123 root@i-1.gpushare.com"], None, None, ["trainer"], None),
        (["root@h"], None, ["h"], ["h"], None),
    ],
)
def test_words_mean_instances_and_roles(project, names, roles, limit, instances, wanted):
    found = chosen(names, roles, limit)
    assert (found[0], [one.name for one in found[1]], found[2]) == (project, instances, wanted)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("roles", "limit", "said"),
    [
        (["mirors,x"], None, ["--roles: no role 'mirors'; nearest: 'mirrors'", "--roles: no role 'x'"]),
        (None, ["trainr"], ["inventory/hosts.yml: no instance 'trainr'; nearest: 'trainer'"]),
    ],
)
def test_every_unknown_word_is_named(roles, limit, said):
    with pytest.raises(BadInput) as refused:
        chosen([], roles, limit)
    assert [line for line in str(refused.value).splitlines() if not line.startswith("hint: ")] == said


def test_a_limit_that_was_not_named_is_no_run_of_nothing(project):
    with pytest.raises(BadInput) as refused:
        chosen(["demo"], None, ["trainer"])
    assert str(refused.value) == "--limit: 'trainer' is not among the named instances\nhint: named: demo"


def test_every_secret_of_the_chosen_instances_is_read_before_anything_else(project, monkeypatch):
    hosts = project / "inventory" / "hosts.yml"
    hosts.write_text(hosts.read_text() + "    password: {env: TRAINER_PASSWORD}\n")
    monkeypatch.delenv("TRAINER_PASSWORD", raising=False)
    assert [one.name for one in chosen(["demo"], None, None)[1]] == ["demo"]
    with pytest.raises(BadInput, match="environment variable TRAINER_PASSWORD is not set"):
        chosen(["trainer"], None, None)
    monkeypatch.setenv("TRAINER_PASSWORD", "canary-9")
    chosen(["trainer"], None, None)
    assert masked("canary-9") == "***"

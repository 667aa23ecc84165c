from __future__ import annotations

import pytest

from gpustrap.cli.svc_words import meant
from gpustrap.errors import BadInput


def names(words):
    one = meant(words, secrets=False)
    return one.instance.name, one.service


def only_demo(project):
    hosts = project / "inventory" / "hosts.yml"
    hosts.write_text(hosts.read_text().partition("  trainer:")[0])


def test_the_service_stands_after_its_instance(project):
    assert names(["demo", "web"]) == ("demo", "web")


def test_the_only_instance_need_not_be_named(project):
    only_demo(project)
    assert names(["web"]) == ("demo", "web")


@pytest.mark.parametrize("words", [["web"], ["demo/web"], ["demo"]])
def test_the_only_instance_that_has_it_need_not_be_named(project, words):
    assert names(words) == ("demo", "web")


def test_an_instance_with_several_asks_which(project):
    only_demo(project)
    hosts = project / "inventory" / "hosts.yml"
    hosts.write_text(hosts.read_text().replace("services:\n", "services:\n      api: {command: run, port: 1}\n", 1))
    with pytest.raises(BadInput) as bad:
        meant(["demo"], secrets=False)
    assert str(bad.value) == "demo is an instance; which of its services?\nhint: demo/api, demo/web"


def test_where_several_have_it_they_are_named(project):
    hosts = project / "inventory" / "hosts.yml"
    hosts.write_text(hosts.read_text().replace("defaults:", "defaults:\n  services: {web: {preset: hello}}", 1))
    with pytest.raises(BadInput) as bad:
        meant(["web"], secrets=False)
    assert str(bad.value) == ("there are several instances; whose service 'web' is it?\nhint: instances: demo, trainer")
    assert names(["trainer/web"]) == ("trainer", "web")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["wb"], "there are several instances; whose service 'wb' is it?\nhint: instances: demo, trainer"),
        (["trainer"], "trainer has no services\nhint: services stand in inventory/hosts.yml"),
        (["demo", "wbe"], "demo has no service 'wbe'; nearest: 'web'\nhint: services: web"),
        (["trainer", "web"], "trainer has no service 'web'\nhint: services stand in inventory/hosts.yml"),
        (["dmo", "web"], "inventory/hosts.yml: no instance 'dmo'; nearest: 'demo'\nhint: instances: demo, trainer"),
        (
            ["demo", "web", "lab"],
            "svc takes one service, after its instance: demo web lab\nhint: for example `gpustrap svc restart demo web`",
        ),
    ],
)
def test_what_means_none_is_bad_input(project, words, said):
    with pytest.raises(BadInput) as bad:
        meant(words, secrets=False)
    assert str(bad.value) == said


def test_a_secret_is_read_only_where_it_is_needed(project, monkeypatch):
    monkeypatch.delenv("NO_SUCH_VARIABLE", raising=False)
    only_demo(project)
    hosts = project / "inventory" / "hosts.yml"
    hosts.write_text(hosts.read_text().replace("{preset: hello}", "{preset: hello, env: {T: {env: NO_SUCH_VARIABLE}}}"))
    assert meant(["web"], secrets=False).service == "web"
    with pytest.raises(BadInput, match="NO_SUCH_VARIABLE is not set"):
        meant(["web"], secrets=True)

from __future__ import annotations

import pytest

from gpustrap.cli import complete


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [("mir", ["mirrors"]), ("base,mir", ["base,mirrors"]), ("mirrors,mir", []), ("zzz", []), ("t", ["torch"])],
)
def test_roles_are_completed_after_each_comma(typed, offered):
    assert complete.role_names(typed) == offered


def test_without_a_project_the_built_in_roles_are_offered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GPUSTRAP_PROJECT", raising=False)
    assert complete.role_names("serv") == ["services"]


@pytest.mark.parametrize(
    ("of", "typed", "offered"),
    [(complete.card_names, "rtx 4090", "RTX 4090"), (complete.flavours, "gpus", "gpushare"), (complete.releases, "", "debian-12")],
)  # fmt: skip
def test_names_are_completed_whatever_their_case(of, typed, offered):
    assert offered in of(typed) and of("no such name") == []


def test_a_few_words_are_completed():
    assert complete.words("cn", "global")("c") == ["cn"]

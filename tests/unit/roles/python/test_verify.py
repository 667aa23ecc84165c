"""The role's own proof, run on the answers of a fake instance."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.catalog.uv import load_uv_wheels

VERSION = load_uv_wheels()["x86_64"].version
LOOK, PATH = "uv-version", "command -v uv"
RIGHT = f"uv-version uv {VERSION} (abc 2026-01-01)\n"
PINNED, FOUND = "uv runs at the pinned version", "shells find uv"


@pytest.fixture
def chosen():
    from roles.python.resolve import Python

    return Python(load_uv_wheels()["x86_64"], True)


def test_the_pinned_uv_that_ssh_commands_find_is_proved(proved, chosen) -> None:
    verdict = proved("python", chosen, {PATH: "hello\ngpustrap-found 0\n", LOOK: RIGHT})
    assert (verdict.passed, verdict.broken) == (3, [])


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("uv-version uv 0.1.2\n", "it says it is 0.1.2"),
        ("", "it says it is nothing that runs"),
        ("uv-obstacle a directory\n", "it is a directory"),
    ],
)
def test_another_uv_or_none_is_told_with_both_versions(broken, chosen, said: str, found: str) -> None:
    assert broken("python", chosen, {PATH: "gpustrap-found 0\n", LOOK: said}) == {
        PINNED: f"/usr/local/bin/uv should be uv {VERSION}, and {found}"
    }


@pytest.mark.parametrize(
    ("said", "trace", "sentence"),
    [
        ("gpustrap-found 127\n", "", "no uv in {kind}, and one stands in /usr/local/bin: PATH is without /usr/local/bin there"),
        ("gpustrap-found 127\ngpustrap-lacks it\n", "", "no uv in {kind}, and none stands in /usr/local/bin"),
        ("gpustrap-found 127\n", "gpustrap-trace set PATH /root/.bashrc:1\n",
         "no uv in {kind}, and one stands in /usr/local/bin: /root/.bashrc:1 sets PATH without /usr/local/bin: add it there"),
        ("", "gpustrap-trace ends exit /root/.bashrc:7\n",
         "{kind} ends at /root/.bashrc:7, before it can run a command: `exit` ends it; take that away there"),
        ("", "", "{kind} ends while it reads its start-up files, before it can run a command"),
    ],
)  # fmt: skip
def test_a_shell_that_finds_no_uv_is_named_with_who_keeps_it_from_that(broken, chosen, said, trace, sentence) -> None:
    found = broken("python", chosen, {PATH: said, "by_bash": trace, LOOK: RIGHT})
    assert found == {FOUND: sentence.format(kind="a login shell")}


def test_all_kinds_are_asked_where_somebody_sets_path(proved, chosen, survey) -> None:
    from gpustrap.resolve.box.shells import shells_of

    given = replace(chosen, path=(("/usr/local/bin", shells_of(survey)),))
    verdict = proved("python", given, {PATH: "gpustrap-found 0\n", LOOK: RIGHT})
    assert (verdict.passed, verdict.broken) == (6, [])

"""The role's own proof, run on the answers of a fake instance."""

from __future__ import annotations

import pytest

from gpustrap.catalog.uv import load_uv_wheels

VERSION = load_uv_wheels()["x86_64"].version
LOOK, PATH = "uv-version", "command -v uv"
RIGHT = f"uv-version uv {VERSION} (abc 2026-01-01)\n"
PINNED, FOUND = "uv runs at the pinned version", "ssh commands find uv"


@pytest.fixture
def chosen():
    from roles.python.resolve import Python

    return Python(load_uv_wheels()["x86_64"], True)


def test_the_pinned_uv_that_ssh_commands_find_is_proved(proved, chosen) -> None:
    verdict = proved("python", chosen, {PATH: "/usr/local/bin/uv\n", LOOK: RIGHT})
    assert (verdict.passed, verdict.broken) == (2, [])


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("uv-version uv 0.1.2\n", "it says it is 0.1.2"),
        ("", "it says it is nothing that runs"),
        ("uv-obstacle a directory\n", "it is a directory"),
    ],
)
def test_another_uv_or_none_is_told_with_both_versions(broken, chosen, said: str, found: str) -> None:
    assert broken("python", chosen, {PATH: "/x", LOOK: said}) == {
        PINNED: f"/usr/local/bin/uv should be uv {VERSION}, and {found}"
    }


def test_a_path_without_uv_is_told(broken, chosen) -> None:
    assert broken("python", chosen, {PATH: (1, ""), LOOK: RIGHT}) == {
        FOUND: "no uv in the PATH of ssh commands, and one stands at /usr/local/bin/uv"
    }


def test_the_path_of_ssh_commands_is_asked_for_uv(proved, settings, survey, context) -> None:
    from roles.python.resolve import choose

    asked: list[str] = []
    proved("python", choose(settings("python"), survey, context), {"": lambda command: asked.append(command) or ""})
    assert "command -v uv" in asked

"""What a person reads who wrote a bad value for the role `project`, and what stands where nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

FORM = "expected a folder of its own, such as ~/app or /data/app, without spaces and quotes"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{path: inventory, dest: /}", f"4: project.dest: {FORM}"),
        ("{path: inventory, dest: a b}", f"4: project.dest: {FORM}"),
        ("{path: inventory, dest: app}", f"4: project.dest: {FORM}"),
        ("{path: inventory, dest: /a/../b}", f"4: project.dest: {FORM}"),
        ("{path: inventory, dest: ~//}", f"4: project.dest: {FORM}"),
        (
            "{path: inventory, on_box_changes: drop}",
            "4: project.on_box_changes: expected refuse, stash or keep, got 'drop'",
        ),
        ("{path: inventory, most_mib: 0}", "4: project.most_mib: expected a number from 1 to 100000, got 0"),
        ("{path: inventory, pth: x}", "4: project.pth: unknown key; nearest: 'path'"),
        ("{}", "3: project.path: missing, and it has no default"),
    ],
)
def test_a_bad_value_is_named_by_line_and_key(refusal, text: str, message: str) -> None:
    assert refusal("project", text) == [message]


def test_a_folder_that_is_missing_is_named_with_its_line(refusal, tmp_path: Path) -> None:
    assert refusal("project", "{path: app}") == [f"4: project.path: there is no such folder: {tmp_path}/app"]
    assert refusal("project", "{path: inventory/hosts.yml}") == [
        f"4: project.path: it is a file: {tmp_path}/inventory/hosts.yml"
    ]


def test_a_relative_folder_starts_at_the_project(load, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    assert load("project", "{path: ./app, dest: ~/it/}").path == tmp_path / "app"
    assert load("project", "{path: ./app, dest: ~/it/}").dest == "~/it"

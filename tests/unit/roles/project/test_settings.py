"""What a person reads who wrote a bad value for the role `project`, and what stands where nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

FORM = "expected a folder of its own, such as ~/app or /data/app, without spaces and quotes"


REPOSITORY = "expected a repository such as https://HOST/OWNER/NAME or git@HOST:OWNER/NAME"
KEY = "key goes with a repository over ssh, such as git@HOST:OWNER/NAME"
TOKEN = "token goes with a repository over https, such as https://HOST/OWNER/NAME"
PASSWORD = "a password in hosts.yml ends up in backups and commits; write token: {env: NAME}"


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
        ("{}", "3: project: expected one of path and git"),
        ("{path: inventory, git: git@h.lan:a/b}", "3: project: expected one of path and git"),
        ("{path: inventory, ref: main}", "3: project: ref goes with git"),
        ("{git: 'git@h.lan:a/b', ref: -x}", "4: project.ref: expected the name of a branch or a tag, or a commit"),
        ("{git: 'https://h.lan/a', key: {env: K}}", f"3: project: {KEY}"),
        ("{path: inventory, key: {env: K}}", f"3: project: {KEY}"),
        ("{git: 'git@h.lan:a/b', token: {env: K}}", f"3: project: {TOKEN}"),
        ("{git: 'http://h.lan/a', token: {env: K}}", f"3: project: {TOKEN}"),
        ("{path: inventory, token: {env: K}}", f"3: project: {TOKEN}"),
        ("{git: 'http://'}", "4: project.git: expected a URL such as https://HOST/OWNER/NAME"),
        ("{git: a/b}", f"4: project.git: {REPOSITORY}"),
        ("{git: 'ext::sh -c x'}", f"4: project.git: {REPOSITORY}"),
        ("{git: 'https://me:pw@h.lan/a'}", f"4: project.git: {PASSWORD}"),
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
    for written, dest in (("~/it/", "~/it"), ("/X", "/X"), ("/a/..b//", "/a/..b")):
        assert load("project", f"{{path: ./app, dest: {written}}}").dest == dest


@pytest.mark.parametrize(
    "url",
    ["https://h.lan/a/b.git", "http://h.lan/a", "git@h.lan:a/b", "ssh://git@h.lan:22/a", "file:///srv/a", "git://h/a"],
)
def test_repositories_are_taken(load, url: str) -> None:
    assert load("project", f"{{git: '{url}', ref: v1.0}}").git == url

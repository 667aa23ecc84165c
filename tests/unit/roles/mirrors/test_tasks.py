from __future__ import annotations

import pytest

from gpustrap.resolve.context import Context
from roles.mirrors.resolve import choose

NAMES = ["apt", "pip and uv", "conda", "npm", "git", "environment"]


@pytest.mark.parametrize("region", ["cn", "global"])
def test_each_client_is_an_operation_whatever_was_chosen(lined_up, settings, survey, region) -> None:
    lined = lined_up("mirrors", choose(settings("mirrors"), survey, Context("x", region)))
    assert [(one.operation, one.name) for one in lined] == [("files.managed", name) for name in NAMES]


def test_the_places_of_a_chosen_mirror_are_cleared_by_upstream(lined_up, settings, survey) -> None:
    written, cleared = (
        lined_up("mirrors", choose(settings("mirrors", npm=npm), survey, Context("x", "global")))[NAMES.index("npm")]
        for npm in ("https://my.lan/npm", "upstream")
    )
    (ours,), (none,) = written.arguments["files"], cleared.arguments["files"]
    assert (ours.dest, none.dest) == ("/root/.npmrc", "/root/.npmrc")
    assert "registry=https://my.lan/npm" in ours.content and none.content is None


def test_each_operation_writes_the_files_of_its_own_client(lined_up, settings, survey) -> None:
    written = {"pypi": "https://a.lan", "conda": "https://b.lan", "npm": "https://c.lan", "git": "https://d.lan/",
               "apt": "http://e.lan/debian", "hf": "https://f.lan"}  # fmt: skip
    lined = lined_up("mirrors", choose(settings("mirrors", **written), survey, Context("x", "global")))
    places = {one.name: [file.dest for file in one.arguments["files"]] for one in lined}
    assert places["apt"] == ["/etc/apt/sources.list.d/debian.sources"]
    assert places["pip and uv"] == ["/root/.config/pip/pip.conf", "/root/.config/uv/uv.toml"]
    assert places["conda"] == ["/root/.condarc"] and places["npm"] == ["/root/.npmrc"]
    assert places["git"] == [
        "/root/.config/gpustrap/git-mirrors",
        "/root/.gitconfig",
        "/etc/gitconfig",
        "/root/.config/git/config",
    ]
    assert {"/etc/profile.d/gpustrap-mirrors.sh", "/etc/environment"} <= {*places["environment"]}


def test_the_home_is_that_of_the_shells(settings, survey) -> None:
    assert choose(settings("mirrors"), survey, Context("x", "global")).home == "/root"

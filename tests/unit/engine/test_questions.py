from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpustrap.engine.questions import MOST_COMMANDS, forget_those_of_other_code, recall, remember


@given(st.lists(st.text(), max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_commands_come_back_in_their_order(tmp_path: Path, commands: list[str]) -> None:
    remember(tmp_path / "facts.json", commands)
    assert recall(tmp_path / "facts.json") == tuple(commands)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b"null",
        b'{"command": []}',
        b'{"commands": 3}',
        b'{"commands": "rm"}',
        b"\xff\xfe",
    ],
)
def test_a_file_that_is_no_memory_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "facts.json"
    path.write_bytes(content)
    assert recall(path) == ()


def test_no_file_is_an_empty_memory(tmp_path: Path) -> None:
    assert recall(tmp_path / "none" / "facts.json") == ()


def test_what_is_no_command_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_text('{"commands": ["true", 3, null, ["a"], "false"]}')
    assert recall(path) == ("true", "false")


def test_a_memory_is_bounded_in_both_directions(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    remember(path, map(str, range(MOST_COMMANDS + 5)))
    assert len(recall(path)) == MOST_COMMANDS
    path.write_text(path.read_text().replace("[", '["more",', 1))
    assert len(recall(path)) == MOST_COMMANDS


def test_only_the_owner_can_read_it_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "facts.json"
    remember(path, ["true"])
    remember(path, ["false"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_memory_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "facts.json"
    remember(path, ["true"])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError):
        remember(path, ["false"])
    assert (recall(path), list(tmp_path.iterdir())) == (("true",), [path])


def test_a_memory_is_a_list_that_a_person_can_read(tmp_path: Path) -> None:
    remember(tmp_path / "facts.json", ["true", "false"])
    assert (tmp_path / "facts.json").read_text() == '{\n "commands": [\n  "true",\n  "false"\n ]\n}'


def test_what_other_code_asked_is_forgotten(tmp_path: Path) -> None:
    stamp, memory = tmp_path / "code", tmp_path / "checks.json"
    remember(memory, ["rm taken-out"])  # by a gpustrap that had no stamp
    kept = []
    stamp.write_bytes(b"\xff")  # or one that is none
    for code in ("a", "a", "b"):
        forget_those_of_other_code(code, stamp, [memory, tmp_path / "none"])
        kept.append(recall(memory))
        remember(memory, ["true"])
    assert kept == [(), ("true",), ()]


def test_a_disk_that_takes_no_stamp_has_them_forgotten_each_time(tmp_path: Path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    memory = tmp_path / "checks.json"
    remember(memory, ["true"])
    monkeypatch.setattr(Path, "replace", full)
    forget_those_of_other_code("a", tmp_path / "code", [memory])
    assert recall(memory) == ()

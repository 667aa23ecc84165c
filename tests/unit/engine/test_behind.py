"""Facts and checks in one exec, run by this machine's own `sh`; a file is what a check waits for."""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gpustrap.errors import InstanceFailed


class LocalWire:
    """Stands for a Wire: runs a script by `sh` here, and gives its output as it comes."""

    def __init__(self, path: str | None = None, lost_after: int | None = None):
        self.environment = {"PATH": path} if path else None
        self.lost_after = lost_after  # bytes
        self.ended: int | None = None
        self.seconds = 0.0

    def run(self, command: str, *, seconds: float, on_data: Callable[[bytes], None]) -> None:
        self.seconds = seconds
        with subprocess.Popen(["/bin/sh", "-c", command], stdout=subprocess.PIPE, env=self.environment) as process:
            assert process.stdout is not None
            came = 0
            try:
                while select.select([process.stdout], [], []) and (data := os.read(process.stdout.fileno(), 7)):
                    if self.lost_after is not None and came >= self.lost_after:
                        raise InstanceFailed("the connection was lost")
                    came += len(data)
                    on_data(data)
            finally:
                process.terminate()
                self.ended = process.wait()


@pytest.fixture
def behind():
    """`behind(facts, checks, wire)`, with the facts' answers taken apart."""
    made: list[Any] = []

    def start(facts: tuple[str, ...], checks: tuple[str, ...], wire: Any = None) -> Any:
        from gpustrap.engine.behind import Behind

        made.append(Behind(wire or LocalWire(), facts, checks, 60))
        return made[-1]

    yield start
    for one in made:
        with suppress(InstanceFailed):
            one.end()


def said(output: bytes, count: int) -> list[str]:
    from gpustrap.engine import batch

    return [answer.stdout.decode() for answer in batch.parse(output, count) if answer]


def test_both_are_answered_by_one_exec(behind) -> None:
    wire = LocalWire()
    both = behind(("echo one", "printf 'a\\0b\\n\\n'"), ("echo check; exit 3", "echo words >&2"), wire)
    assert said(both.facts(), 2) == ["one\n", "a\0b\n\n"]
    checks = both.checks()
    assert [(a.status, a.stdout, a.stderr) for a in checks.values()] == [(3, b"check\n", b""), (0, b"", b"words\n")]
    assert wire.seconds == 60 + 10  # what the facts may take, and each check


@pytest.mark.parametrize("more", [(), ("echo other",)])
def test_a_check_that_is_a_fact_too_is_asked_once(behind, tmp_path: Path, more: tuple[str, ...]) -> None:
    count = f"echo x >>{tmp_path}/asked; echo same"
    wire = LocalWire()
    both = behind(("echo fact", f"sh -c '{count}'"), (count, *more), wire)
    assert said(both.facts(), 2) == ["fact\n", "same\n"]
    told = {check: answer.stdout for check, answer in both.checks().items()}
    assert told == {count: b"same\n", **dict.fromkeys(more, b"other\n")}
    assert ((tmp_path / "asked").read_text(), wire.ended) == ("x\n", 0)


def test_a_check_whose_shell_could_start_nothing_is_not_answered(behind) -> None:
    """Who needs it asks it alone, and is told what the box has none of."""
    both = behind(("echo fact",), ("echo 'sh: 1: Cannot fork' >&2; exit 2", "echo well"))
    assert list(both.checks()) == ["echo well"]


def test_the_facts_are_there_while_the_checks_run(behind, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    both = behind(("echo fact",), (f"until [ -e {gate} ]; do sleep 0.02; done; echo went on",))
    assert said(both.facts(), 1) == ["fact\n"]
    gate.touch()
    assert [answer.stdout for answer in both.checks().values()] == [b"went on\n"]


def test_checks_are_asked_after_the_facts(behind, tmp_path: Path) -> None:
    """What drifts between the two is seen by the check: it is the later one."""
    file = tmp_path / "file"
    both = behind((f"sleep 0.2; echo drifted >{file}",), (f"cat {file}",))
    assert [answer.stdout for answer in both.checks().values()] == [b"drifted\n"]


BROKEN = {
    "a check that never ends": "sleep 60",
    "a check that writes on": "{ sleep 0.05; echo late; } & true",
    "a check that ends its shell": "kill -9 $PPID",
}


@pytest.mark.parametrize("check", BROKEN.values(), ids=BROKEN)
def test_whatever_becomes_of_the_checks_the_facts_are_there(behind, check, monkeypatch) -> None:
    from gpustrap.engine import batch as module

    monkeypatch.setattr(module, "CHECK_SECONDS", 0.3)
    both = behind(("echo fact",), (check,))
    assert said(both.facts(), 1) == ["fact\n"]
    assert not any(answer.stdout for answer in both.checks().values())


@pytest.mark.parametrize("bytes_before", [0, 60])
def test_a_connection_that_is_lost_with_the_facts_is_said(behind, bytes_before) -> None:
    both = behind(("head -c 200 /dev/zero",), ("echo check",), LocalWire(lost_after=bytes_before))
    with pytest.raises(InstanceFailed, match=r"^the connection was lost$"):
        both.facts()
    assert both.checks() == {}


def test_a_connection_that_is_lost_with_the_checks_leaves_the_facts(behind) -> None:
    both = behind(("echo fact",), ("head -c 2000 /dev/zero",), LocalWire(lost_after=900))
    both.wait()
    assert (said(both.facts(), 1), both.checks()) == (["fact\n"], {})


def test_without_a_way_to_bound_them_checks_are_not_asked(behind, tmp_path: Path) -> None:
    for tool in ("mktemp", "rm", "cat", "wc", "sh"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    both = behind(("echo fact",), ("echo check",), LocalWire(path=str(tmp_path)))
    assert (said(both.facts(), 1), both.checks()) == (["fact\n"], {})


def test_answers_that_are_not_of_now_are_not_used(behind, monkeypatch) -> None:
    from gpustrap.engine import behind as module

    both = behind(("echo fact",), ("echo check",))
    assert both.checks() != {}
    monkeypatch.setattr(module, "FRESH_SECONDS", -1)
    assert both.checks() == {}


def test_what_is_given_up_is_ended(behind) -> None:
    wire = LocalWire()
    both = behind(("echo fact",), ("sleep 60",), wire)
    both.facts()
    both.end()
    assert wire.ended is not None


def test_checks_of_a_change_count_for_a_moment_and_only_as_they_were_framed(monkeypatch) -> None:
    from gpustrap.engine import batch
    from gpustrap.engine import behind as module

    checks = ("echo one", "echo 'sh: 1: Cannot fork' >&2", "exit 3")
    said = subprocess.run(["sh", "-c", batch.script(checks)], capture_output=True).stdout
    checked = module.Checked(checks, said)
    assert checked.checks() == {checks[0]: batch.Answer(0, b"one\n", b""), checks[2]: batch.Answer(3, b"", b"")}
    assert module.Checked(checks, said[:-1]).checks() == {}
    monkeypatch.setattr(module, "FRESH_SECONDS", -1)
    assert checked.checks() == {}


def test_a_shell_that_ends_without_a_word_has_told_nothing(behind) -> None:
    class Mute(LocalWire):
        def run(self, _command: str, *, on_data: Callable[[bytes], None], **_: Any) -> None:
            on_data(b"part")

    both = behind(("echo fact",), ("echo check",), Mute())
    assert (both.facts(), both.checks()) == (b"part", {})

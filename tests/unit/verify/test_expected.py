from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

from gpustrap.inventory import masking
from gpustrap.verify.expected import of_assert

CANARY = "canary-expected-77"


def said(folder: Path, body: str) -> str:
    """What is said of a test whose function holds these lines, given `host`, which finds 'Somebody', and `chosen`."""
    file = folder / "verify.py"
    file.write_text("def test_it(host, chosen):\n" + "".join(f"    {line}\n" for line in body.splitlines()))
    spec = importlib.util.spec_from_file_location("asserting", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    host = SimpleNamespace(name=lambda: "Somebody", port=80, names=["a", "b"], token=CANARY)
    with pytest.raises(AssertionError) as failed:
        module.test_it(host, SimpleNamespace(name="Night Trainer", port=8080))
    return of_assert(failed.tb)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("assert host.name() == chosen.name", "expected 'Night Trainer', found 'Somebody'"),
        ("assert chosen.name == host.name()", "expected 'Night Trainer', found 'Somebody'"),
        ("assert 'x' == host.name()", "expected 'x', found 'Somebody'"),
        ("name = host.name()\nassert name == chosen.name", "expected 'Night Trainer', found 'Somebody'"),
        ("assert (\n    host.name()\n    == chosen.name\n)", "expected 'Night Trainer', found 'Somebody'"),
        ("assert host.port >= chosen.port", "expected at least 8080, found 80"),
        ("assert host.port < 80", "expected less than 80, found 80"),
        ("assert 'c' in host.names", "expected 'c' in it, found ['a', 'b']"),
        ("assert 'a' not in host.names", "expected no 'a' in it, found ['a', 'b']"),
        ("assert host.port != 80", "expected something other than 80"),
        ("assert host.port <= 79", "expected at most 79, found 80"),
        ("assert host.port > 80", "expected more than 80, found 80"),
        ("none = None\nassert none is not None", "expected something other than None"),
        ("assert host.port is None", "expected None, found 80"),
        ("assert host.port == 80 and host.name() == 'x'", "expected 'x', found 'Somebody'"),
        ("assert [one for one in host.names if one != host.name()] == []", "expected [], found ['a', 'b']"),
        ("assert not host.names", "does not hold: not host.names"),
        ("assert all(one == 'a' for one in host.names)", "does not hold: all((one == 'a' for one in host.names))"),
        ("ones = iter([1])\nassert next(ones) == 2", "does not hold: next(ones) == 2"),
        ("def helper():\n    assert host.port == 1\nhelper()", "expected 1, found 80"),
        ("assert host.port == 80\nassert host.port == 81", "expected 81, found 80"),
        ("limit = 8\nassert [host.port, chosen.port][0] == limit", "expected 8, found 80"),
        ("assert 1 < host.port < 50", "does not hold: 1 < host.port < 50"),
        ("assert host.port == 1 or host.port == 2", "does not hold: host.port == 1 or host.port == 2"),
        ("ones = [2, 1]\nassert ones.pop() == 2", "does not hold: ones.pop() == 2"),
        ("limit = 8\nassert limit == host.port", "expected 80, found 8"),
        ("raise AssertionError", ""),
    ],
)
def test_what_was_expected_and_found_is_said(tmp_path: Path, body: str, words: str) -> None:
    assert said(tmp_path, body) == words


@pytest.mark.parametrize(
    "body",
    ["assert host.token == 'x'", "assert host.token == ''", "assert 'y' in [host.token]", f"assert not {CANARY!r}"],
)
def test_no_secret_is_said(tmp_path: Path, body: str) -> None:
    masking.remember(CANARY)
    assert "***" in (text := said(tmp_path, body)) and "canary" not in text


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    assert said(tmp_path, "assert 'x' * 999 == 1") == f"expected 1, found '{'x' * 299}…"
    assert said(tmp_path, "assert 'x' * 298 == 1") == f"expected 1, found '{'x' * 298}'"
    assert said(tmp_path, "assert 'x' * 299 == 1") == f"expected 1, found '{'x' * 299}…"


def test_without_a_place_nothing_is_said() -> None:
    assert of_assert(None) == ""


@pytest.mark.parametrize("now", [None, b"def (:\n", b"\0"])
def test_of_a_file_that_is_another_by_now_nothing_is_said(tmp_path: Path, now: bytes | None) -> None:
    file = tmp_path / "verify.py"
    with pytest.raises(AssertionError) as failed:
        exec(compile("assert 1 == 2", str(file), "exec"))
    if now is not None:
        file.write_bytes(now)
    assert of_assert(failed.tb) == ""

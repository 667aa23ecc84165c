"""The operation; tests/lab reloads a real nginx. What stands for it here is a process that is called as it is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gpustrap.engine.operations import nginx


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch):
    """`loads("old")`: the commands where that configuration is loaded, and what was said."""

    def of(seen: str | None) -> tuple[list[str], list[str]]:
        said: list[str] = []
        host = SimpleNamespace(get_fact=lambda _, folder: seen if folder == "/run/it" else None, noop=said.append)
        monkeypatch.setattr(nginx, "host", host)
        monkeypatch.setattr(nginx, "note", said.append)
        commands = nginx.loaded._inner(configuration="/etc/it.conf", identity="new", folder="/run/it", copy="/run/copy")
        return [command.get_raw_value() for command in commands], said

    return of


@pytest.mark.parametrize(("seen", "why"), [(None, "nginx does not run yet"), ("new", "nginx has loaded it")])
def test_one_that_does_not_run_or_has_it_is_left_alone(loads, seen: str | None, why: str) -> None:
    assert loads(seen) == ([], [why])


def test_another_one_is_loaded_by_the_folder_of_the_pid_file(loads) -> None:
    (command,), said = loads("old")
    assert said == ["nginx reloads: its routes or its token have changed"]
    lines = command.splitlines()
    told = ("pids=/run/it", "configuration=/etc/it.conf", "identity=new", "loaded=/run/copy")
    assert [line for line in told if line not in lines] == []

from __future__ import annotations

import pytest

from gpustrap.engine.facts.tmux import Probe, Running, TmuxServices


@pytest.mark.parametrize(
    ("output", "services"),
    [
        # lab boxes debian-12 (tmux 3.3a) and debian-11 (3.1c): `bare` has no @identity, the command of `job` has ended; 2026-11-24
        (
            ["session bare 0 ", "session job 1 def", "session web 0 abc123", "ready web", "ready none"],
            {"bare": Running("", False), "job": Running("def", False, True), "web": Running("abc123", True)},
        ),
        (["ready web"], {}),
        ([], {}),
    ],
    ids=["three sessions", "a stranger answers on the port", "no tmux server"],
)
def test_a_service_is_a_session_and_ready_only_when_its_probe_holds(output: list[str], services) -> None:
    assert TmuxServices().process(output) == services


@pytest.mark.parametrize(
    ("probe", "condition"),
    [
        (Probe("job"), "true"),
        (Probe("web", 8080), "ss -Hltn 'sport = :8080' | grep -q ."),
        (
            Probe("web", 8080, "/a b?c='"),
            "ss -Hltn 'sport = :8080' | grep -q . && curl -fsS --noproxy '*' --max-time 5 -o /dev/null"
            """ 'http://127.0.0.1:8080/a b?c='"'"'' 2>/dev/null""",
        ),
        (Probe("web", None, "/ping"), "true"),
    ],
)
def test_a_probe_asks_for_the_port_and_then_for_the_page(probe: Probe, condition: str) -> None:
    assert probe.test() == condition

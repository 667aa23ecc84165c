from __future__ import annotations

import subprocess
import sys

import paramiko
import pytest

ASK = """
import gpustrap.engine.connector
import paramiko
config = paramiko.SSHConfig.from_text('Match exec "true"\\n  Port 2222\\nMatch exec "false"\\n  User nobody\\n'
                                       'Match exec "test 1 = 1"\\n  Compression yes\\nMatch exec "test 1 = 2"\\n  LogLevel no\\n')
print(config.lookup("box").get("port"), config.lookup("box").get("user"),
      config.lookup("box").get("compression"), config.lookup("box").get("loglevel"))
"""


def test_match_exec_of_an_ssh_config_works() -> None:
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("2222 None yes None\n", "")


def test_match_exec_that_hangs_does_not_match(monkeypatch) -> None:
    from gpustrap import engine

    monkeypatch.setattr(engine, "MATCH_EXEC_SECONDS", 0.1)
    assert engine._run_quietly("sleep 60").ok is False


def test_match_exec_asks_by_the_exit_status_alone(capfd) -> None:
    from gpustrap.engine import _run_quietly

    asked = [_run_quietly(command, hide=True).ok for command in ("echo noise", "echo noise; exit 3")]
    assert (asked, capfd.readouterr().out) == ([True, False], "")
    import gpustrap.engine.connector  # noqa: F401 (it undoes what pyinfra sets)

    assert vars(paramiko.config)["invoke"].run is _run_quietly


def test_each_greenlet_has_the_state_of_its_own_instance() -> None:
    import gevent
    from pyinfra.context import ctx_state

    from gpustrap.engine.session import Session

    def work(session: Session) -> bool:
        with session._context():
            gevent.sleep(0)
            return ctx_state.get() is session.state

    workers = [gevent.spawn(work, Session(name, {})) for name in ("one", "two", "three")]
    gevent.joinall(workers, timeout=10)
    assert [worker.value for worker in workers] == [True] * 3


def test_what_pyinfra_and_paramiko_warn_of_is_not_printed() -> None:
    import logging

    import gpustrap.engine  # noqa: F401

    for name in ("pyinfra", "paramiko"):
        assert any(isinstance(each, logging.NullHandler) for each in logging.getLogger(name).handlers)


@pytest.mark.parametrize(
    ("command", "run"),
    [
        ('"test -f x"', "test -f x"),
        ("true", "true"),
        ('"a" "b"', '"a" "b"'),
        ('"', '"'),
        ("", ""),
        ('""', ""),
        ('x"', 'x"'),
    ],
)
def test_a_command_of_match_exec_is_run_without_the_quotes_round_all_of_it(command: str, run: str) -> None:
    from gpustrap import engine

    assert engine._unquoted(command) == run

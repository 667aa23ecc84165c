from __future__ import annotations

import subprocess
import sys

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

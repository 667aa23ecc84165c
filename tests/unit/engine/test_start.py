from __future__ import annotations

import subprocess
import sys

ASK = """
import gpustrap.engine
import paramiko
config = paramiko.SSHConfig.from_text('Match exec "true"\\n  Port 2222\\nMatch exec "false"\\n  User nobody\\n')
print(config.lookup("box").get("port"), config.lookup("box").get("user"))
"""


def test_match_exec_of_an_ssh_config_works() -> None:
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("2222 None\n", "")

from __future__ import annotations

import subprocess
import sys

ASK = """
import sys
import gpustrap.engine
import paramiko
assert "invoke.runners" not in sys.modules
config = paramiko.SSHConfig.from_text('Match exec "true"\\n  Port 2222\\nMatch exec "false"\\n  Port 3333\\n')
print(config.lookup("box")["port"], "invoke.runners" in sys.modules)
"""


def test_match_exec_of_an_ssh_config_works_though_its_library_is_loaded_only_then() -> None:
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("2222 True\n", "")

"""The job with pyinfra's own operations, as its documentation writes one. BENCH_JOB: the job's folder."""

import json
import os
from pathlib import Path

from pyinfra import host
from pyinfra.api import FactBase
from pyinfra.operations import apt, files, server

JOB = Path(os.environ["BENCH_JOB"])
TEMPLATES = JOB / "gpustrap/templates/job"
VALUES = json.loads((JOB / "values.json").read_text())
TMUX = "tmux -L gpustrap"
PING = f"curl -s --noproxy '*' 127.0.0.1:{VALUES['app_port']}/ping"

DIRECTORIES = {
    "/root/.config/uv": "755",
    "/opt/app": "755",
    "/workspace/cache": "775",
    "/workspace/models": "755",
    "/workspace/logs": "750",
}
SETTINGS = {
    "mirror.sources.j2": "/etc/apt/sources.list.d/mirror.sources",
    "pip.conf.j2": "/etc/pip.conf",
    "uv.toml.j2": "/root/.config/uv/uv.toml",
    "condarc.j2": "/root/.condarc",
    "npmrc.j2": "/root/.npmrc",
    "gitconfig.j2": "/root/.gitconfig",
    "proxy.sh.j2": "/etc/profile.d/proxy.sh",
    "hf.sh.j2": "/etc/profile.d/hf.sh",
}


class Holds(FactBase):
    """Whether a shell condition holds."""

    def command(self, condition):
        return f"if {condition}; then echo yes; else echo no; fi"

    def process(self, output):
        return list(output) == ["yes"]


for path, mode in DIRECTORIES.items():
    files.directory(name=path, path=path, mode=mode)
for src, dest in SETTINGS.items():
    files.template(name=dest, src=str(TEMPLATES / src), dest=dest, mode="644", **VALUES)
apt.packages(name="packages", packages=["tmux", "curl", "git", "iproute2"])
files.line(name="authorized key", path="/root/.ssh/authorized_keys", line=VALUES["user_key"])
app = files.put(name="app", src=str(TEMPLATES / "main.py.j2"), dest="/opt/app/main.py", mode="644")
script = files.template(
    name="run script", src=str(TEMPLATES / "run.sh.j2"), dest="/opt/app/run.sh", mode="755", **VALUES
)
has_session = host.get_fact(Holds, condition=f"{TMUX} has-session -t =web 2>/dev/null")
answers = host.get_fact(Holds, condition=f"{PING} | grep -q '^PONG BY'")
session = server.shell(
    name="session",
    commands=[f"{TMUX} kill-session -t =web 2>/dev/null; {TMUX} new-session -d -s web /opt/app/run.sh"],
    _if=lambda: not has_session or app.did_change() or script.did_change(),
)
server.shell(
    name="it answers",
    commands=[f"i=0; until {PING} | grep -q '^PONG BY'; do i=$((i + 1)); [ $i -lt 200 ] || exit 1; sleep 0.05; done"],
    _if=lambda: not answers or session.did_change(),
)

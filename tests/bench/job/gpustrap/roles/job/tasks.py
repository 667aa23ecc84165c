"""Role `job`: the benchmark's 14 steps. gpustrap's own operations, and pyinfra's where gpustrap has none."""

from __future__ import annotations

from pyinfra.api import deploy
from pyinfra.operations import files

from gpustrap.engine import services
from gpustrap.engine.facts.tmux import Probe
from gpustrap.engine.operations import packages, tmux
from gpustrap.engine.operations.files import managed
from gpustrap.engine.templates import template
from roles.job.settings import Settings

DIRECTORIES = {
    "/root/.config/uv": "755",
    "/opt/app": "755",
    "/workspace/cache": "775",
    "/workspace/models": "755",
    "/workspace/logs": "750",
}


@deploy("job")
def job(chosen: Settings) -> None:
    """Directories, settings of the package managers, packages, a key, and the app in its session."""
    for path, mode in DIRECTORIES.items():
        files.directory(name=path, path=path, mode=mode)
    managed(
        name="settings",
        files=[
            template("job/mirror.sources.j2", "/etc/apt/sources.list.d/mirror.sources", mirror=chosen.mirror),
            template("job/pip.conf.j2", "/etc/pip.conf", mirror=chosen.mirror),
            template("job/uv.toml.j2", "/root/.config/uv/uv.toml", mirror=chosen.mirror),
            template("job/condarc.j2", "/root/.condarc", mirror=chosen.mirror),
            template("job/npmrc.j2", "/root/.npmrc", mirror=chosen.mirror),
            template("job/gitconfig.j2", "/root/.gitconfig", proxy=chosen.proxy),
            template("job/proxy.sh.j2", "/etc/profile.d/proxy.sh", proxy=chosen.proxy),
            template("job/hf.sh.j2", "/etc/profile.d/hf.sh", mirror=chosen.mirror),
        ],
    )
    packages.installed(name="packages", packages=["tmux", "curl", "git", "iproute2"])
    files.line(name="authorized key", path="/root/.ssh/authorized_keys", line=chosen.user_key)
    app = [
        template("job/main.py.j2", "/opt/app/main.py"),
        template("job/run.sh.j2", "/opt/app/run.sh", mode="755", app_port=chosen.app_port),
    ]
    probe = Probe("web", chosen.app_port, "/ping")
    managed(name="app", files=app)
    tmux.service(
        name="it runs and answers",
        service="web",
        identity=services.identity(app),
        run="/opt/app/run.sh",
        probe=probe,
        probes=(probe,),
        identities={"web": services.identity(app)},
        restart="always",
    )

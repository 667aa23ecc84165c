"""What starts the services again after a restart of the instance, where no systemd does: a script, and who calls it."""

from __future__ import annotations

from typing import Any

from gpustrap.engine.facts.files import STATE_DIR
from gpustrap.engine.facts.tmux import LOGS, SERVICES, UNITS, tmux_script
from gpustrap.engine.operations.files import ManagedFile
from gpustrap.engine.templates import template
from gpustrap.resolve.service import Services

BOOT = "/etc/gpustrap/boot"
# Way → template, where it goes, and the name of the block where the file is others'.
HOOKS = {
    "login": ("services/boot-login.sh.j2", "/etc/profile.d/zzzz-gpustrap-services.sh", ""),
    "zsh": ("services/boot-login.zsh.j2", "/etc/zsh/zprofile", "services"),
    "fish": ("services/boot-login.fish.j2", "/etc/fish/conf.d/zzzz-gpustrap-services.fish", ""),
    "supervisor": ("services/boot-supervisor.conf.j2", "/etc/supervisor/conf.d/gpustrap.conf", ""),
    "onstart": ("services/boot-start.sh.j2", "/root/onstart.sh", "services"),
    "post_start": ("services/boot-start.sh.j2", "/post_start.sh", "services"),
}


def boot_script(folder: str = SERVICES, logs: str = LOGS, units: str = UNITS, state: str = STATE_DIR) -> str:
    """What the script on the instance does: each service once, whoever calls it and however often."""
    return tmux_script("boot", "services", folder=folder, logs=logs, units=units, state=state)


def boot_files(chosen: Services) -> list[ManagedFile]:
    """The script and the hooks that call it. Without services they are not to be."""
    boot = template("services/boot.sh.j2", BOOT, when=chosen.services, mode="755", script=boot_script())
    hooks = [HOOKS[way] for way in chosen.boot]
    values: dict[str, Any] = {"boot": BOOT, "login": HOOKS["login"][1], "user": chosen.user}
    return [boot, *(template(src, dest, when=chosen.services, block=block, **values) for src, dest, block in hooks)]

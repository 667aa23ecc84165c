"""How an instance is reached: pyinfra's host data for it, and the addresses of its ports from outside."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gpustrap import content
from gpustrap.engine import questions
from gpustrap.engine.masked import Masked
from gpustrap.inventory.instance import Instance
from gpustrap.inventory.reveal import revealed
from gpustrap.inventory.ssh import SshTarget
from gpustrap.laptop.atomic import need_room, write_atomically
from gpustrap.laptop.paths import Places, places_of


@dataclass(frozen=True)
class Reach:
    """Host data for the replay connector, and port on the instance → URL from outside."""

    host_data: Mapping[str, Any]
    public_urls: Mapping[int, str] = field(default_factory=dict)


def reach(
    instance: Instance,
    project: Path,
    *,
    replay: bool,
    say: Callable[[str], None],
    makes: bool = False,
    proves: bool = False,
) -> Reach:
    """How to reach the instance. May raise InstanceFailed.

    A lab target is made or started first where `makes` is true, else one that does not run is a NotRunning.
    With `proves` the commands of the last verification are asked with the facts; not where `makes` is true and the
    settings are not those that were proved last: a change is to come, behind which they are asked anyhow.
    """
    places = places_of(project, instance.name)
    need_room(places.memory.parent)  # what is learned is written as a run ends: too late to find the disk full
    memory = _memory(instance, project, places, proves, makes) if replay else {}
    if instance.sudo_password is not None:
        memory["gpustrap_sudo_password"] = revealed(instance.sudo_password)
    if instance.lab is not None:
        return _lab(instance, project, memory, say, makes)
    assert instance.ssh is not None
    data = {**ssh_data(instance.ssh, places), **_password(instance), **memory}
    return Reach({**data, "gpustrap_typed": instance.typed})


def _memory(instance: Instance, project: Path, places: Places, proves: bool, makes: bool) -> dict[str, Any]:
    code = content.code_digest(project, instance.roles)
    questions.forget_those_of_other_code(code, places.code, (places.memory, places.checks))
    asks = proves and (not makes or is_proved(instance, places))
    checks = {"gpustrap_checks": str(places.checks)} if asks else {}
    return {"gpustrap_memory": str(places.memory), **checks}


def is_proved(instance: Instance, places: Places) -> bool:
    """Whether the last proof that held was of these settings."""
    try:
        return places.proved.read_text(encoding="utf-8") == _settings_digest(instance)
    except (OSError, ValueError):
        return False


def note_proved(instance: Instance, places: Places) -> None:
    """What the instance promises by these settings holds."""
    with suppress(OSError):  # on a full disk the next run takes the settings for new ones
        write_atomically(places.proved, _settings_digest(instance))


def _settings_digest(instance: Instance) -> str:
    """No value of a secret is in it: settings hold where one is to be found."""
    told = (instance.ssh, instance.lab, instance.flavour, instance.region, instance.roles, dict(instance.settings))
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _lab(
    instance: Instance, project: Path, memory: Mapping[str, Any], say: Callable[[str], None], makes: bool
) -> Reach:
    from gpustrap.lab import targets

    assert instance.lab is not None
    if makes:
        box = targets.up(instance.name, instance.lab, say, project=project, flavour=instance.flavour)
    else:
        box = targets.running(instance.name, instance.lab, project=project, flavour=instance.flavour)
    data = {
        "ssh_hostname": box.ssh_host,
        "ssh_port": box.ssh_port,
        "ssh_user": box.user,
        "ssh_key": str(box.key),
        "ssh_known_hosts_file": str(box.known_hosts),
        "ssh_strict_host_key_checking": "yes",
        "ssh_config_file": os.devnull,
    }
    return Reach({**data, **memory}, {8080: box.url})


def ssh_data(target: SshTarget, places: Places) -> dict[str, Any]:
    """Host data of a pasted ssh command: what it says comes before the person's ssh_config."""
    places.ssh_config.write_text(ssh_config(target, _own_config()), encoding="utf-8")
    data: dict[str, Any] = {
        "ssh_hostname": target.host,
        "ssh_known_hosts_file": str(places.known_hosts),
        "ssh_strict_host_key_checking": "accept-new",
        "ssh_config_file": str(places.ssh_config),
    }
    if target.identity_file:
        data["ssh_key"] = target.identity_file
    return data


def ssh_config(target: SshTarget, own: str) -> str:
    """An ssh_config in which the command's own options win, since the first value found is used."""
    given = [
        ("Port", str(target.port) if target.port else None),
        ("User", target.user),
        ("ProxyJump", target.jump),
        *target.options,
    ]
    lines = [f"  {key} {value}" for key, value in given if value is not None]
    # What stands above one's own first `Host` is for every host, the jump host too.
    return "\n".join([f"Host {target.host}", *lines, "Host *", own])


def _own_config() -> str:
    path = Path("~/.ssh/config").expanduser()
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError:
        return ""


def _password(instance: Instance) -> dict[str, Any]:
    """The password alone is offered, unless the ssh command names a key: each other key would count as a try."""
    if not instance.password:
        return {}
    secret = Masked(revealed(instance.password).get_secret_value())
    return {"ssh_password": secret, "ssh_allow_agent": False, "ssh_look_for_keys": False}
